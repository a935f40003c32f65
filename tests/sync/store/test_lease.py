"""One writer: the lease is refused while a living process holds it, and taken over from a dead one at once."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine

from sync.store import lease

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
