"""Measured: wall time, CPU time and peak memory of one command in a process of its own.

The command is begun by a small process between: a process that is forked and then becomes the command begins with the peak memory of what it was forked from.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

TANDEM = str(Path(sys.executable).with_name("tandem"))
"""The program as a user calls it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """Seconds by the clock and of CPU (user and system), and the peak of resident memory in 2**20 bytes; ``output`` is what was written to standard output."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    output: str


def measured(command: Sequence[str], *, environment: Mapping[str, str]) -> Measured:
    """The figures of a command. Raises RuntimeError with the end of what it wrote where it does not end with 0."""
    with TemporaryDirectory() as made:
        folder = Path(made)
        between = [sys.executable, "-S", "-E", __file__, made, *command]
        subprocess.run(between, env={**os.environ, **environment}, check=True)
        output, errors = ((folder / name).read_text(encoding="utf-8") for name in ("output", "errors"))
        figures = json.loads((folder / "figures").read_text(encoding="utf-8"))
    code = figures.pop("code")
    if code:
        raise RuntimeError(f"{' '.join(command)} ended with {code}: {(output + errors)[-4000:]}")
    return Measured(**figures, output=output)


def _between(folder: Path, command: Sequence[str]) -> None:
    """Run the command and write its figures and all that it says into files of the folder."""
    with (folder / "output").open("wb") as output, (folder / "errors").open("wb") as errors:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=output, stderr=errors)
        _, status, used = os.wait4(process.pid, 0)
        wall_s = time.perf_counter() - began
    process.returncode = os.waitstatus_to_exitcode(status)
    figures = {
        "code": process.returncode,
        "wall_s": wall_s,
        "cpu_s": used.ru_utime + used.ru_stime,
        "peak_mb": used.ru_maxrss / 1024,
    }
    (folder / "figures").write_text(json.dumps(figures), encoding="utf-8")


if __name__ == "__main__":
    _between(Path(sys.argv[1]), sys.argv[2:])
