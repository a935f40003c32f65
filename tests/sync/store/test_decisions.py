"""What people decide about findings is kept, reaches the judgement, and is in the audit trail."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from mappings.drift_options import SuppressionSpec
from sync.core.finding import Acknowledged, Severity
from sync.store import audit, decisions
from sync.store.condition import condition_in
from sync.store.tables import audit as trail

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
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
