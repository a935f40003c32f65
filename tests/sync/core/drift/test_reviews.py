"""Reviews: threads of several notes, and whose approvals count."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from connectors.records import Note
from sync.core.drift.reviews import has_open_thread, missing_approvals, open_threads
from tests.builders import NOW, approval, issue, mr, note, notes, world

pytestmark = pytest.mark.pure

REQUEST = mr(
    1,
    title="PAY-1 retry",
    state="merged",
    merged_at=NOW - timedelta(days=5),
    author_id="liwei",
    comment_count=9,
)


def hours_before_merge(hours: float) -> Any:
    return NOW - timedelta(days=5, hours=hours)


def opened(*said: Note) -> list[str]:
    judged = world([issue("PAY-1"), REQUEST, notes(1, *said)])
    return [first.id for first in open_threads(judged, REQUEST)]


def test_a_thread_is_told_by_its_first_note_and_open_while_any_of_its_notes_is() -> None:
    asked = note(hours_before_merge(5), id="1", thread_id="a", is_resolved=True)
    answer = note(hours_before_merge(2), id="2", thread_id="a")
    done = note(hours_before_merge(3), id="3", thread_id="b", is_resolved=True)
    assert opened(asked, done, answer) == ["1"]
    assert opened(asked, done) == []


def test_an_answer_after_the_merge_does_not_make_a_thread_a_late_one() -> None:
    asked = note(hours_before_merge(0), id="1", thread_id="a")
    answer = note(hours_before_merge(-9), id="2", thread_id="a")
    assert opened(asked, answer) == ["1"]
    assert opened(note(hours_before_merge(-0.01), id="1")) == []


def test_any_open_thread_is_asked_after_even_one_that_does_not_count() -> None:
    late = note(hours_before_merge(-9), is_author_bot=True)
    assert opened(late) == []
    assert has_open_thread(notes(1, late))


def test_nothing_is_known_of_notes_and_approvals_that_were_never_asked() -> None:
    judged = world([issue("PAY-1"), REQUEST])
    assert open_threads(judged, REQUEST) == ()
    assert missing_approvals(judged, REQUEST, minimum=3) == 0


@pytest.mark.parametrize(
    ("given", "minimum", "missing"),
    [
        ({"approver_ids": ("zmin",)}, 1, 0),
        ({"approver_ids": ("zmin",)}, 2, 1),
        ({"approver_ids": ("zmin",)}, 1.5, 1),
        ({"approver_ids": ("LiWei", "Renovate")}, 1, 1),
        ({"approver_ids": ("zmin", "chen"), "missing_count": 1}, 1, 1),
        ({"approver_ids": (), "missing_count": 1}, 3, 3),
        ({"approver_ids": (), "required_count": 2}, 0, 0),
    ],
)
def test_what_lacks_more_counts_gitlabs_rules_or_the_mapping(
    given: dict[str, Any], minimum: float, missing: int
) -> None:
    mapping = {"vocabulary": {"bots": ["renovate"]}}
    judged = world([issue("PAY-1"), REQUEST, approval(1, **given)], mapping=mapping)
    assert missing_approvals(judged, REQUEST, minimum=minimum) == missing
