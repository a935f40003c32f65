"""All measures of capacity: ``python -m tests.bench.capacity [--only "--scale 1 "]``. Writes ``deploy/bench.json`` and the table in ``deploy/CAPACITY.md``.

With ``--only`` those settings alone are measured, and stand among what was measured at the same commit before. At ten times the size without the user's loops; at a hundred times, without the floor too, or at the largest size that by the pull of ten times should take no more than 15 minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.bench.capacity_table import placed, table_of

_TEXT, _FIGURES = Path("deploy/CAPACITY.md"), Path("deploy/bench.json")
_MOST_S = 900.0
"""How long one pull may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One run of ``tests.bench.cycles``."""

    scale: int
    database: str = "sqlite"
    round_trip_s: float = 0.0
    rounds: int = 1
    steps: str = "cold,floor,loops,quiet,changed,written"

    @property
    def name(self) -> str:
        """What is measured, in words."""
        return f"{self.scale}x on {self.database} with {self.round_trip_s * 1000:.0f} ms"

    @property
    def command(self) -> tuple[str, ...]:
        """The arguments behind the interpreter."""
        given = {
            "scale": self.scale,
            "database": self.database,
            "round-trip": self.round_trip_s,
            "rounds": self.rounds,
            "steps": self.steps,
        }
        return (
            "-m",
            "tests.bench.cycles",
            *(part for name, value in given.items() for part in (f"--{name}", str(value))),
        )


_WITHOUT_LOOPS = "cold,floor,quiet,changed,written"
SETTINGS = (
    Setting(scale=1, rounds=3),
    Setting(scale=1, round_trip_s=0.05),
    Setting(scale=1, database="postgresql", steps=_WITHOUT_LOOPS),
    Setting(scale=1, database="postgresql", round_trip_s=0.05, steps=_WITHOUT_LOOPS),
    Setting(scale=10, steps="cold,floor,quiet,changed"),
    Setting(scale=10, round_trip_s=0.05, steps="cold,quiet,changed"),
    Setting(scale=10, database="postgresql", steps="cold,floor,quiet,changed"),
    Setting(scale=100, steps="cold,quiet,changed"),
)


_OTHERS = ("judging", "landing")
"""Further measures, which the table does not show."""


def main() -> None:
    """Measure, and write after each run what is known by then."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="", help="the settings whose command holds this text")
    given = parser.parse_args()
    document = _document()
    if given.only and (former := _former(document["commit"])):
        document |= {name: former[name] for name in ("runs", "left", *_OTHERS) if name in former}
    for setting in SETTINGS:
        if given.only in " ".join(setting.command):
            ready = replace(setting, scale=scale_for(setting.scale, document["runs"], most_s=_MOST_S))
            command = " ".join(("python", *ready.command))
            document["runs"] = among(document["runs"], {"command": command, **_json_of(ready.command)})
            document["left"] = [name for name in document["left"] if name != setting.name]
            _write(document)
    for name in () if given.only else _OTHERS:
        document[name] = _json_of(("-m", f"tests.bench.{name}"))
        _write(document)


def among(runs: Iterable[dict[str, Any]], new: dict[str, Any]) -> list[dict[str, Any]]:
    """The runs with ``new``, in the place of a former one by the same command, by size, database and round trip."""
    found = {run["command"]: run for run in (*runs, new)}
    return sorted(
        found.values(), key=lambda run: (run["scale"], run["database"] != "sqlite", run["round_trip_s"])
    )


def _former(commit: str) -> dict[str, Any] | None:
    """What was measured before, if it was at this commit."""
    if not _FIGURES.exists():
        return None
    former: dict[str, Any] = json.loads(_FIGURES.read_text(encoding="utf-8"))
    return former if former["commit"] == commit else None


def scale_for(wanted: int, runs: list[dict[str, Any]], *, most_s: float) -> int:
    """The scale, or a smaller one where the largest pull so far says that it would take longer than ``most_s`` seconds; never below that pull's own."""
    if not runs:
        return wanted
    largest = max(runs, key=lambda run: (run["scale"], -run["steps"]["cold"]["wall_s"]))
    per_scale_s = largest["steps"]["cold"]["wall_s"] / largest["scale"]
    return (
        wanted
        if wanted * per_scale_s <= most_s
        else min(wanted, max(int(largest["scale"]), int(most_s / per_scale_s)))
    )


def _document() -> dict[str, Any]:
    commit = subprocess.run(
        ["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True
    ).stdout.strip()
    machine = {
        "cores": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 1e9),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": commit,
        "machine": machine,
        "runs": [],
        "left": [setting.name for setting in SETTINGS],
    }


def _json_of(command: tuple[str, ...]) -> dict[str, Any]:
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout)  # type: ignore[no-any-return]


def _write(document: dict[str, Any]) -> None:
    _FIGURES.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    text = _TEXT.read_text(encoding="utf-8") if _TEXT.exists() else "# Capacity\n"
    _TEXT.write_text(placed(text, table_of(document)), encoding="utf-8")


if __name__ == "__main__":
    main()
