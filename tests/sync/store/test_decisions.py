"""What people decide about findings is kept, reaches the judgement, and is in the audit trail."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, insert, select

from mappings.drift_options import SuppressionSpec
from sync.core.finding import Acknowledged, Severity
from sync.store import audit, decisions
from sync.store.condition import condition_in
from sync.store.prune import pruned
from sync.store.tables import audit as trail
from sync.store.tables import sightings

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ACK = Acknowledged(
    fingerprint="f" * 16,
    owner="Li Wei",
    severity=Severity.HIGH,
    at=NOW,
    note="known",
    until=date(2026, 12, 1),
)
QUIET = SuppressionSpec(rule="S01", path="acme/pay", reason="migration", owner="李伟", until="2026-12-01")


def lines(engine: Engine) -> list[tuple[str, str, str, str, bool]]:
    query = select(trail.c.target, trail.c.slot, trail.c.digest, trail.c.outcome, trail.c.is_write)
    with engine.connect() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(trail.c.id))]


@pytest.mark.parametrize("given", [ACK, replace(ACK, note="", until=None)], ids=["with all", "bare"])
def test_an_acknowledgement_reaches_the_condition_as_it_was_given(
    engine: Engine, given: Acknowledged
) -> None:
    with engine.begin() as connection:
        decisions.acknowledge(connection, given, about="S01 PAY-1")
        assert condition_in(connection).acknowledged == (given,)


def test_a_later_acknowledgement_takes_the_place_of_the_earlier_and_both_are_in_the_trail(
    engine: Engine,
) -> None:
    later = replace(ACK, owner="Zhang Min", at=NOW + timedelta(hours=1), note="", until=None)
    with engine.begin() as connection:
        decisions.acknowledge(connection, ACK, about="S01 PAY-1")
        decisions.acknowledge(connection, later, about="S01 PAY-1")
        assert decisions.all_acknowledged(connection) == (later,)
    of = ("acknowledgement", "S01 PAY-1", ACK.fingerprint)
    assert lines(engine) == [
        (*of, "acknowledged by Li Wei until 2026-12-01: known", False),
        (*of, "acknowledged by Zhang Min", False),
    ]


def test_suppressions_are_numbered_kept_expired_or_not_and_dropped_one_by_one(engine: Engine) -> None:
    expired = QUIET.model_copy(update={"until": date(2020, 1, 1), "path": None})
    with engine.begin() as connection:
        first, second = (decisions.keep_suppression(connection, s, at=NOW) for s in (QUIET, expired))
        assert condition_in(connection).suppressions == (QUIET, expired)
        assert decisions.drop_suppression(connection, 99, at=NOW) is None
        assert decisions.drop_suppression(connection, first, at=NOW) == QUIET
        assert decisions.all_suppressions(connection) == {second: expired}
    of = ("suppression", "rule S01, path acme/pay", str(first))
    assert [line for line in lines(engine) if line[2] == str(first)] == [
        (*of, "suppressed by 李伟 until 2026-12-01: migration", False),
        (*of, "suppression dropped, was by 李伟 until 2026-12-01: migration", False),
    ]


def test_decisions_are_no_writes_and_use_up_no_budget(engine: Engine) -> None:
    with engine.begin() as connection:
        decisions.acknowledge(connection, ACK, about="S01 PAY-1")
        decisions.keep_suppression(connection, QUIET, at=NOW)
        assert audit.writes_since(connection, NOW) == 0
        assert audit.loud_since(connection, NOW) == {}


MONTH = timedelta(days=30)


def see(connection, fingerprint: str, **life: datetime) -> None:
    given = {"first_seen_at": NOW - 90 * DAY, "returned_at": ()} | life
    row = {"fingerprint": fingerprint, "rule": "S01", "commitment_key": "k", **given}
    connection.execute(insert(sightings).values(row))


LIVES: dict[str, tuple[dict[str, datetime], dict[str, object]]] = {
    "stands": ({}, {}),
    "cleared": ({"cleared_at": NOW - 31 * DAY}, {}),
    "cleared lately": ({"cleared_at": NOW - 29 * DAY}, {}),
    "came back": ({"first_seen_at": NOW - 40 * DAY}, {}),
    "came back lately": ({"first_seen_at": NOW - DAY}, {}),
    "day over": ({}, {"until": date(2026, 10, 23)}),
    "day over lately": ({}, {"until": date(2026, 10, 25)}),
}
"""The life of a finding and how it was acknowledged sixty days ago, by name."""


def test_what_lapsed_long_ago_is_removed_with_a_line_each_and_nothing_else(engine: Engine) -> None:
    old = QUIET.model_copy(update={"until": date(2026, 10, 23)})
    lately = QUIET.model_copy(update={"until": date(2026, 10, 25)})
    given = replace(ACK, at=NOW - 60 * DAY, until=None, note="")
    with engine.begin() as connection:
        for name, (life, terms) in LIVES.items():
            see(connection, name, **life)
            decisions.acknowledge(connection, replace(given, fingerprint=name, **terms), about=f"S01 {name}")
        decisions.acknowledge(connection, replace(given, fingerprint="never seen"), about="S01 x")
        kept = [decisions.keep_suppression(connection, spec, at=NOW) for spec in (old, lately, QUIET)]
    before = len(lines(engine))
    with engine.begin() as connection:
        assert decisions.remove_lapsed(connection, before=NOW - MONTH, now=NOW) == 5
        left = {one.fingerprint for one in decisions.all_acknowledged(connection)}
        assert left == {"stands", "cleared lately", "came back lately", "day over lately"}
        assert list(decisions.all_suppressions(connection)) == kept[1:]
    by_hand = [(target, about, id_) for target, about, id_, _, _ in lines(engine)[before:]]
    assert by_hand[0] == ("suppression", "rule S01, path acme/pay", str(kept[0]))
    assert sorted(by_hand[1:]) == [
        ("acknowledgement", "", "never seen"),
        ("acknowledgement", "S01", "came back"),
        ("acknowledgement", "S01", "cleared"),
        ("acknowledgement", "S01", "day over"),
    ]


def test_with_the_life_of_a_finding_goes_what_was_acknowledged_of_it(engine: Engine) -> None:
    with engine.begin() as connection:
        for name in ("cleared", "stands"):
            see(connection, name, **LIVES[name][0])
            decisions.acknowledge(connection, replace(ACK, fingerprint=name, until=None), about="S01 x")
    assert pruned(engine, {"sighting": 30}, now=NOW) == {"sighting": 1}
    with engine.connect() as connection:
        assert [one.fingerprint for one in decisions.all_acknowledged(connection)] == ["stands"]
    assert "acknowledgement removed, was by Li Wei: known" in {said for _, _, _, said, _ in lines(engine)}


def test_counting_lapsed_decisions_removes_none_and_writes_no_line(engine: Engine) -> None:
    with engine.begin() as connection:
        decisions.keep_suppression(connection, QUIET.model_copy(update={"until": date(2020, 1, 1)}), at=NOW)
    before = lines(engine)
    assert pruned(engine, {"decision": 30}, now=NOW, is_dry=True) == {"decision": 1}
    assert lines(engine) == before
    assert pruned(engine, {"decision": 30}, now=NOW) == {"decision": 1}
    assert len(lines(engine)) == len(before) + 1
