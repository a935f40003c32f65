from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.likely.terms import spelled, terms_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("crashes crashed crashing", ("crash",) * 3),
        ("stopped stopping", ("stop", "stop")),
        ("libraries library", ("librar", "library")),
        ("HTTPServerError", ("httpservererror", "http", "server", "error")),
        ("retry_count", ("retry_count", "retry", "count")),
        ("tableViewRow2", ("tableviewrow2", "tabl", "view", "row")),
        ("支付重试", ("支付", "付重", "重试")),
        ("付", ("付",)),
        ("支付 timeout 重试", ("timeout", "支付", "重试")),
        ("the fix for a bug", ()),
        ("0123456789abcdef 42 1a2b3c4", ()),
        ("see https://jira.example/browse/timeout", ("see",)),
        ("Übersicht öffnen", ("übersicht", "öffnen")),
        ("", ()),
    ],
)
def test_a_text_is_read_as_its_terms(text, expected):
    assert terms_of(text) == expected


def test_a_term_is_shown_as_the_text_writes_it():
    assert spelled("Crashes in tableView") == {
        "crash": "Crashes",
        "tableview": "tableView",
        "tabl": "table",
        "view": "View",
    }


def test_only_the_beginning_of_an_endless_text_is_read():
    assert "timeout" not in terms_of("word " * 10_000 + "timeout")


@pytest.mark.parametrize("unit", ["aA", "https://", "_", "支", "0a", "ing"])
def test_a_hostile_text_is_read_to_its_end(unit):
    assert isinstance(terms_of(unit * 100_000), tuple)


@given(st.text(max_size=200))
def test_any_text_has_terms_without_blanks(text):
    assert all(term and not any(c.isspace() for c in term) for term in terms_of(text))
