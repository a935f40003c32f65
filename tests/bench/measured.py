"""Measured: wall time, CPU time and peak memory of one command in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds by the clock and of CPU (user and system), and the peak of resident memory in 2**20 bytes; ``output`` is what was written to standard output."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def measured(command: Sequence[str], *, environment: Mapping[str, str]) -> Measured:
    """The figures of a command. Raises RuntimeError with all that it wrote where it does not end with 0."""
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=out, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        texts = [_all_of(file) for file in (out, errors)]
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {''.join(texts)[-4000:]}")
    return Measured(
        wall_s=wall_s, cpu_s=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024, output=texts[0]
    )


def _all_of(file: tempfile._TemporaryFileWrapper[str]) -> str:
    file.seek(0)
    return file.read()


TANDEM = str(Path(sys.executable).with_name("tandem"))
"""The program as a user calls it."""
