"""Ticks: a part begins once nothing is left that it needs, whoever ends together; and the sites of a tick are held by all workers at once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, select

from sync.queue import schema
from sync.store import lease, ticks
from sync.store.errors import LeaseHeldError, LeaseLostError
from sync.store.lease import Lease
from sync.store.tables import leases
from sync.store.ticks import Part, Tick

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def begun(engine: Engine, *first: Part) -> tuple[Tick, list[str]]:
    with engine.begin() as connection:
        tick, ready = ticks.begin(connection, run_id="r1", mapping="m", at=NOW, first=first)
    return tick, [part.name for part in ready]


def ended(engine: Engine, tick: Tick, part: Part, *more: Part) -> list[str] | None:
    with engine.begin() as connection:
        ready = ticks.end_part(connection, tick, part, more=more)
    return None if ready is None else [one.name for one in ready]


FIRST = Part(name="first", kind="read", labels=("read",))
SECOND = Part(name="second", kind="read", labels=("read",))
LAST = Part(name="last", kind="judge", needs=("read",))


def test_a_part_waits_for_all_that_bear_the_label_it_needs(engine: Engine) -> None:
    tick, ready = begun(engine, FIRST, SECOND, LAST)
    assert ready == ["first", "second"]
    assert ended(engine, tick, FIRST) == []
    assert ended(engine, tick, SECOND) == ["last"]


def test_parts_that_are_added_hold_up_what_needs_them(engine: Engine) -> None:
    tick, _ = begun(engine, FIRST, LAST)
    assert ended(engine, tick, FIRST, SECOND) == ["second"]
    assert ended(engine, tick, SECOND) == ["last"]
    with engine.connect() as connection:
        assert not ticks.are_all_done(connection, tick)
    assert ended(engine, tick, LAST) == []
    with engine.connect() as connection:
        assert ticks.are_all_done(connection, tick)


def test_a_part_ends_once(engine: Engine) -> None:
    tick, _ = begun(engine, FIRST, LAST)
    assert ended(engine, tick, replace(FIRST, requests=3, trouble="x")) == ["last"]
    assert ended(engine, tick, replace(FIRST, requests=5)) is None
    with engine.connect() as connection:
        assert ticks.sums_of(connection, tick) == {"requests": 3, "records": 0, "skipped": 0, "writes": 0}
        kept = ticks.part_of(connection, tick.id, "first")
    assert kept == replace(FIRST, state=ticks.DONE, requests=3, trouble="x")


def test_of_parts_that_end_in_the_same_moment_one_readies_what_follows(engine: Engine) -> None:
    names = [f"p{number}" for number in range(8)]
    tick, _ = begun(engine, *(replace(FIRST, name=name) for name in names), LAST)
    start = threading.Barrier(len(names))

    def end(name: str) -> list[str] | None:
        start.wait()
        return ended(engine, tick, replace(FIRST, name=name))

    with ThreadPoolExecutor(len(names)) as pool:
        found = list(pool.map(end, names))
    assert sorted(found, key=str) == [["last"], *[[]] * 7]


def test_a_closed_source_is_closed_once_with_its_first_reason(engine: Engine) -> None:
    tick, _ = begun(engine, FIRST)
    for reason in ("refused", "refused again"):
        with engine.begin() as connection:
            ticks.close(connection, tick, "jira", reason)
    with engine.connect() as connection:
        now = ticks.tick_of(connection, tick.id)
    assert now
    assert now.closed == (("jira", "refused"),)


def test_a_finished_tick_forgets_those_before_it(engine: Engine) -> None:
    for _ in range(2):
        tick, _ = begun(engine, FIRST)
        with engine.begin() as connection:
            ticks.finish(connection, tick, at=NOW, outcome="complete")
    with engine.connect() as connection:
        assert ticks.newest(connection) == replace(tick, finished_at=NOW, outcome="complete")
        assert ticks.tick_of(connection, tick.id - 1) is None


def shared(engine: Engine) -> Lease:
    return replace(
        lease.acquired(engine, "site:jira", now=NOW, holder="of the queue, tick 1"), is_shared=True
    )


def test_holders_of_a_shared_lease_do_not_wait_for_each_other(engine: Engine) -> None:
    held = shared(engine)
    with engine.begin() as one, engine.begin() as other:
        lease.hold(one, [held], now=NOW)
        lease.hold(other, [held], now=NOW)


def test_nobody_takes_a_shared_lease_between_check_and_commit(engine: Engine) -> None:
    held = shared(engine)
    later = NOW + lease.TERM
    with engine.begin() as connection:
        lease.hold(connection, [held], now=NOW)
        with ThreadPoolExecutor(1) as pool:
            taking = pool.submit(lease.acquired, engine, "site:jira", now=later, holder="elsewhere 1")
            with pytest.raises(TimeoutError):
                taking.result(timeout=0.3)
            connection.commit()
            taking.result(timeout=30)
    with pytest.raises(LeaseLostError), engine.begin() as connection:
        lease.hold(connection, [held], now=later)


def test_a_shared_lease_is_renewed_at_half_its_term(engine: Engine) -> None:
    held = shared(engine)
    ends = []
    for minutes in (1, 6, 7):
        with engine.begin() as connection:
            lease.hold(connection, [held], now=NOW + timedelta(minutes=minutes))
            ends.append(connection.execute(select(leases.c.expires_at)).scalar_one() - NOW)
    assert ends == [timedelta(minutes=m) for m in (10, 16, 16)]


def test_who_does_not_know_that_all_is_over_cannot_bring_a_shared_lease_back(engine: Engine) -> None:
    held = shared(engine)
    with engine.begin() as connection:
        lease.give_up(connection, [held])
    with pytest.raises(LeaseLostError), engine.begin() as connection:
        lease.hold(connection, [held], now=NOW)
    assert lease.acquired(engine, "site:jira", now=NOW).token == held.token + 2


def test_a_run_of_its_own_and_the_queue_exclude_each_other(engine: Engine) -> None:
    shared(engine)
    with pytest.raises(LeaseHeldError, match="of the queue, tick 1"):
        lease.acquired(engine, "site:jira", now=NOW)


def test_who_seizes_a_lease_shuts_out_whoever_had_it(engine: Engine) -> None:
    with engine.begin() as connection:
        one = lease.seize(connection, "part:x", now=NOW, holder="a, job 1/0")
        other = lease.seize(connection, "part:x", now=NOW, holder="b, job 1/1")
        lease.hold(connection, [other], now=NOW)
    with pytest.raises(LeaseLostError), engine.begin() as connection:
        lease.hold(connection, [one], now=NOW)
    with engine.begin() as connection:
        lease.forget(connection, other)
    with pytest.raises(LeaseLostError), engine.begin() as connection:
        lease.hold(connection, [one], now=NOW)


def test_made_anew_the_queue_holds_nothing_any_more(engine: Engine) -> None:
    begun(engine, FIRST)
    shared(engine)
    schema.make_anew(engine)
    with engine.connect() as connection:
        assert ticks.newest(connection) is None
    assert lease.acquired(engine, "site:jira", now=NOW)
