"""A disk that is full, limited or read-only: a clear error, exit 1, nothing corrupt, and the next run on a mended disk completes."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from random import Random

import pytest

from tests.faults.changes import day_of_work
from tests.faults.kind import ANCHOR
from tests.faults.laboratory import Laboratory, Which
from tests.faults.marks import Marks
from tests.faults.outside import Outside
from tests.faults.rows import FULL, QUOTA, READ_ONLY
from tests.faults.trial import Step, tried

pytestmark = pytest.mark.process

WHICH = Which(flavour="cloud", anchor=ANCHOR)


@contextmanager
def outside_in(laboratory: Laboratory, folder: Path, limit: str = "") -> Iterator[Outside]:
    """A process whose store is a file in ``folder``, empty at first, under ``limit``."""
    with laboratory.bench(WHICH, database="sqlite", run="first") as bench:
        bench.settings = bench.settings.model_copy(update={"database": f"sqlite:///{folder / 'tandem.db'}"})
        yield Outside(bench=bench, limit=limit)


def corruption_in(file: Path) -> list[str]:
    """What SQLite finds wrong in a database file; nothing if there is no file."""
    if not file.exists() or not file.stat().st_size:
        return []
    with closing(sqlite3.connect(file)) as connection:
        found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
        found += [str(row) for row in connection.execute("PRAGMA foreign_key_check")]
    return [line for line in found if line != "ok"]


def marks_of_failure(code: int, text: str, file: Path) -> Marks:
    """What is wrong with how a run without room for its store ended."""
    notes = [f"corrupt: {line}" for line in corruption_in(file)]
    if code != 1:
        notes.append(f"exit {code}, not 1: {text[-600:]}")
    if "Traceback" in text:
        notes.append(f"traceback: {text[-600:]}")
    if "tandem.db: " not in " ".join(text.split()) or not re.search(r"look|make room", text):
        notes.append(f"the error does not name the store and what to do: {text[-600:]}")
    return Marks(runs=1, unsettled=len(notes), notes=tuple(notes))


def completed(outside: Outside, laboratory: Laboratory) -> Marks:
    """The marks of good runs over the same store on a mended disk."""
    return tried(outside.bench, laboratory.references, (Step(),), patience=ANCHOR - ANCHOR)


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""
"""A process that may write no file longer than ``size`` bytes: what a quota does."""


@pytest.mark.parametrize("size", [1 << 12, 1 << 16, 1 << 18, 400_000])
def test_at_a_quota_the_run_ends_with_one_and_the_next_completes(
    size: int, laboratory, tally, tmp_path: Path
) -> None:
    with outside_in(laboratory, tmp_path, LIMITED.format(size=size)) as outside:
        code, text = outside.run()
        marks = marks_of_failure(code, text, tmp_path / "tandem.db")
        marks += completed(Outside(bench=outside.bench), laboratory)
    tally(QUOTA, marks)
    marks.require_clean()


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB; skips, visibly, where none may be mounted."""
    where = tmp_path / "disk"
    where.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", str(where)], capture_output=True, check=False
    )
    if made.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {made.stderr.decode().strip()}")
    try:
        yield where
    finally:
        subprocess.run(["umount", "-l", str(where)], check=True)


@pytest.mark.skipif(shutil.which("mount") is None, reason="this system has no mount command")
def test_on_a_full_disk_the_run_ends_with_one_and_the_next_completes(
    laboratory, tally, tmp_path: Path, tiny_disk: Path
) -> None:
    with outside_in(laboratory, tiny_disk) as outside:
        code, text = outside.run()
        marks = marks_of_failure(code, text, tiny_disk / "tandem.db")
        subprocess.run(["mount", "-o", "remount,size=64m", str(tiny_disk)], check=True)
        marks += completed(outside, laboratory)
    tally(FULL, marks)
    marks.require_clean()


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """Nothing below the folder can be written meanwhile: by its file system where we are root, for whom permissions do not hold, else by permissions."""
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    for path in (*folder.iterdir(), folder):
        if os.geteuid() != 0:
            path.chmod(0o555)
    try:
        yield
    finally:
        if os.geteuid() == 0:
            subprocess.run(["mount", "-o", "remount,rw", str(folder)], check=True)
        for path in (folder, *folder.iterdir()):
            if os.geteuid() != 0:
                path.chmod(0o755)


def test_a_read_only_store_is_refused_with_one_and_stays_as_it_was(
    laboratory, tally, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = request.getfixturevalue("tiny_disk") if os.geteuid() == 0 else tmp_path
    if os.geteuid() == 0:
        subprocess.run(["mount", "-o", "remount,size=64m", str(where)], check=True)
    file = where / "tandem.db"
    with outside_in(laboratory, where) as outside:
        bench = outside.bench
        assert bench.run("sync").code == 0
        day_of_work(bench.company, Random(1))
        was = file.read_bytes()
        with read_only(where):
            code, text = outside.run()
        marks = marks_of_failure(code, text, file)
        if file.read_bytes() != was:
            marks += Marks(unsettled=1, notes=("the store was changed",))
        marks += completed(outside, laboratory)
    tally(READ_ONLY, marks)
    marks.require_clean()
