"""One writer: the lease is refused while a living process holds it, and taken over from a dead one at once."""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, insert, select

from sync.store import database, lease
from sync.store.tables import aliases, leases

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def test_a_second_holder_is_refused_at_once(engine: Engine) -> None:
    lease.acquired(engine, "writer", now=NOW, holder="elsewhere 17")
    with pytest.raises(lease.LeaseHeldError, match="elsewhere 17"):
        lease.acquired(engine, "writer", now=NOW + timedelta(minutes=9))


def test_a_lease_that_ran_out_is_taken_over_with_a_higher_token(engine: Engine) -> None:
    first = lease.acquired(engine, "writer", now=NOW, holder="elsewhere 17")
    second = lease.acquired(engine, "writer", now=NOW + lease.TERM)
    assert second.token > first.token


def test_the_former_holder_learns_that_it_lost_the_lease(engine: Engine) -> None:
    first = lease.acquired(engine, "writer", now=NOW, holder="elsewhere 17")
    lease.acquired(engine, "writer", now=NOW + lease.TERM)
    with pytest.raises(lease.LeaseHeldError, match="lost"):
        lease.renew(engine, first, now=NOW + lease.TERM)


def test_a_renewed_lease_lasts_another_term(engine: Engine) -> None:
    held = lease.acquired(engine, "writer", now=NOW, holder="elsewhere 17")
    lease.renew(engine, held, now=NOW + timedelta(minutes=9))
    with pytest.raises(lease.LeaseHeldError):
        lease.acquired(engine, "writer", now=NOW + timedelta(minutes=15))


def test_a_released_lease_is_free_at_once(engine: Engine) -> None:
    lease.release(engine, lease.acquired(engine, "writer", now=NOW, holder="elsewhere 17"))
    assert lease.acquired(engine, "writer", now=NOW).token == 2


def test_releasing_a_lost_lease_leaves_the_present_holder_alone(engine: Engine) -> None:
    first = lease.acquired(engine, "writer", now=NOW, holder="elsewhere 17")
    lease.acquired(engine, "writer", now=NOW + lease.TERM, holder="elsewhere 18")
    lease.release(engine, first)
    with pytest.raises(lease.LeaseHeldError, match="elsewhere 18"):
        lease.acquired(engine, "writer", now=NOW + lease.TERM)


def test_a_dead_process_of_this_host_holds_nothing(engine: Engine) -> None:
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    lease.acquired(engine, "writer", now=NOW, holder=f"{socket.gethostname()} {dead.pid}")
    assert lease.acquired(engine, "writer", now=NOW).token == 2


def test_a_living_process_of_this_host_keeps_its_lease(engine: Engine) -> None:
    lease.acquired(engine, "writer", now=NOW, holder=f"{socket.gethostname()} {os.getppid()}")
    with pytest.raises(lease.LeaseHeldError):
        lease.acquired(engine, "writer", now=NOW)


def rows(engine: Engine) -> dict[str, datetime]:
    with engine.connect() as connection:
        return {r.name: r.expires_at for r in connection.execute(select(leases))}


def test_all_leases_are_taken_or_none(engine: Engine) -> None:
    lease.acquired(engine, "site:b", now=NOW, holder="elsewhere 17")
    with pytest.raises(lease.LeaseHeldError, match="site:b"):
        lease.all_acquired(engine, ["site:c", "site:a", "site:b"], now=NOW)
    assert set(rows(engine)) == {"site:b"}
    held = lease.all_acquired(engine, ["site:c", "site:a"], now=NOW)
    assert [one.name for one in held] == ["site:a", "site:c"]


def test_a_guarded_transaction_of_a_former_holder_changes_nothing(engine: Engine) -> None:
    first = lease.acquired(engine, "site:a", now=NOW, holder="elsewhere 17")
    lease.acquired(engine, "site:a", now=NOW + lease.TERM)

    def guarded() -> None:
        with engine.begin() as connection:
            connection.execute(insert(aliases).values(source="jira", key="PAY-1", issue_id="1"))
            lease.hold(connection, [first], now=NOW + lease.TERM)

    with pytest.raises(lease.LeaseLostError):
        guarded()
    with engine.connect() as connection:
        assert connection.execute(select(aliases)).all() == []


def test_nobody_takes_a_lease_between_its_check_and_the_commit(engine: Engine) -> None:
    """The lease has run out, yet as long as the guarded transaction is open it cannot be taken."""
    held = lease.acquired(engine, "site:a", now=NOW, holder="elsewhere 17")
    other = database.opened(engine.url.render_as_string(hide_password=False))
    taken: list[str] = []

    def take() -> None:
        try:
            lease.acquired(other, "site:a", now=NOW + lease.TERM)
            taken.append("taken")
        except lease.LeaseHeldError:
            taken.append("refused")

    rival = threading.Thread(target=take)
    with engine.begin() as connection:
        lease.hold(connection, [held], now=NOW + lease.TERM)
        rival.start()
        rival.join(timeout=0.5)
        assert taken in ([], ["refused"])
    rival.join()
    assert taken == ["refused"]
    lease.renew(engine, held, now=NOW + lease.TERM)
    other.dispose()


def test_of_two_that_reach_for_a_free_lease_one_gets_it(engine: Engine) -> None:
    other = database.opened(engine.url.render_as_string(hide_password=False))
    ready, won = threading.Barrier(2), []

    def reach(which: Engine, holder: str) -> None:
        ready.wait()
        with contextlib.suppress(lease.LeaseHeldError):
            won.append(lease.acquired(which, "site:a", now=NOW, holder=holder))

    rivals = [
        threading.Thread(target=reach, args=pair)
        for pair in ((engine, "elsewhere 1"), (other, "elsewhere 2"))
    ]
    for rival in rivals:
        rival.start()
    for rival in rivals:
        rival.join()
    assert len(won) == 1
    other.dispose()


def test_after_a_clock_was_set_back_a_lost_holder_elsewhere_blocks_for_one_term(engine: Engine) -> None:
    lease.acquired(engine, "site:a", now=NOW, holder="elsewhere 17")
    back = NOW - timedelta(hours=5)
    with pytest.raises(lease.LeaseHeldError):
        lease.acquired(engine, "site:a", now=back)
    with pytest.raises(lease.LeaseHeldError):
        lease.acquired(engine, "site:a", now=back + lease.TERM - timedelta(seconds=1))
    assert lease.acquired(engine, "site:a", now=back + lease.TERM).token == 2


def test_after_a_clock_was_set_back_a_living_holder_elsewhere_keeps_its_lease(engine: Engine) -> None:
    held = lease.acquired(engine, "site:a", now=NOW, holder="elsewhere 17")
    back = NOW - timedelta(hours=5)
    for minutes in (0, 9, 18):
        with pytest.raises(lease.LeaseHeldError):
            lease.acquired(engine, "site:a", now=back + timedelta(minutes=minutes))
        lease.renew(engine, held, now=back + timedelta(minutes=minutes))


def test_after_a_clock_was_set_back_a_dead_process_of_this_host_holds_nothing(engine: Engine) -> None:
    dead = subprocess.Popen([sys.executable, "-c", "pass"])
    dead.wait()
    lease.acquired(engine, "site:a", now=NOW, holder=f"{socket.gethostname()} {dead.pid}")
    assert lease.acquired(engine, "site:a", now=NOW - timedelta(hours=5)).token == 2


def test_leases_of_slots_that_ran_out_are_cleared_away(engine: Engine) -> None:
    for name in ("slot:a", "slot:b"):
        lease.acquired(engine, name, now=NOW, holder="elsewhere 17")
    lease.acquired(engine, "site:a", now=NOW, holder="elsewhere 17")
    lease.acquired(engine, "site:b", now=NOW + timedelta(minutes=5))
    assert set(rows(engine)) == {"slot:a", "slot:b", "site:a", "site:b"}
    lease.acquired(engine, "site:b", now=NOW + lease.TERM)
    assert set(rows(engine)) == {"site:a", "site:b"}


def test_a_slots_lease_that_is_given_up_leaves_no_row(engine: Engine) -> None:
    with engine.begin() as connection:
        held = lease.take(connection, "slot:a", now=NOW)
        lease.forget(connection, held)
    assert rows(engine) == {}


def test_of_many_leases_those_that_can_be_had_are_taken_and_the_others_say_why(engine: Engine) -> None:
    lease.acquired(engine, "slot:b", now=NOW, holder="elsewhere 17")
    lease.acquired(engine, "slot:c", now=NOW - lease.TERM, holder="elsewhere 17")
    with engine.begin() as connection:
        taken = lease.take_each(connection, ["slot:a", "slot:b", "slot:c"], now=NOW)
        held = [one for one in taken.values() if isinstance(one, lease.Lease)]
        assert [one.name for one in held] == ["slot:a", "slot:c"], "one is free, one has run out"
        assert "elsewhere 17" in str(taken["slot:b"])
        lease.hold(connection, held, now=NOW)
        lease.forget(connection, *held)
        assert lease.take_each(connection, [], now=NOW) == {}
    assert set(rows(engine)) == {"slot:b"}


def test_one_lost_lease_among_many_is_named(engine: Engine) -> None:
    names = ["site:a", "site:b", "site:c"]
    held = [lease.acquired(engine, name, now=NOW) for name in names]
    lease.acquired(engine, "site:b", now=NOW + lease.TERM, holder="elsewhere 17")
    with pytest.raises(lease.LeaseLostError, match="site:b"), engine.begin() as connection:
        lease.hold(connection, held, now=NOW)
