"""The constants of the capacity model: ``python -m tests.bench.constants`` measures them and writes them to ``sync/capacity/constants.json``.

What is measured: requests of a run in which nothing changed, and processor time per request and record read, over the sandbox's company; processor and clock time per record stored
and bytes per row, over a big world, on SQLite and PostgreSQL; what judging takes, by the difference of two worlds. Vendors' limits and what is assumed of companies are written by hand and stay.
"""

from __future__ import annotations

import argparse
import json
import platform
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from sync.capacity import constants
from tests.bench.asked import processor_spent, requests_asked
from tests.bench.judged import costs_of, judged_at, sizes_of
from tests.bench.stored import server, storing

COMMAND = "python -m tests.bench.constants"
HERE = Path(constants.__file__).parent / constants.FILE
_DIGITS = 4


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scales", type=float, nargs=2, default=(0.1, 0.3), help="of the two big worlds")
    parser.add_argument("--rows", type=int, default=5_000, help="records of a kind that are stored")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--out", type=Path, default=HERE)
    given = parser.parse_args()
    requests = requests_asked()
    found = processor_spent()
    with server() as at, tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        found |= storing(at, rows=given.rows, times=given.times)
        small, large = (
            judged_at(scale, Path(folder)) for scale, folder in zip(given.scales, (one, other), strict=True)
        )
        found |= costs_of(small, large)
        found |= sizes_of(at, Path(one), given.scales[0])
    written = json.loads(given.out.read_text(encoding="utf-8"))
    source = f"{COMMAND}, {datetime.now(UTC):%Y-%m-%d}"
    written["measured"] = {
        "on": f"{datetime.now(UTC):%Y-%m-%d}",
        "machine": machine(),
        "command": COMMAND,
        "constants": {name: _row(name, value, source) for name, value in sorted(found.items())},
    }
    written["requests"]["measured"] = {name: _row(name, value, source) for name, value in requests.items()}
    given.out.write_text(json.dumps(written, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(name: str, value: float, source: str) -> dict[str, object]:
    return {"value": float(f"{value:.{_DIGITS}g}"), "unit": unit_of(name), "source": source}


def unit_of(name: str) -> str:
    """The unit of a measured constant, by the words of its name."""
    first = name.partition("_")[0]
    return {"cpu": "s", "clock": "s", "bytes": "bytes", "memory": "MB"}.get(first, "requests")


def machine() -> str:
    """The processor, how many of it, and what runs on it."""
    lines = (
        Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        if Path("/proc/cpuinfo").exists()
        else []
    )
    models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    return f"{processor}, {len(models) or '?'} cores, {platform.python_implementation()} {platform.python_version()}, {platform.system()}"


if __name__ == "__main__":
    main()
