"""The last day of a token in words."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from connectors.check import expiry_text, is_ending

pytestmark = pytest.mark.pure

TODAY = date(2026, 11, 20)


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (30, "expires on 2026-12-20, in 30 days"),
        (1, "expires on 2026-11-21, in 1 day"),
        (0, "expires on 2026-11-20, in 0 days"),
        (-1, "expired on 2026-11-19"),
    ],
)
def test_a_last_day_is_told_with_what_is_left(days, text):
    assert expiry_text(TODAY + timedelta(days=days), today=TODAY) == text


@pytest.mark.parametrize(("days", "ending"), [(14, False), (13, True), (-400, True)])
def test_a_token_is_ending_below_14_days(days, ending):
    assert is_ending(TODAY + timedelta(days=days), today=TODAY) is ending
