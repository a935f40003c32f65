"""What explain tells of a commitment's comments."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest
from msgspec.structs import replace

from connectors.commands import Receipt
from connectors.port import Completeness
from connectors.records import KeyAlias
from sync.core.condition import Condition, Sighting
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import Judgement, findings_of
from sync.core.explain import explanation_of, lines_of
from sync.core.finding import Finding
from sync.core.judged import judged_alone, told_of
from sync.core.slot_state import COMMENT, DeliveredState
from sync.core.world import World
from tests import builders

pytestmark = pytest.mark.pure

WRITTEN = builders.NOW - timedelta(days=3)
MILESTONE = {**builders.MAPPING["milestones"][0], "slot": {"issue": "PAY-1"}}


def world(*keys: str, **more) -> World:
    """The slot PAY-1, and items that are done while their merge requests are open."""
    records = [builders.issue("PAY-1", type="Epic", status="In Progress")]
    for number, key in enumerate(keys, 1):
        records.append(builders.issue(key, status="Done"))
        records.append(builders.change(key, "Done", builders.NOW - timedelta(days=5)))
        records.append(builders.mr(number, title=f"{key}: x"))
    return builders.world(records, mapping={"milestones": [MILESTONE]} | more.pop("mapping", {}), **more)


def judged_in(given: World) -> Judgement:
    return findings_of(given, {"S01": rules()["S01"]})


def told_in(given: World) -> DeliveredState:
    """What stands in Jira once the comment about ``given`` was written."""
    slot = builders.touched_slot("PAY-1", "edited", WRITTEN).slot
    receipt = Receipt(slot=slot, target=COMMENT, digest="d", body="b", delivered_at=WRITTEN)
    judged = judged_alone(given, given.commitments[0], judged_in(given).findings)
    return DeliveredState(receipts={(slot, COMMENT): receipt}, told={slot: told_of(judged)})


def explained(given: World, state: DeliveredState):
    return explanation_of(given, judged_in(given), "pay-2.0", position_of=str, state=state)


def remembering(given: World, *findings: Finding) -> World:
    seen = (
        Sighting(
            fingerprint=f.fingerprint,
            rule=f.rule,
            commitment_key=f.commitment_key,
            first_seen_at=WRITTEN,
            first=f.sight,
        )
        for f in findings
    )
    return dataclasses.replace(given, condition=Condition(sightings=tuple(seen)))


def test_before_the_first_comment_there_is_none() -> None:
    found = explained(world("PAY-2"), DeliveredState())
    assert [(c.issue_key, c.written_at) for c in found.comments] == [("PAY-1", None)]
    assert "comment      none on PAY-1 yet" in lines_of(found)


def test_right_after_a_comment_nothing_has_changed() -> None:
    found = explained(world("PAY-2"), told_in(world("PAY-2")))
    assert found.comments[0].changes == found.comments[0].came == found.comments[0].cleared == ()
    assert "comment      on PAY-1, 2026-11-17 12:00 UTC; since then: nothing has changed" in lines_of(found)


def test_what_came_and_what_cleared_since_is_named() -> None:
    before, after = world("PAY-2"), world("PAY-3")
    (old,) = judged_in(before).findings
    (comment,) = explained(remembering(after, old), told_in(before)).comments
    assert (comment.came, comment.cleared) == (("S01 PAY-3",), ("S01 PAY-2",))
    assert comment.changes == ("PAY-3 added", "PAY-2 removed", "new drift: 1", "drift cleared: 1")


def test_what_was_suppressed_since_says_so() -> None:
    quiet = {"rule": "S01", "reason": "migration", "owner": "Li Wei", "until": "2026-12-01"}
    after = world("PAY-2", mapping={"suppressions": [quiet]})
    (comment,) = explained(after, told_in(world("PAY-2"))).comments
    assert comment.cleared == ("S01 PAY-2 (suppressed)",)


def test_of_what_was_told_and_is_not_remembered_the_fingerprint_is_left() -> None:
    before = world("PAY-2")
    (old,) = judged_in(before).findings
    (comment,) = explained(world(), told_in(before)).comments
    assert comment.cleared == (old.fingerprint,)


def test_an_unknown_commitment_is_compared_with_nothing() -> None:
    blind = builders.verdict("issues", "PAY", completeness=Completeness.FORBIDDEN)
    given = world("PAY-2", verdicts=[blind])
    (comment,) = explained(given, told_in(world("PAY-2"))).comments
    assert comment.changes == ("the commitment is unknown now, so nothing can be told of it",)


def test_a_comment_of_which_nothing_is_remembered_says_so() -> None:
    state = replace(told_in(world("PAY-2")), told={})
    (comment,) = explained(world("PAY-2"), state).comments
    assert comment.changes == ("what it said was not kept",)


def test_a_slot_is_found_by_a_former_key() -> None:
    alias = KeyAlias(source="jira", key="OLD-1", issue_id=builders.number_of("PAY-1"))
    moved = world(
        "PAY-2", mapping={"milestones": [MILESTONE | {"slot": {"issue": "OLD-1"}}]}, aliases=[alias]
    )
    assert [c.issue_key for c in explained(moved, told_in(world("PAY-2"))).comments] == ["PAY-1"]
