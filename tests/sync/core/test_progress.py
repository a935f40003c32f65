from __future__ import annotations

import pytest

from mappings.commitments import CommitmentKind
from mappings.terms import Debt
from sync.core.progress import Counts, items_of, progress_of_commitment

pytestmark = pytest.mark.pure


def keys(world):
    return {issue.key for issue in items_of(world, world.commitments[0])}


def test_items_are_counted_by_progress_and_dropped_ones_are_not_in_the_total(make):
    kinds = ["delivered", "delivered", "in_review", "in_progress", "to_do", "dropped"]
    world = make.world([make.issue(f"PAY-{n}", kind) for n, kind in enumerate(kinds, start=10)])
    counts = progress_of_commitment(world, world.commitments[0])
    assert counts == Counts(delivered=2, in_review=1, in_progress=1, to_do=1, dropped=1)
    assert (counts.total, counts.open) == (5, 3)


def test_a_commitment_without_items_counts_nothing(make):
    world = make.world([])
    assert progress_of_commitment(world, world.commitments[0]) == Counts()


def test_sub_tasks_are_not_counted_beside_their_parent_but_without_it(make):
    story = make.issue("PAY-10")
    beside = make.issue("PAY-11", is_subtask=True, type="Sub-task", parent_key="PAY-10")
    alone = make.issue("PAY-12", is_subtask=True, type="Sub-task", parent_key="PAY-99")
    assert keys(make.world([story, beside, alone])) == {"PAY-10", "PAY-12"}


def test_a_story_with_sub_tasks_only_is_still_counted(make):
    child = make.issue("PAY-11", is_subtask=True, type="Sub-task", parent_key="PAY-10")
    assert keys(make.world([make.issue("PAY-10"), child])) == {"PAY-10"}


def test_an_epic_is_its_children(make):
    epic = make.issue("PAY-2", type="Epic")
    assert keys(make.world([epic, make.issue("PAY-10", epic_key="PAY-2")])) == {"PAY-10"}
    assert keys(make.world([epic])) == {"PAY-2"}


def test_the_epic_that_the_milestone_stands_for_is_not_counted(make):
    epic = make.issue("PAY-2", type="Epic")
    own = (make.commitment(anchors=(epic.ref,)),)
    assert keys(make.world([epic, make.issue("PAY-10")], commitments=own)) == {"PAY-10"}


def test_a_card_that_carries_the_comment_is_not_counted_but_a_story_that_does_is(make):
    assert keys(make.world([make.issue("PAY-1", type="Milestone"), make.issue("PAY-10")])) == {"PAY-10"}
    assert keys(make.world([make.issue("PAY-1"), make.issue("PAY-10")])) == {"PAY-1", "PAY-10"}


def test_the_issue_of_a_debt_item_is_its_work(make):
    issue = make.issue("PAY-1", "delivered", type="Tech Debt")
    own = (make.commitment(kind=CommitmentKind.DEBT, debt=Debt(issue_key="PAY-1"), anchors=(issue.ref,)),)
    world = make.world([issue], commitments=own)
    assert progress_of_commitment(world, own[0]) == Counts(delivered=1)
