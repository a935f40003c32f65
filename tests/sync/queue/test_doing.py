"""Doing: what the class of an error means for a part: again after a while, given up, or its source asked no more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import postgres
import pytest
from sqlalchemy import Engine, select
from stand import ANCHOR, Stand, standing

from connectors.commands import Slot
from connectors.errors import FatalError, RetryableError
from connectors.sandbox.state import Fault
from sync.app import App, mapping_of
from sync.queue import rounds, schema
from sync.queue.doing import TRIES, Hand, LaterError, wait_s
from sync.queue.writing import DELIVER
from sync.stopping import StopRequestedError, StopSignal
from sync.store import database, lease, progress, ticks
from sync.store.errors import CrossedError
from sync.store.holders import name_of_holder
from sync.store.tables import audit, runs
from sync.store.ticks import DONE, READY, Part
from tests.faults.small import small


@pytest.mark.pure
@pytest.mark.parametrize(
    ("error", "tries", "seconds"),
    [
        (RetryableError("x", retry_after_s=42.0), 1, 42.0),
        (RetryableError("x", retry_after_s=86_400.0), 1, 300.0),
        (RetryableError("x"), 1, 10.0),
        (RetryableError("x"), 2, 20.0),
        (FatalError("x"), 9, 300.0),
        (CrossedError("x"), 1, 0.5),
    ],
)
def test_a_try_waits_for_what_was_asked_or_ever_longer_but_not_for_ever(
    error: Exception, tries: int, seconds: float
) -> None:
    assert wait_s(error, tries) == seconds


@pytest.fixture
def stand(tmp_path: Path, capsys: Any) -> Iterator[Stand]:
    if not postgres.is_installed():
        pytest.skip("there is no PostgreSQL to test on")
    with postgres.server().database() as url:
        for made in standing(tmp_path, small(ANCHOR, flavour="cloud"), capsys):
            made.with_settings(database=url)
            yield made


@contextmanager
def begun(stand: Stand, check: Callable[[], None] = lambda: None) -> Iterator[Hand]:
    """A worker whose jobs are done one by one by the test, in a tick that has begun."""
    settings = stand.options.settings
    assert settings
    engine = database.opened(settings.database)
    database.upgrade(engine)
    schema.prepare(engine)
    app = App(settings=settings, mapping=mapping_of(settings), engine=engine, now=stand.options.now)
    hand = Hand(app=app, name=name_of_holder(), check=check)
    try:
        assert rounds.begin(app) is not None
        yield hand
    finally:
        hand.sites.forget()
        engine.dispose()


def part(engine: Engine, name: str) -> Part:
    with engine.connect() as connection:
        found = ticks.part_of(connection, 1, name)
    assert found is not None
    return found


def do_all(hand: Hand, *, up_to: str = "") -> None:
    """Do whatever is ready until nothing is, but the kind ``up_to``; what is to be done later is done at once."""
    for _ in range(30):
        with hand.app.engine.connect() as connection:
            ready = [one for one in ticks.parts_of(connection, 1, state=READY) if one.kind != up_to]
        if not ready:
            return
        for one in ready:
            try:
                hand.do(1, one.name, "1/0")
            except LaterError:
                continue
    raise AssertionError(f"these never end: {ready}")


def deliveries(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [one.name for one in ticks.parts_of(connection, 1, state=READY) if one.kind == DELIVER]


def targets_of(engine: Engine) -> list[tuple[str, ...]]:
    """The targets of every slot of the tick's deliveries."""
    with engine.connect() as connection:
        parts = [one for one in ticks.parts_of(connection, 1) if one.kind == DELIVER]
    return [targets for one in parts for _, _, targets in one.content]


def writes_by_place(engine: Engine) -> Counter[tuple[str, str]]:
    with engine.connect() as connection:
        rows = connection.execute(select(audit.c.slot, audit.c.target).where(audit.c.is_write))
        return Counter((row.slot, row.target) for row in rows)


def outcome(engine: Engine) -> str:
    with engine.connect() as connection:
        return str(connection.execute(select(runs.c.outcome)).scalar_one())


def unknown(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {str(v.scope) for v in progress.all_verdicts(connection) if not v.is_complete}


def test_a_tool_that_does_not_answer_is_asked_again_and_then_its_scope_is_unknown(stand: Stand) -> None:
    stand.world.sandbox.faults.append(Fault(pattern="/versions", status=503, times=1_000))
    with begun(stand) as hand:
        for name in ("jira/open", "gitlab/open"):
            hand.do(1, name, "1/0")
        for tries in range(1, TRIES):
            with pytest.raises(LaterError) as raised:
                hand.do(1, "jira/IMP", "1/0")
            assert raised.value.after_s == 10.0 * tries
            assert (part(hand.app.engine, "jira/IMP").state, part(hand.app.engine, "jira/IMP").tries) == (
                READY,
                tries,
            )
            assert "jira/versions/IMP" in unknown(hand.app.engine)
        hand.do(1, "jira/IMP", "1/0")
        assert part(hand.app.engine, "jira/IMP").state == DONE
        do_all(hand)
        assert outcome(hand.app.engine) == "partial"
        assert {"jira/versions/IMP"} <= unknown(hand.app.engine)


def test_a_tool_that_answers_the_second_time_leaves_nothing_unknown(stand: Stand) -> None:
    stand.world.sandbox.faults.append(Fault(pattern="/versions", status=503, times=1))
    with begun(stand) as hand:
        do_all(hand)
        assert outcome(hand.app.engine) == "complete"
        assert unknown(hand.app.engine) == set()
    assert stand.own_comments()


def test_refused_credentials_close_the_source_and_leave_the_others_to_be_read(stand: Stand) -> None:
    stand.with_token("gitlab", "no such token")
    with begun(stand) as hand:
        do_all(hand)
        asked = [r for r in stand.world.sandbox.requests if "/api/v4/" in r]
        assert len(asked) == 2  # the list of projects, and the account, which tells why
        assert outcome(hand.app.engine) == "partial"
        assert unknown(hand.app.engine) == {"gitlab/*/*"}


def test_a_stop_puts_the_part_back_as_it_was(stand: Stand) -> None:
    stop = StopSignal()
    with begun(stand, check=stop.check) as hand:
        stop.set()
        with pytest.raises(StopRequestedError):
            hand.do(1, "jira/open", "1/0")
        assert (part(hand.app.engine, "jira/open").state, part(hand.app.engine, "jira/open").tries) == (
            READY,
            0,
        )


def test_deliveries_that_were_stopped_go_on_where_they_were(stand: Stand) -> None:
    def stop_once_written() -> None:
        if stand.own_comments():
            raise StopRequestedError

    with begun(stand) as hand:
        do_all(hand, up_to=DELIVER)
        name = deliveries(hand.app.engine)[0]
        hand.check = stop_once_written
        with pytest.raises(StopRequestedError):
            hand.do(1, name, "1/0")
        assert part(hand.app.engine, name).state == READY
        hand.check = lambda: None
        do_all(hand)
        assert outcome(hand.app.engine) == "complete"
        written = writes_by_place(hand.app.engine)
        assert set(written.values()) == {1}
        assert len(written) == sum(len(targets) for targets in targets_of(hand.app.engine))


def test_slots_of_a_worker_that_died_while_it_wrote_are_written_to_by_the_next(stand: Stand) -> None:
    with begun(stand) as hand:
        do_all(hand, up_to=DELIVER)
        engine = hand.app.engine
        name = deliveries(engine)[0]
        issue_id, key, _ = part(engine, name).content[0]
        slot = lease.slot_name(Slot(source="jira", issue_id=issue_id, commitment_key=key))
        with engine.begin() as connection:
            lease.seize(connection, slot, now=hand.app.now(), holder="elsewhere 1")
        hand.do(1, name, "1/1")
        assert part(engine, name).trouble == ""
        assert part(engine, name).writes == sum(len(targets) for _, _, targets in part(engine, name).content)


def test_a_part_that_is_done_is_not_done_again(stand: Stand) -> None:
    with begun(stand) as hand:
        hand.do(1, "jira/open", "1/0")
        asked = len(stand.world.sandbox.requests)
        hand.do(1, "jira/open", "1/1")
        assert len(stand.world.sandbox.requests) == asked


def test_a_tick_whose_sites_others_have_taken_is_given_up(stand: Stand) -> None:
    with begun(stand) as hand:
        later = hand.app.now() + lease.TERM
        lease.all_acquired(hand.app.engine, ["site:gitlab"], now=later, holder="elsewhere 1")
        hand.do(1, "jira/open", "1/0")
        assert outcome(hand.app.engine) == "failed"
        assert rounds.begin(hand.app) is None


def test_who_was_taken_for_dead_does_not_end_the_part(stand: Stand) -> None:
    def taken_over() -> None:
        with hand.app.engine.begin() as connection:
            lease.seize(connection, "part:jira/open", now=hand.app.now(), holder="elsewhere 1")

    with begun(stand) as hand:
        hand.check = taken_over
        hand.do(1, "jira/open", "1/0")
        engine = hand.app.engine
        assert part(engine, "jira/open").state == READY
        with engine.connect() as connection:
            assert [one.holder for one in lease.living(connection, now=hand.app.now()) if "part:" in one.name]
            assert ticks.part_of(connection, 1, "jira/IMP") is None


def test_with_a_part_its_lease_ends(stand: Stand) -> None:
    with begun(stand) as hand:
        hand.do(1, "jira/open", "1/0")
        with hand.app.engine.connect() as connection:
            names = {one.name for one in lease.living(connection, now=hand.app.now())}
        assert names == {"site:gitlab", "site:jira"}


def test_a_job_that_was_lost_is_entered_again(stand: Stand) -> None:
    with begun(stand) as hand:
        engine = hand.app.engine
        with engine.begin() as connection:
            schema.use(connection)
            connection.exec_driver_sql(
                "DELETE FROM tandem_queue.procrastinate_jobs WHERE args->>'name' = 'jira/open'"
            )
        rounds.look_after(hand.app, anew=lambda: hand.app)
        rounds.look_after(hand.app, anew=lambda: hand.app)
        with engine.connect() as connection:
            names = connection.exec_driver_sql(
                "SELECT args->>'name' FROM tandem_queue.procrastinate_jobs ORDER BY 1"
            ).scalars()
            assert list(names) == ["gitlab/open", "jira/open"]


def test_what_a_person_sees_of_the_queue(stand: Stand) -> None:
    code, text, _ = stand.run("queue", "status")
    assert code == 0
    assert text.startswith(
        "No worker is there. Start some: tandem worker --queue\nNo tick has begun here yet."
    )
    with begun(stand) as hand:
        hand.do(1, "gitlab/open", "1/0")
        found = stand.json("queue", "status")
        kinds = {kind["kind"]: kind for kind in found["kinds"]}
        assert (kinds["open"]["done"], kinds["open"]["waiting"], kinds["judge"]["to_come"]) == (1, 2, 1)
        assert found["tick"]["finished_at"] is None
        do_all(hand)
        code, text, _ = stand.run("queue", "status")
        assert code == 0
        assert "complete" in text
        assert "deliver" in text


def test_without_postgresql_it_says_what_to_do(stand: Stand, tmp_path: Path) -> None:
    stand.with_settings(database=f"sqlite:///{tmp_path / 'tandem.db'}")
    for command in (("worker", "--queue"), ("queue", "status"), ("queue", "init")):
        code, _, errors = stand.run(*command)
        assert code == 4
        assert "TANDEM_DATABASE=postgresql://" in errors
