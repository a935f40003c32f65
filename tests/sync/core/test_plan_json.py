from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from connectors.errors import ConfigError
from connectors.port import Completeness
from sync.core.judged import told_of
from sync.core.plan import DeliveredState, plan_for
from sync.core.plan_json import from_json, to_json
from sync.core.status import Health

pytestmark = pytest.mark.pure


@pytest.fixture(scope="session")
def plan(make):
    """A plan with every kind of value in it."""
    places = {key: (("jira", key, f"PAY-{n}"),) for n, key in enumerate("abc", 1)}
    options = make.options(places, visibility={"role": "Dev"}, max_writes_per_run=3)
    blind = (make.verdict("commits", "1", Completeness.PARTIAL),)
    judged = [
        make.judged(
            [make.finding(commitment_key="a")], commitment={"key": "a", "title": "支付 \ud800{code}"}
        ),
        make.judged(commitment={"key": "b"}, health=Health.UNKNOWN, blind_spots=blind),
        make.judged(commitment={"key": "c"}),
        make.judged(commitment={"key": "d"}),
    ]
    return plan_for(judged, DeliveredState(), options)


def test_what_was_written_reads_as_the_same_plan(plan):
    assert from_json(to_json(plan)) == plan
    assert to_json(from_json(to_json(plan))) == to_json(plan)
    assert {a.kind.value for a in plan.actions} == {"create", "blocked", "deferred"}


def test_a_plan_that_changes_comments_reads_back_too(make):
    options = make.options()
    first = plan_for([make.judged()], DeliveredState(), options)
    second = plan_for([make.judged([make.finding()])], make.applied(first, DeliveredState()), options)
    assert from_json(to_json(second)) == second


def test_cautions_and_what_is_gone_read_back_and_cannot_be_taken_out(make):
    options = make.options(breaker={"max_slots": 0})
    before = make.judged(commitment={"key": "old"})
    told = {make.slot("old", "7"): told_of(before)}
    plan = plan_for([make.judged()], DeliveredState(told=told), options)
    assert (len(plan.cautions), plan.gone) == (1, (make.slot("old", "7"),))
    assert from_json(to_json(plan)) == plan
    raw = json.loads(to_json(plan))
    del raw["cautions"]
    with pytest.raises(ConfigError, match="changed after it was written"):
        from_json(json.dumps(raw))


def test_the_schema_version_is_the_first_field_and_digest_and_counts_are_there(plan):
    raw = json.loads(to_json(plan))
    assert next(iter(raw.items())) == ("schema_version", 3)
    assert (raw["digest"], raw["counts"]["writes"]) == (plan.digest, 3)


def test_an_unknown_version_is_refused(plan):
    text = to_json(plan).replace('"schema_version": 3', '"schema_version": 1')
    with pytest.raises(ConfigError, match="schema version 1"):
        from_json(text)


def test_a_plan_that_was_edited_is_refused(plan):
    with pytest.raises(ConfigError, match="changed after it was written"):
        from_json(to_json(plan).replace("AT RISK", "ON TRACK"))


@pytest.mark.parametrize(
    "text", ["", "null", "[1]", "{", "{}", '{"schema_version": 3}', '{"schema_version": 2, "actions": 3}']
)
def test_what_is_no_plan_is_refused(text):
    with pytest.raises(ConfigError, match="plan again"):
        from_json(text)


def test_the_digest_follows_every_field(plan):
    assert plan.digest != replace(plan, unknown=7).digest
    assert plan.digest != replace(plan, actions=plan.actions[1:]).digest
