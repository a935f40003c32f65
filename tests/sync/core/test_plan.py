from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.actions import COMMENT
from sync.core.condition import Touch, TouchedSlot
from sync.core.finding import Severity
from sync.core.plan import ActionKind, DeliveredState, is_stale, plan_for
from sync.core.plan_json import to_json
from sync.core.progress import Counts
from sync.core.status import Health

pytestmark = pytest.mark.pure

KEYS = ("a", "b", "c", "d")
EMPTY = DeliveredState()


@st.composite
def judgements(draw, make):
    """A judgement of every key: health, counts and findings at random."""
    judged = []
    for key in KEYS:
        rules = draw(st.lists(st.sampled_from(["S01", "S04", "S09"]), unique=True))
        severities = draw(st.lists(st.sampled_from(Severity), min_size=3, max_size=3))
        findings = [
            make.finding(rule, severity, commitment_key=key)
            for rule, severity in zip(rules, severities, strict=False)
        ]
        counts = Counts(delivered=draw(st.integers(0, 3)), to_do=draw(st.integers(0, 3)))
        health = draw(st.sampled_from(Health))
        judged.append(make.judged(findings, commitment={"key": key}, counts=counts, health=health))
    return judged


def slots(draw, *, is_shared):
    """Issues of every key: one or two of its own, or (shared) any of three."""
    if is_shared:
        return {
            key: tuple({("jira", f"1{n}", f"PAY-{n}") for n in draw(st.lists(st.integers(1, 3), max_size=2))})
            for key in KEYS
        }
    return {
        key: tuple(("jira", f"{n}{m}", f"PAY-{n}{m}") for m in range(draw(st.integers(1, 2))))
        for n, key in enumerate(KEYS, 1)
    }


def happened(draw, state):
    """The state after some writes broke off, people touched some comments, and some issues had all the new comments that a day allows."""
    places = sorted(state.receipts)
    some = st.lists(st.sampled_from(places), unique=True) if places else st.just([])
    touched = {
        slot: TouchedSlot(
            slot=slot,
            touch=draw(st.sampled_from(Touch)),
            since=datetime(2026, 11, 22, tzinfo=UTC),
            is_left_alone=draw(st.booleans()),
        )
        for slot, target in draw(some)
        if target == COMMENT
    }
    loud = {(slot.source, slot.issue_id): 3 for slot, _ in draw(some)}
    return replace(state, unsure=frozenset(draw(some)), touched=touched, loud_today=loud)


@settings(deadline=None, max_examples=60)
@given(data=st.data(), is_shared=st.booleans())
def test_after_a_plan_was_applied_the_next_ones_settle_on_doing_nothing(make, data, is_shared):
    options = make.options(slots(data.draw, is_shared=is_shared), max_writes_per_day=10_000)
    state = EMPTY
    for judged in (data.draw(judgements(make)), data.draw(judgements(make))):
        rounds = 1 + is_shared * len(KEYS)  # commitments that share an issue take turns
        for _ in range(rounds):
            state = make.applied(plan_for(judged, state, options), state)
        state = happened(data.draw, state)
        for _ in range(rounds):
            state = make.applied(plan_for(judged, state, options), state)
        later = replace(options, now=make.NOW + timedelta(hours=9))
        settled = plan_for(judged, state, later)
        assert settled.commands == ()
        assert {action.kind for action in settled.actions} <= {
            ActionKind.NO_OP,
            ActionKind.BLOCKED,
            ActionKind.LEFT,
        }
        assert settled.cautions == ()


@settings(deadline=None, max_examples=40)
@given(data=st.data(), is_shared=st.booleans())
def test_order_does_not_matter_and_equal_inputs_give_equal_bytes(make, data, is_shared):
    options = make.options(
        slots(data.draw, is_shared=is_shared), max_writes_per_run=data.draw(st.integers(0, 9))
    )
    judged = data.draw(judgements(make))
    shuffled = data.draw(st.permutations(judged))
    turned = replace(options, slots={key: options.slots[key][::-1] for key in reversed(KEYS)})
    assert to_json(plan_for(judged, EMPTY, options)) == to_json(plan_for(shuffled, EMPTY, turned))


@settings(deadline=None, max_examples=40)
@given(data=st.data())
def test_another_commitments_findings_change_nothing_here(make, data):
    options = make.options(slots(data.draw, is_shared=False))
    before = data.draw(judgements(make))
    changed = [before[0], *data.draw(judgements(make))[1:]]
    one, other = (plan_for(judged, EMPTY, options) for judged in (before, changed))
    assert _of(one, "a", options) == _of(other, "a", options)


def _of(plan, key, options):
    issues = {issue_id for _, issue_id, _ in options.slots[key]}
    return [action for action in plan.actions if action.slot.issue_id in issues]


@settings(deadline=None, max_examples=40)
@given(data=st.data(), budget=st.integers(0, 6), written=st.integers(0, 6))
def test_limits_hold_whatever_is_planned(make, data, budget, written):
    options = make.options(slots(data.draw, is_shared=True), max_writes_per_run=budget, max_writes_per_day=6)
    plan = plan_for(data.draw(judgements(make)), DeliveredState(written_today=written), options)
    assert len(plan.commands) <= min(budget, 6 - written)
    targets = [(a.slot.source, a.slot.issue_id, a.target) for a in plan.actions if a.command]
    assert len(targets) == len(set(targets))
    assert all((action.command is not None) is action.kind.is_write for action in plan.actions)


def test_actions_are_ordered_by_project_number_target_and_commitment(make):
    places = {"a": ("PAY", 10), "b": ("PAY", 9), "c": ("CORE", 100), "d": ("PAY", 9)}
    options = make.options({key: (("jira", f"{p}{n}", f"{p}-{n}"),) for key, (p, n) in places.items()})
    plan = plan_for([make.judged(commitment={"key": key}) for key in places], EMPTY, options)
    assert [(a.issue_key, a.target == COMMENT, a.slot.commitment_key) for a in plan.actions] == [
        ("CORE-100", True, "c"),
        ("CORE-100", False, "*"),
        ("PAY-9", True, "b"),
        ("PAY-9", True, "d"),
        ("PAY-9", False, "*"),
        ("PAY-10", True, "a"),
        ("PAY-10", False, "*"),
    ]


def test_a_second_comment_on_one_issue_waits_for_the_next_run(make):
    issue = ("jira", "1", "PAY-1")
    options = make.options({"a": (issue,), "b": (issue,)})
    judged = [make.judged(commitment={"key": key}) for key in ("a", "b")]
    first = plan_for(judged, EMPTY, options)
    assert [a.kind.value for a in first.actions] == ["create", "deferred", "create"]
    assert first.actions[1].why == "another comment on PAY-1 is written in this run"
    second = plan_for(judged, make.applied(first, EMPTY), options)
    assert [a.kind.value for a in second.actions] == ["no_op", "create", "no_op"]


def test_a_small_budget_goes_first_to_what_notifies_then_to_edits_then_to_properties(make):
    options = make.options({key: (("jira", key, f"PAY-{n}"),) for n, key in enumerate(KEYS, 1)})
    judged = [make.judged(commitment={"key": key}) for key in KEYS]
    state = replace(make.applied(plan_for(judged, EMPTY, options), EMPTY), written_today=0)
    changed = [
        make.judged(commitment={"key": "a"}, counts=Counts(delivered=1)),
        *judged[1:3],
        make.judged([make.finding(commitment_key="d")], commitment={"key": "d"}),
    ]
    kinds = []
    for budget in (1, 2, 3):
        given = replace(options, write=options.write.model_copy(update={"max_writes_per_run": budget}))
        plan = plan_for(changed, state, given)
        kinds.append([a.kind.value for a in plan.actions if a.kind is not ActionKind.NO_OP])
    assert kinds == [
        ["deferred", "replace", "deferred"],
        ["update", "replace", "deferred"],
        ["update", "replace", "update"],
    ]


def test_the_day_budget_counts_what_was_written_already(make):
    options = make.options(max_writes_per_day=5)
    plan = plan_for([make.judged()], DeliveredState(written_today=4), options)
    assert [a.kind.value for a in plan.actions] == ["create", "deferred"]
    assert plan.actions[1].why == "the write budget of this run or day is spent"
    assert plan_for([make.judged()], DeliveredState(written_today=9), options).commands == ()


def test_counts_tell_writes_and_notifications(make):
    plan = plan_for([make.judged()], EMPTY, make.options())
    assert plan.counts["create"] == plan.counts["writes"] == 2
    assert plan.counts["notifying"] == 1
    assert (plan.commitments, plan.unknown, plan.unplaced) == (1, 0, ())


def test_commitments_without_a_slot_and_unknown_ones_are_told(make):
    judged = [
        make.judged(commitment={"key": "a"}),
        make.judged(commitment={"key": "b"}, health=Health.UNKNOWN),
    ]
    plan = plan_for(judged, EMPTY, make.options({"b": (("jira", "1", "PAY-1"),)}))
    assert (plan.unplaced, plan.unknown, plan.commands) == (("a",), 1, ())


def test_a_plan_of_a_mapping_that_forbids_writing_says_so(make):
    assert not plan_for([make.judged()], EMPTY, make.options(enabled=False)).is_write_enabled


def test_a_plan_is_stale_once_anything_that_decides_it_has_changed_but_not_by_time(make):
    judged, options = make.judged([make.finding()]), make.options()
    plan = plan_for([judged], EMPTY, options)
    assert not is_stale(plan, plan_for([judged], EMPTY, replace(options, now=make.NOW + timedelta(hours=1))))
    for current in (
        plan_for([make.judged([make.finding("S02")])], EMPTY, options),
        plan_for([judged], make.applied(plan, EMPTY), options),
        plan_for([judged], EMPTY, make.options(language="zh")),
        plan_for([judged], EMPTY, make.options(enabled=False)),
        plan_for([judged], EMPTY, make.options(visibility={"role": "Dev"})),
        plan_for([judged], EMPTY, make.options({"payment-core-2.0": (("jira", "2", "PAY-2"),)})),
    ):
        assert is_stale(plan, current)


def test_a_plan_is_stale_once_something_else_stands_in_a_slot(make):
    options, wanted = make.options(), [make.judged(counts=Counts(delivered=9))]
    states = [
        make.applied(plan_for([make.judged(counts=Counts(delivered=n))], EMPTY, options), EMPTY)
        for n in (1, 2)
    ]
    one, other = (plan_for(wanted, state, options) for state in states)
    assert [a.kind for a in one.actions] == [a.kind for a in other.actions]
    assert is_stale(one, other)
