"""Since when an issue stands as it stands."""

from __future__ import annotations

from datetime import timedelta

import pytest

from sync.core.history import done_at, standing_of
from tests import builders

pytestmark = pytest.mark.pure

DAY = timedelta(days=1)


def standing(status: str, *changes: tuple[str, str, int], **fields):
    """The standing of an issue with ``status`` after changes (from, to, days ago)."""
    issue = builders.issue("PAY-1", status=status, **fields)
    made = [builders.change("PAY-1", to, builders.NOW - days * DAY, was=was) for was, to, days in changes]
    return standing_of(builders.world([issue, *made]), issue)


def test_the_run_of_done_statuses_begins_with_its_first() -> None:
    changes = ("In Progress", "Resolved", 5), ("Resolved", "Closed", 2)
    assert standing("Closed", *changes).at == builders.NOW - 5 * DAY


def test_a_status_that_nobody_knows_ends_the_run() -> None:
    changes = ("In Progress", "Signed Off", 5), ("Signed Off", "Done", 2)
    assert standing("Done", *changes).at == builders.NOW - 2 * DAY


def test_a_changelog_that_ends_elsewhere_gives_way_to_the_resolution() -> None:
    resolved = builders.NOW - 3 * DAY
    assert standing("Done", ("To Do", "In Progress", 9), resolved_at=resolved).at == resolved


def test_without_anything_it_stands_so_since_it_was_made_and_nobody_is_named() -> None:
    found = standing("Done", updated_at=builders.NOW)
    assert (found.at, found.author_name) == (builders.NOW - 30 * DAY, None)


def test_a_changelog_that_ends_elsewhere_without_a_resolution_gives_its_newest_change() -> None:
    changes = ("To Do", "In Progress", 9), ("In Progress", "Done in its old name", 4)
    assert standing("Done", *changes, updated_at=builders.NOW).at == builders.NOW - 4 * DAY


def test_changes_after_now_are_not_seen() -> None:
    issue = builders.issue("PAY-1", status="Done", resolved_at=builders.NOW - 4 * DAY)
    future = builders.change("PAY-1", "Done", builders.NOW + DAY)
    assert done_at(builders.world([issue, future]), issue) == builders.NOW - 4 * DAY


def test_progress_is_counted_from_the_move_into_it_not_through_review() -> None:
    changes = ("To Do", "In Progress", 9), ("In Progress", "In Review", 6), ("In Review", "In Progress", 4)
    assert standing("In Progress", *changes).at == builders.NOW - 4 * DAY
