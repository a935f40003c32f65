"""What the store knows of slots reaches the plan."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from connectors.commands import Receipt
from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Issue
from mappings.schema import MappingSpec
from sync.core.finding import Audience
from sync.core.plan import ActionKind, Plan
from sync.engine import cycle
from sync.engine.pull import Pull
from sync.stopping import StopRequestedError
from sync.store import outbox, records
from sync.store.outbox import AuditLine
from sync.store.tables import readings
from tests import builders

SCOPE = Scope(source="jira", stream="issues", partition="PAY")


def shanghai() -> MappingSpec:
    write = {"enabled": True, "new_comments_per_day": 1}
    return builders.spec(calendar={"zone": "Asia/Shanghai"}, write=write)


def land(engine: Engine, issue: Issue) -> None:
    with engine.begin() as connection:
        records.land(connection, SCOPE, Page(records=(issue,), cursor=Cursor()), now=builders.NOW)


def plan(engine: Engine) -> Plan:
    return cycle.plan_of(engine, cycle.judging_of(engine, shanghai(), now=builders.NOW))


def carry_out(engine: Engine, made: Plan, *, at: datetime) -> None:
    """As a delivery at ``at`` leaves the store, without a tool."""
    with engine.begin() as connection:
        wishes = ((a.command, a.told.to_json() if a.told else None) for a in made.actions if a.command)
        outbox.enqueue(connection, wishes, now=at)
        for delivery in outbox.deliveries(connection):
            command = delivery.command
            body = getattr(command, "body", "") or getattr(command, "value", "")
            receipt = Receipt(
                slot=command.slot,
                target=delivery.place[1],
                digest=command.digest,
                body=body,
                delivered_at=at,
                remote_id="1",
            )
            outbox.delivered(connection, (delivery, receipt))
            line = AuditLine(
                at=at,
                run_id="r",
                command=command,
                outcome="delivered",
                is_write=True,
                is_loud=delivery.place[1] == "comment",
            )
            outbox.note(connection, line)


@pytest.mark.parametrize(
    ("posted_at", "kind"),
    [
        (datetime(2026, 11, 19, 15, 59, tzinfo=UTC), ActionKind.REPLACE),
        (datetime(2026, 11, 19, 16, 0, tzinfo=UTC), ActionKind.UPDATE),
    ],
)
def test_the_day_of_new_comments_begins_at_midnight_of_the_calendars_zone(
    engine: Engine, posted_at: datetime, kind: ActionKind
) -> None:
    land(engine, builders.issue("PAY-1"))
    carry_out(engine, plan(engine), at=posted_at)
    assert plan(engine).commands == ()
    resolved = builders.NOW - timedelta(days=1)
    land(engine, builders.issue("PAY-1", status="Done", resolved_at=resolved))
    assert plan(engine).actions[0].kind is kind


def test_a_delivery_that_was_begun_and_never_ended_is_looked_after_by_the_next_plan(engine: Engine) -> None:
    land(engine, builders.issue("PAY-1"))
    first = plan(engine)
    carry_out(engine, first, at=builders.NOW)
    with engine.begin() as connection:
        outbox.enqueue(connection, [(first.commands[0], None)], now=builders.NOW)
        (waiting,) = outbox.deliveries(connection)
        assert outbox.begin(connection, waiting)
    (again,) = (a for a in plan(engine).actions if a.command)
    assert (again.kind, again.why) == (ActionKind.UPDATE, "the last write broke off: look and put right")


def test_the_comments_speak_as_the_mapping_has_it() -> None:
    given = {"language": "zh", "comment": {"vocabulary": "engineering"}, "glossary": {"latency": "waiting"}}
    voice = cycle.options_of(builders.world(mapping=given)).voice
    assert (voice.language, voice.vocabulary, voice.glossary) == (
        "zh",
        Audience.ENGINEERING,
        {"latency": "waiting"},
    )


def test_a_stop_ends_the_reading_of_code_between_two_projects(engine: Engine) -> None:
    """It can take minutes. What was read stays read, and the next run goes on."""
    with engine.begin() as connection:
        for id_ in ("7", "8", "9"):
            found = (builders.project(id_, path=f"acme/{id_}"), builders.commit("one", project_id=id_))
            scope = Scope(source="gitlab", stream="commits", partition=id_)
            records.land(connection, scope, Page(records=found, cursor=Cursor()), now=builders.NOW)
    steps = list[int]()

    def tick() -> None:
        steps.append(1)
        if len(steps) == 3:
            raise StopRequestedError

    job = Pull(engine=engine, run_id="r", now=builders.NOW, tick=tick)
    with pytest.raises(StopRequestedError):
        cycle.refresh(job, shanghai())
    assert read_projects(engine) == ["7"]
    cycle.refresh(job, shanghai())
    assert read_projects(engine) == ["7", "8", "9"]


def read_projects(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return sorted(connection.execute(select(readings.c.project_id)).scalars())
