"""Runs: leases, interruptions, held plans, and what a process may still do that lost its lease while it slept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from builders import spec
from engine_fakes import NOW, FakeConnector, ScriptedStream, SlotBoard, an_issue, page
from msgspec.structs import replace
from sqlalchemy import Engine, text

from connectors.commands import Announce, CommentCommand, Receipt
from connectors.errors import RetryableError, UnknownOutcomeError
from connectors.port import Page, Request, Vitals
from sync.core.plan import Plan
from sync.engine import cycle
from sync.engine.deliver import Delivered, Post, deliver
from sync.engine.run import Job, Outcome, Watch, apply_only, pull_only, sync
from sync.store import database, lease, outbox, progress, slots
from sync.store.condition import condition_in
from sync.store.errors import LeaseHeldError, LeaseLostError, StoreError
from sync.store.tables import metadata

MILESTONE = {
    "key": "pay-2.0",
    "title": "Payment core 2.0",
    "technical_owner": "Li Wei",
    "engineering_owner": "Zhang Min",
    "scope": {"project": "PAY"},
    "slot": {"issue": "PAY-1"},
}


@dataclass
class Stage:
    """One issue in Jira, one milestone about it, a board that is written to, and a clock."""

    engine: Engine
    title: str = "Retry settlement"
    now: datetime = NOW
    board: SlotBoard = field(default_factory=SlotBoard)
    write: dict[str, Any] = field(default_factory=lambda: {"enabled": True})
    watch: Watch = field(default_factory=Watch)
    vitals: Vitals = field(default_factory=Vitals)
    runs: int = 0

    def job(self, **given: Any) -> Job:
        self.runs += 1
        issues = an_issue("1", title=self.title, updated_at=self.now)
        stream = ScriptedStream(script={"PAY": (page(issues),)})
        connector = FakeConnector(streams_=(stream,), board=self.board, vitals_=self.vitals)
        values: dict[str, Any] = {
            "engine": self.engine,
            "spec": spec(milestones=[MILESTONE], write=self.write),
            "connectors": (connector,),
            "now": lambda: self.now,
            "run_id": f"r{self.runs}",
            "command": "sync",
            "census_every": timedelta(days=1),
            "watch": self.watch,
        }
        return Job(**{**values, **given})

    def sync(self, **given: Any) -> Outcome:
        return sync(self.job(**given))

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    def ended(self) -> list[tuple[str | None, str]]:
        """(outcome, detail) of all runs, oldest first."""
        with self.engine.connect() as connection:
            return [(r.outcome, r.detail) for r in reversed(progress.recent_runs(connection, limit=20))]

    def free(self) -> bool:
        """True if nobody holds a lease."""
        with self.engine.connect() as connection:
            held = connection.execute(text("SELECT count(*) FROM leases WHERE expires_at > '2000-01-01'"))
            return held.scalar_one() == 0

    def plan(self) -> Plan:
        judging = cycle.judging_of(self.engine, spec(milestones=[MILESTONE], write=self.write), now=self.now)
        return cycle.plan_of(self.engine, judging)


@pytest.fixture
def stage(engine: Engine) -> Stage:
    return Stage(engine=engine)


def test_a_sync_writes_and_the_next_one_writes_nothing(stage: Stage) -> None:
    first, second = stage.sync(), stage.sync()
    assert (first.run.outcome, first.run.writes) == ("complete", 2)
    assert stage.board.writes == ["post", "put"]
    assert (second.run.outcome, second.run.writes, second.delivered) == ("complete", 0, ())
    assert stage.free()


def test_vitals_are_kept_and_a_site_whose_vitals_cannot_be_had_fails_nothing(stage: Stage) -> None:
    stage.vitals = Vitals(skew_s=3.0)
    stage.sync()

    class Silent(FakeConnector):
        def vitals(self) -> Vitals:
            raise RetryableError("no answer")

    job = stage.job()
    (given,) = job.connectors
    assert isinstance(given, FakeConnector)
    silent = Silent(streams_=given.streams_, board=stage.board)
    assert sync(replace(job, connectors=(silent,))).run.outcome == "complete"
    with stage.engine.connect() as connection:
        assert [(s.source, s.skew_s) for s in condition_in(connection).sites] == [("jira", 3.0)]


class StopRequestedError(Exception):
    """As the worker's."""


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyboardInterrupt(), "interrupted"),
        (SystemExit(143), "interrupted"),
        (StopRequestedError(), "StopRequestedError"),
        (LookupError("no answer"), "no answer"),
    ],
)
@pytest.mark.parametrize("moment", ["landed", "delivered", "check"])
def test_an_interrupted_run_is_noted_and_leaves_no_lease(
    stage: Stage, error: BaseException, said: str, moment: str
) -> None:
    def stop(*_: object) -> None:
        raise error

    stage.watch = msgspec.structs.replace(Watch(), **{moment: stop})
    with pytest.raises(type(error)):
        stage.sync()
    assert stage.ended() == [("failed", said)]
    assert stage.free()
    stage.watch = Watch()
    assert stage.sync().run.outcome == "complete"
    assert [len(found) for found in stage.board.comments.values()] == [1]


def test_when_the_store_is_gone_the_first_error_stays_the_one_that_is_shown(stage: Stage) -> None:
    def lose_the_store(_: object) -> None:
        with stage.engine.begin() as connection:
            for table in ("runs", "leases"):
                connection.execute(text(f"DROP TABLE {table}"))
        raise LookupError("the very first error")

    stage.watch = Watch(landed=lose_the_store)
    with pytest.raises(LookupError, match="the very first error"):
        stage.sync()


def test_a_store_that_goes_in_mid_run_is_a_store_error(stage: Stage) -> None:
    def lose_the_store(_: object) -> None:
        with stage.engine.begin() as connection:
            connection.execute(text("DROP TABLE verdicts"))

    stage.watch = Watch(landed=lose_the_store)
    with pytest.raises(StoreError, match="verdicts"):
        stage.sync()
    assert stage.free()


def test_the_loser_of_one_site_takes_none_and_contacts_nothing(stage: Stage) -> None:
    lease.acquired(stage.engine, "site:jira2", now=stage.now, holder="elsewhere 1")
    first, second = FakeConnector(source="jira"), FakeConnector(source="jira2")
    with pytest.raises(LeaseHeldError, match="elsewhere 1"):
        stage.sync(connectors=(first, second))
    assert stage.ended() == []
    lease.acquired(stage.engine, "site:jira", now=stage.now, holder="elsewhere 2")


def test_runs_over_different_sites_do_not_hinder_each_other(stage: Stage) -> None:
    lease.acquired(stage.engine, "site:other", now=stage.now, holder="elsewhere 1")
    assert stage.sync().run.outcome == "complete"


NARROW = {"enabled": True, "breaker": {"max_slots": 0}}


def test_a_plan_that_cautions_is_held_again_and_again_until_a_person_has_read_it(stage: Stage) -> None:
    stage.write = NARROW
    for _ in range(3):
        held = stage.sync()
        assert (held.run.outcome, held.delivered) == ("held", ())
        assert "max_slots" in held.held[0]
    assert stage.board.writes == []
    with stage.engine.connect() as connection:
        assert outbox.deliveries(connection, state=None) == ()
    assert [word for word, _ in stage.ended()] == ["held"] * 3
    read = stage.sync(has_read_plan=True)
    assert (read.run.outcome, read.held, stage.board.writes) == ("complete", (), ["post", "put"])


def test_a_held_plan_stays_held_although_the_findings_were_remembered_and_time_went_by(stage: Stage) -> None:
    stage.sync()
    stage.write, stage.title = NARROW, "Retry settlement batches"
    milestone = {**MILESTONE, "title": "Payment core 2.1"}
    for _ in range(3):
        stage.later(days=1)
        assert stage.sync(spec=spec(milestones=[milestone], write=NARROW)).run.outcome == "held"
    assert stage.board.writes == ["post", "put"]


def test_a_saved_plan_that_cautions_is_held_too(stage: Stage) -> None:
    stage.write = NARROW
    pull_only(stage.job())
    plan = stage.plan()
    assert apply_only(stage.job(), plan).run.outcome == "held"
    assert stage.board.writes == []
    assert apply_only(stage.job(has_read_plan=True), plan).run.outcome == "complete"
    assert stage.board.writes == ["post", "put"]


@pytest.mark.parametrize("off", [{"writes_off": True}, {"spec": spec(milestones=[MILESTONE])}])
def test_nothing_is_looked_at_or_written_while_writing_is_off(stage: Stage, off: dict[str, Any]) -> None:
    stage.sync()
    stage.board.comments.clear()
    stage.board.writes.clear()
    stage.later(days=2)
    outcome = stage.sync(**off)
    assert (outcome.run.outcome, stage.board.looks, stage.board.writes) == ("complete", [], [])


def enqueue_stray(stage: Stage, *, is_begun: bool) -> None:
    """A delivery of an older plan, for a commitment that is not in the mapping."""
    stray = replace(next(a for a in stage.plan().actions if a.target == "comment"))
    assert stray.command
    command = replace(stray.command, slot=replace(stray.slot, commitment_key="gone"))
    with stage.engine.begin() as connection:
        outbox.enqueue(connection, [(command, None)], now=stage.now)
        (delivery,) = outbox.deliveries(connection)
        if is_begun:
            outbox.begin(connection, delivery)


@pytest.mark.parametrize("is_begun", [False, True])
def test_what_no_plan_wants_is_taken_back_or_waits_if_it_was_begun(stage: Stage, is_begun: bool) -> None:
    pull_only(stage.job())
    enqueue_stray(stage, is_begun=is_begun)
    stage.sync()
    assert [slot.commitment_key for slot in stage.board.comments] == ["pay-2.0"]
    with stage.engine.connect() as connection:
        waiting = [d.command.slot.commitment_key for d in outbox.deliveries(connection, state=None)]
    assert waiting == (["gone"] if is_begun else [])


def test_a_write_that_broke_off_waits_while_its_commitment_is_unknown(stage: Stage) -> None:
    def lost(step: str) -> None:
        if step == "before post":
            raise UnknownOutcomeError("the connection broke before the answer")

    stage.board.step = lost
    assert stage.sync().run.outcome == "failed"
    stage.board.step = lambda _: None
    stage.later(minutes=5)
    blind = FakeConnector(
        streams_=(ScriptedStream(script={"PAY": (RetryableError("no answer"),)}),), board=stage.board
    )
    outcome = stage.sync(connectors=(blind,))
    assert (outcome.run.outcome, outcome.delivered) == ("partial", ())
    assert not any(stage.board.comments.values())
    stage.later(minutes=5)
    assert stage.sync().run.outcome == "complete"
    assert [len(found) for found in stage.board.comments.values()] == [1]


def test_what_was_told_of_a_commitment_that_left_is_forgotten_once_the_plan_is_carried_out(
    stage: Stage,
) -> None:
    stage.sync()
    stage.sync(spec=spec(milestones=[{**MILESTONE, "key": "pay-3.0"}], write=stage.write))
    with stage.engine.connect() as connection:
        assert [slot.commitment_key for slot in outbox.all_told(connection)] == ["pay-3.0"]


def test_a_comment_that_a_person_deletes_is_put_back_once_then_left_alone_then_given_back(
    stage: Stage,
) -> None:
    stage.sync()
    (slot,) = stage.board.comments

    def deleted() -> list[str]:
        stage.board.comments[slot] = []
        stage.board.writes.clear()
        stage.later(minutes=5)
        stage.sync()
        return list(stage.board.writes)

    assert deleted() == ["post"]
    assert deleted() == []
    assert deleted() == []
    with stage.engine.begin() as connection:
        assert [t.is_left_alone for t in condition_in(connection).touched] == [True]
        slots.give_back(connection, [slot])
    assert deleted() == ["post"]
    assert deleted() == []


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.parametrize("step", ["before delete", "after delete", "before post", "after post", "receipt"])
def test_a_run_killed_in_a_replacement_is_made_good_by_the_next_though_nothing_changed_by_the_receipt(
    stage: Stage, step: str
) -> None:
    stage.sync()
    (slot,) = stage.board.comments
    pull_only(stage.job())
    action = next(a for a in stage.plan().actions if a.target == "comment")
    loud = stage.board.comments[slot][0]
    with stage.engine.begin() as connection:
        receipt = outbox.all_receipts(connection)[slot, "comment"]
        outbox.enqueue(connection, [(_loud(receipt, loud.body), None)], now=stage.now)

    def check(name: str) -> None:
        if name == step:
            raise Killed

    assert action.command is None
    stage.board.step = check
    with pytest.raises(Killed):
        _deliver_only(stage)
    stage.board.step = lambda _: None
    stage.sync()
    assert [(c.digest, c.body == receipt.body) for c in stage.board.comments[slot]] == [
        (receipt.digest, True)
    ]
    assert stage.sync().run.writes == 0


def _loud(receipt: Receipt, body: str) -> CommentCommand:
    return CommentCommand(slot=receipt.slot, body=body + " ", digest="f" * 16, announce=Announce.NOTIFY)


def _deliver_only(stage: Stage) -> tuple[Delivered, ...]:
    return deliver(Post(engine=stage.engine, sinks={"jira": stage.board}, run_id="x", now=lambda: stage.now))


def dump(engine: Engine) -> dict[str, list[Any]]:
    """Everything in the store but leases and the noted ends of runs."""
    with engine.connect() as connection:
        return {
            table.name: sorted(map(repr, connection.execute(table.select())))
            for table in metadata.sorted_tables
            if table.name not in {"leases", "runs"}
        }


@dataclass
class Sleeper:
    """Falls asleep at a moment for longer than a term, while another process, with an engine of its own, takes over."""

    stage: Stage
    other: Engine
    moment: str
    store: dict[str, list[Any]] | None = None
    writes: list[str] = field(default_factory=list)

    def at(self, moment: str) -> None:
        if moment != self.moment or self.store is not None:
            return
        self.stage.later(minutes=11)
        lease.acquired(self.other, "site:jira", now=self.stage.now, holder="elsewhere 1")
        self.store, self.writes = dump(self.stage.engine), list(self.stage.board.writes)


class SleepyStream(ScriptedStream):
    """Sleeps before its page."""

    sleeper: Sleeper

    def pages(self, request: Any) -> Any:
        for one in super().pages(request):
            self.sleeper.at("page")
            yield one


class SleepyConnector(FakeConnector):
    sleeper: Sleeper

    def vitals(self) -> Vitals:
        self.sleeper.at("vitals")
        return Vitals(skew_s=1.0)


MOMENTS = ("page", "vitals", "look", "before post", "after post", "before delete", "receipt")


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_process_that_slept_while_another_took_over_writes_nothing_more(
    stage: Stage, tmp_path: Path, moment: str
) -> None:
    stage.sync()
    (slot,) = stage.board.comments
    extra = replace(stage.board.comments[slot][0], remote_id="77")
    stage.board.comments[slot] = [extra, extra] if moment == "before delete" else []
    stage.later(minutes=5)
    other = database.opened(stage.engine.url.render_as_string(hide_password=False))
    sleeper = Sleeper(stage=stage, other=other, moment=moment)
    stage.board.step = sleeper.at
    stream = SleepyStream(script={"PAY": (page(an_issue("1", title="New", updated_at=stage.now)),)})
    connector = SleepyConnector(streams_=(stream,), board=stage.board)
    stream.sleeper = connector.sleeper = sleeper
    with pytest.raises(LeaseLostError):
        stage.sync(connectors=(connector,))
    assert sleeper.store is not None, "it never came to sleep"
    assert dump(stage.engine) == sleeper.store
    assert stage.board.writes == sleeper.writes
    other.dispose()


def test_the_workers_of_a_job_are_those_that_ask(stage: Stage) -> None:
    asking: set[str] = set()

    class Named(ScriptedStream):
        def pages(self, request: Request) -> Iterator[Page]:
            asking.add(threading.current_thread().name)
            yield from super().pages(request)

    for workers in (1, 2):
        site = FakeConnector(streams_=(Named({"PAY": (page(),)}),))
        pull_only(stage.job(connectors=(site,), workers=workers))
    assert asking == {threading.current_thread().name, "asking 1"}
