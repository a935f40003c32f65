"""How the process keeps memory: freed memory is shared among threads, what the environment says of it stands, and a process that ends does not look once more through what goes with it."""

import os
import subprocess
import sys

import pytest

_HEAPS = """
import re, sys, threading
from sync.memory import share_freed_memory
share_freed_memory()
all_hold, done = threading.Barrier(9), threading.Event()
kept = []
def hold():
    kept.append([bytes(2000) for _ in range(100)])
    all_hold.wait()
    done.wait()
threads = [threading.Thread(target=hold) for _ in range(8)]
for thread in threads: thread.start()
all_hold.wait()
with open("/proc/self/smaps") as maps:
    print(sum(bool(re.match(r"[0-9a-f]+000000-[0-9a-f]+ rw-p 00000000 00:00 0 *$", line)) for line in maps))
done.set()
"""
"""Prints how many mappings begin where glibc has a thread's heap begin."""

is_glibc = pytest.mark.skipif(
    "CS_GNU_LIBC_VERSION" not in os.confstr_names, reason="only glibc keeps a heap for each thread"
)


def _heaps(**environment: str) -> int:
    done = subprocess.run(
        [sys.executable, "-c", _HEAPS],
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout)


@is_glibc
def test_threads_share_heaps_unless_the_environment_says_how_many_there_are():
    assert _heaps() < 4
    assert _heaps(MALLOC_ARENA_MAX="16") > 6


@pytest.mark.process
def test_a_command_line_ends_with_everything_out_of_the_last_search_for_garbage() -> None:
    script = (
        "import atexit, gc; from sync.cli import main; "
        "atexit.register(lambda: print(len(gc.get_objects()), gc.get_freeze_count() > 0)); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=True
    )
    left, has_frozen = done.stdout.splitlines()[-1].split()
    assert (int(left) < 100, has_frozen) == (True, "True")
