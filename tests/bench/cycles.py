"""How long pulls take: ``python -m tests.bench.cycles [--scale 10] [--round-trip 0.05] [--rounds 3]``.

The real command as a process of its own, against the site of ``tests.bench.site`` in another one; wall, CPU and peak memory are the command's alone. Cold pull, then a quiet one.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
from pathlib import Path
from typing import Any

from tests.bench.measured import TANDEM, measured
from tests.bench.site.running import RunningSite, running
from tests.bench.site.size import Size, scaled


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--round-trip", type=float, default=0.0)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with running(scaled(Size(), by=given.scale)) as site:
        rounds = [_round(site, given.round_trip) for _ in range(given.rounds)]
    steps = {name: _median([one[name] for one in rounds]) for name in rounds[0]}
    print(
        json.dumps(
            {"scale": given.scale, "round_trip_s": given.round_trip, "rounds": given.rounds, "steps": steps},
            indent=2,
        )
    )


def _round(site: RunningSite, round_trip_s: float) -> dict[str, dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        mapping = Path(folder) / "tandem.yaml"
        mapping.write_text(site.mapping(), encoding="utf-8")
        settings = site.environment(mapping=str(mapping), database=f"sqlite:///{folder}/tandem.db")
        return {name: _pulled(site, settings, round_trip_s) for name in ("cold", "quiet")}


def _pulled(site: RunningSite, settings: dict[str, str], round_trip_s: float) -> dict[str, Any]:
    site.begin(round_trip_s=round_trip_s)
    figures = measured([TANDEM, "pull"], environment=settings)
    asked = site.counts()
    return {
        "wall_s": figures.wall_s,
        "cpu_s": figures.cpu_s,
        "peak_mb": figures.peak_mb,
        "requests": sum(asked["requests"].values()),
        "mb": asked["bytes"] / 1e6,
        "routes": asked["requests"],
    }


def _median(figures: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        name: round(statistics.median(one[name] for one in figures), 2)
        if isinstance(value, float | int)
        else value
        for name, value in figures[0].items()
    }


if __name__ == "__main__":
    main()
