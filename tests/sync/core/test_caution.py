"""When a plan looks like a mistake in the mapping: too many slots at once, or too much of what was told taken back."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from sync.core.condition import Touch, TouchedSlot
from sync.core.plan import DeliveredState, is_stale, plan_for
from sync.core.status import Health

pytestmark = pytest.mark.pure

RULES = tuple(f"S{n:02}" for n in range(1, 13))


@pytest.fixture(scope="session")
def with_findings(make):
    """The commitment ``key`` with so many findings."""

    def judged(key, number, **more):
        findings = [make.finding(rule, commitment_key=key) for rule in RULES[:number]]
        return make.judged(findings, commitment={"key": key}, **more)

    return judged


@pytest.fixture(scope="session")
def options(make):
    def given(keys="ab", **limits):
        slots = {key: (("jira", key, f"PAY-{n}"),) for n, key in enumerate(keys, 1)}
        return make.options(slots, breaker=limits, max_writes_per_day=9_999)

    return given


@pytest.fixture(scope="session")
def then(make, with_findings, options):
    """Cautions of the plan for ``now`` after ``before`` was told; both are numbers of findings by commitment key."""

    def cautions(before, now, *, changed=None, **limits):
        given = options("abc", **limits)
        told = [with_findings(key, number) for key, number in before.items()]
        state = make.applied(plan_for(told, DeliveredState(), given), DeliveredState())
        if changed:
            state = changed(state)
        judged = [one if not isinstance(one, int) else with_findings(key, one) for key, one in now.items()]
        return plan_for(judged, state, given).cautions

    return cautions


def test_a_days_work_gives_no_caution(then):
    assert then({"a": 10, "b": 10}, {"a": 8, "b": 12}) == ()


@pytest.mark.parametrize(("left", "is_held"), [(5, False), (4, True)])
def test_more_than_the_share_of_the_told_findings_is_not_withdrawn_unseen(then, left, is_held):
    cautions = then({"a": 10}, {"a": left})
    said = "it withdraws 6 of the 10 findings told so far, more than write.breaker.max_withdrawn_percent (50)"
    assert cautions == ((said,) if is_held else ())


def test_of_fewer_than_ten_told_findings_no_share_is_taken(then):
    assert then({"a": 9}, {"a": 0}) == ()


def test_a_commitment_that_left_the_mapping_counts_as_withdrawn(then):
    assert len(then({"a": 8, "b": 4}, {"b": 4})) == 1
    assert then({"a": 4, "b": 8}, {"b": 8}) == ()


def test_an_unknown_commitment_withdraws_nothing(make, then, with_findings):
    assert then({"a": 12}, {"a": with_findings("a", 0, health=Health.UNKNOWN)}) == ()


def test_a_comment_that_is_left_alone_withdraws_nothing(make, then):
    def left(state):
        slot = make.slot("a", "a")
        one = TouchedSlot(slot=slot, touch=Touch.EDITED, since=make.NOW, is_left_alone=True)
        return replace(state, touched={slot: one})

    assert then({"a": 12}, {"a": 0}, changed=left) == ()


def test_findings_that_are_told_in_two_slots_count_once(make, with_findings):
    slots = {"a": (("jira", "1", "PAY-1"), ("jira", "2", "PAY-2"))}
    given = make.options(slots)
    state = make.applied(plan_for([with_findings("a", 9)], DeliveredState(), given), DeliveredState())
    assert len(state.told) == 2
    assert plan_for([with_findings("a", 0)], state, given).cautions == ()


def test_what_is_put_off_by_a_budget_counts_too(then):
    assert len(then({"a": 10}, {"a": 0}, changed=lambda state: replace(state, written_today=9_999))) == 1


@pytest.mark.parametrize(("most", "is_held"), [(3, False), (2, True)])
def test_more_slots_than_the_limit_are_not_written_unseen(then, most, is_held):
    said = f"it writes 3 comments, more than write.breaker.max_slots ({most})"
    assert then({}, {"a": 1, "b": 1, "c": 1}, max_slots=most) == ((said,) if is_held else ())


def test_slots_beyond_the_write_budget_count_too(make, with_findings, options):
    given = options("abc", max_slots=2)
    given = replace(given, write=given.write.model_copy(update={"max_writes_per_run": 1}))
    plan = plan_for([with_findings(key, 1) for key in "abc"], DeliveredState(), given)
    assert len(plan.commands) == 1
    assert len(plan.cautions) == 1


def test_both_limits_can_be_passed_at_once(then):
    assert len(then({"a": 12}, {"a": 0}, max_slots=0)) == 2


def test_a_held_plan_stays_held_until_it_is_carried_out_and_what_is_gone_is_forgotten(
    make, with_findings, options
):
    given, told = options(), [with_findings("a", 12), with_findings("b", 1)]
    state = make.applied(plan_for(told, DeliveredState(), given), DeliveredState())
    for _ in range(2):
        plan = plan_for(told[1:], state, given)
        assert (len(plan.cautions), plan.gone) == (1, (make.slot("a", "a"),))
    state = make.applied(plan, state)
    after = plan_for(told[1:], state, given)
    assert (after.cautions, after.gone) == ((), ())


def test_cautions_are_no_part_of_the_basis(make, with_findings, options):
    judged = [with_findings("a", 1)]
    one, other = (plan_for(judged, DeliveredState(), options("a", max_slots=most)) for most in (0, 9))
    assert (len(one.cautions), len(other.cautions)) == (1, 0)
    assert not is_stale(one, other)
