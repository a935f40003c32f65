"""Which findings are shown: by code, commitment, audience, day and newness."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from sync.core.condition import Condition, Sighting
from sync.core.drift.catalogue import rules
from sync.core.drift.choice import Choice, chosen, cleared_lately, prefixes_of
from sync.core.drift.judge import findings_of
from sync.core.finding import Audience
from tests import builders

pytestmark = pytest.mark.pure
NOW = builders.NOW
DAY = timedelta(days=1)
RECORDS = (
    builders.issue("PAY-1", status="Done"),
    builders.change("PAY-1", "Done", NOW - 3 * DAY),
    builders.mr(1, title="PAY-1: x"),
    builders.mr(2),
)
NO_OWNER = {
    "milestones": [
        {"key": "pay-2.0", "title": "P", "technical_owner": "Li Wei", "scope": {"project": "PAY"}},
    ]
}


def shown(choice: Choice, condition: Condition | None = None) -> set[str]:
    world = builders.world(RECORDS, mapping=NO_OWNER, condition=condition)
    return {f.rule for f in chosen(world, findings_of(world, rules()).findings, choice)}


@pytest.mark.parametrize(
    ("choice", "rules_shown"),
    [
        (Choice(), {"S01", "L01", "G01"}),
        (Choice(select=("S", "L01")), {"S01", "L01"}),
        (Choice(ignore=("S", "L01")), {"G01"}),
        (Choice(select=("S", "L"), ignore=("L01",)), {"S01"}),
        (Choice(commitment="pay-2.0"), {"S01", "G01"}),
        (Choice(commitment="other"), set()),
        (Choice(is_new=True), {"S01", "L01", "G01"}),
    ],
)
def test_a_choice_takes_what_all_of_it_fits(choice: Choice, rules_shown: set[str]) -> None:
    assert shown(choice) == rules_shown


@pytest.mark.parametrize(
    ("audience", "audiences_shown"),
    [
        (Audience.TECHNICAL, {"technical", "both"}),
        (Audience.ENGINEERING, {"engineering", "both"}),
        (Audience.OPERATOR, {"operator"}),
    ],
)
def test_an_audience_sees_its_own_findings_and_those_for_both_owners(
    audience: Audience, audiences_shown: set[str]
) -> None:
    world = builders.world(RECORDS)
    (one,) = findings_of(world, {"S01": rules()["S01"]}).findings
    found = tuple(replace(one, audience=a) for a in Audience)
    assert {f.audience.value for f in chosen(world, found, Choice(audience=audience))} == audiences_shown


def sighting(fingerprint: str, **more: object) -> Sighting:
    given = {"first_seen_at": NOW - 9 * DAY, "found_at": NOW - 5 * DAY} | more
    return Sighting(fingerprint=fingerprint, rule="S01", commitment_key="pay-2.0", **given)  # type: ignore[arg-type]


def test_since_a_day_means_counted_first_on_that_day_or_later() -> None:
    world = builders.world(RECORDS)
    (one,) = findings_of(world, {"S01": rules()["S01"]}).findings
    condition = Condition(sightings=(sighting(one.fingerprint),))
    day = (NOW - 5 * DAY).date()
    assert "S01" in shown(Choice(since=day), condition)
    assert "S01" not in shown(Choice(since=day + DAY), condition)
    assert "S01" not in shown(Choice(is_new=True), condition)
    assert "L01" in shown(Choice(since=NOW.date()), condition)


def test_what_counted_and_cleared_since_the_last_working_day_is_told_newest_first() -> None:
    kept = (
        sighting("a", cleared_at=NOW - timedelta(hours=2)),
        sighting("b", cleared_at=NOW - timedelta(hours=1)),
        sighting("c", cleared_at=NOW - 20 * DAY),
        sighting("d", cleared_at=NOW, found_at=None),
        sighting("e"),
    )
    world = builders.world(condition=Condition(sightings=kept))
    assert [s.fingerprint for s in cleared_lately(world, Choice())] == ["b", "a"]
    assert cleared_lately(world, Choice(ignore=("S",))) == ()
    assert cleared_lately(world, Choice(commitment="other")) == ()


@pytest.mark.parametrize(
    ("text", "prefixes"), [("S", ("S",)), ("s, x01", ("S", "X01")), ("S01,", ("S01",)), ("s0", ("S0",))]
)
def test_codes_are_listed_with_commas_and_in_any_case(text: str, prefixes: tuple[str, ...]) -> None:
    assert prefixes_of(text, rules()) == prefixes


@pytest.mark.parametrize(("text", "says"), [("S,S010", "Did you mean"), ("Q", "Allowed"), (" , ", "no rule")])
def test_a_code_that_no_rule_begins_with_is_refused_with_what_there_is(text: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        prefixes_of(text, rules())
