"""A signal ends a run at its next safe place, a second one at once, and what ignores signals goes on ignoring them."""

import os
import signal
import subprocess
import sys
import threading

import pytest

from connectors.errors import TandemError
from sync.stopping import StoppedAtOnce, StopRequestedError, StopSignal, listening


def test_a_stop_is_noticed_at_the_next_check_and_is_no_failure() -> None:
    stop = StopSignal()
    stop.check()
    stop.set(signal.SIGHUP)
    with pytest.raises(StopRequestedError, match="stopped by SIGHUP") as caught:
        stop.check()
    assert caught.value.number == signal.SIGHUP
    assert not isinstance(caught.value, TandemError)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_the_first_signal_asks_and_the_second_ends_at_once(number: int) -> None:
    stop, told = StopSignal(), []
    with pytest.raises(StoppedAtOnce) as caught, listening(stop, told=told.append):  # noqa: PT012
        os.kill(os.getpid(), number)
        assert stop.is_set
        os.kill(os.getpid(), number)
    assert told == [number]
    assert caught.value.number == number


def test_what_was_there_before_is_there_again() -> None:
    before = [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)]
    with listening(StopSignal()):
        assert signal.getsignal(signal.SIGTERM) != before[1]
    assert [signal.getsignal(n) for n in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)] == before


def test_nothing_is_installed_outside_the_main_thread() -> None:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            with listening(StopSignal()):
                pass
        except ValueError as error:
            failed.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert failed == []


@pytest.mark.process
def test_a_signal_that_was_ignored_at_the_start_stays_ignored() -> None:
    script = (
        "import os, signal\n"
        "from sync.stopping import StopSignal, listening\n"
        "signal.signal(signal.SIGHUP, signal.SIG_IGN)\n"
        "stop = StopSignal()\n"
        "with listening(stop):\n"
        "    os.kill(os.getpid(), signal.SIGHUP)\n"
        "    print(stop.is_set)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "False\n")
