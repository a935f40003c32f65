"""A mark says what a row's change can matter to."""

from __future__ import annotations

import pytest

from sync.store.marks import COMMITMENT, MEMBERSHIPS, PLACE, TODO, mark, marked, marks_of, unmark


@pytest.mark.parametrize(
    ("kind", "row", "expected"),
    [
        ("issue", {"id": "1", "partition": "PAY"}, {("issue", "1")}),
        ("field_change", {"id": "9", "issue_id": "1", "partition": "PAY"}, {("issue", "1")}),
        ("version", {"id": "9", "project_key": "PAY", "partition": "PAY"}, {(PLACE, "PAY")}),
        ("sprint", {"id": "9", "partition": "a board"}, {(PLACE, "a board")}),
        ("project", {"id": "11", "partition": "*"}, {(PLACE, "11")}),
        ("pipeline", {"id": "9", "project_id": "11", "partition": "11"}, {(PLACE, "11")}),
        ("milestone", {"id": "9", "project_id": None, "partition": "a group"}, {(PLACE, "a group")}),
        ("approval", {"id": "9", "partition": "11"}, {(PLACE, "11")}),
        (
            "merge_request",
            {"id": "9", "project_id": "11", "partition": "11"},
            {("merge_request", "9"), ("code", "11"), ("code merge_request", "11 9"), (PLACE, "11")},
        ),
        (
            "todo",
            {"id": "9", "project_id": "11", "partition": "11", "text": "until pay-12 is there"},
            {(PLACE, "11"), (TODO, "11")},
        ),
    ],
)
def test_a_row_marks_its_issue_or_its_place(kind, row, expected) -> None:
    assert marks_of(kind, [{"source": "a", **row}]) == {("a", *one) for one in expected}


def test_what_is_marked_stays_so_until_it_is_dealt_with(engine) -> None:
    first, second = ("*", COMMITMENT, "a"), ("*", COMMITMENT, "b")
    with engine.begin() as connection:
        for found in ((first,), (first, second), ()):
            mark(connection, found)
        unmark(connection, ())
        assert marked(connection, COMMITMENT) == {first, second}
        unmark(connection, (first, ("*", COMMITMENT, "never marked")))
        assert marked(connection, COMMITMENT) == {second}
        assert marked(connection, PLACE) == frozenset()


def test_records_are_marked_once_it_was_worked_out_where_all_belong(engine) -> None:
    """Until then that is going to be worked out of all of them."""
    issue, place = ("jira", "issue", "1"), ("jira", PLACE, "PAY")
    with engine.begin() as connection:
        mark(connection, {issue, place})
        assert marked(connection, "issue", PLACE) == {place}
        mark(connection, {("*", MEMBERSHIPS, "a digest")})
        mark(connection, {issue, place})
        assert marked(connection, "issue", PLACE) == {issue, place}
