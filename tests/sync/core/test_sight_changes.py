"""How a finding differs from what was seen of it before."""

from __future__ import annotations

import pytest

from sync.core.finding import Severity, Sight
from sync.core.sight_changes import changes_between

pytestmark = pytest.mark.pure

ISSUE, OLD, NEW = ("r:1", "PAY-1", "Done"), ("r:2", "!1", "opened"), ("r:3", "!2", "draft")


def sight(*evidence: tuple[str, str, str], severity: Severity = Severity.HIGH, says: str = "so") -> Sight:
    return Sight(severity=severity, says=says, evidence=evidence)


def test_the_same_sight_has_no_changes() -> None:
    assert changes_between(sight(ISSUE, OLD), sight(ISSUE, OLD)) == ()


def test_the_order_of_evidence_is_no_change() -> None:
    assert changes_between(sight(ISSUE, OLD), sight(OLD, ISSUE)) == ()


def test_every_difference_is_told_with_what_it_was() -> None:
    then = sight(ISSUE, OLD, severity=Severity.WARNING, says="PAY-1 is Done")
    now = sight(("r:1", "PAY-1", "Closed"), NEW, says="PAY-1 is Closed")
    assert changes_between(then, now) == (
        "severity high, was warning",
        "PAY-1 Closed; was Done",
        "!2 came: draft",
        "!1 left",
        "it said: PAY-1 is Done",
    )
