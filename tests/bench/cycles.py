"""How long pulls and cycles take: ``python -m tests.bench.cycles [--scale 10] [--round-trip 0.05] [--database postgresql] [--rounds 3] [--steps cold,quiet]``.

Each step is the real command in a process of its own, against the site of ``tests.bench.site`` in another one; wall, CPU and peak memory are the command's alone. In the same run, on
the same site: the bare floor of the cold pull, and the loops that a user would write. Figures are medians over the rounds.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from tests.bench.measured import TANDEM, Measured, measured
from tests.bench.minimum import SHOWN, least_of_details, least_of_listings
from tests.bench.site.running import RunningSite, running
from tests.bench.site.size import Size, project_key, scaled
from tests.bench.stores import counts_of, empty_store, gaps, watching_writes, worklogs_of_issues

Figures = dict[str, Any]
WORKERS = 8
"""Threads of the floor: as many as a pull has by default."""
_SHARE = 0.01
_COMMENTS = 100
_BUSY = f"{{enabled: true, max_writes_per_run: {10 * _COMMENTS}, max_writes_per_day: {10 * _COMMENTS}, breaker: {{max_slots: {10 * _COMMENTS}}}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The site, the store, the mapping's file in a folder for further ones, and what every request has to wait for."""

    site: RunningSite
    database: str
    mapping: Path
    round_trip_s: float

    def run(self, *arguments: str, has_record: bool = False, **settings: str) -> Figures:
        """The figures of one command line, with what it asked."""
        self.site.begin(round_trip_s=self.round_trip_s, has_record=has_record)
        environment = self.site.environment(mapping=str(self.mapping), database=self.database) | settings
        done = measured([TANDEM, *arguments], environment=environment)
        asked = self.site.counts()
        return _figures(done) | {
            "requests": sum(asked["requests"].values()),
            "routes": asked["requests"],
            "mb": asked["bytes"] / 1e6,
            "site_cpu_s": asked["cpu_s"],
        }


def _figures(done: Measured) -> Figures:
    return {"wall_s": done.wall_s, "cpu_s": done.cpu_s, "peak_mb": done.peak_mb}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--round-trip", type=float, default=0.0)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", default=",".join(STEPS), help="which of them, in this order")
    given = parser.parse_args()
    print(json.dumps(cycles(**vars(given)), indent=2))


def cycles(*, scale: float, round_trip: float, database: str, rounds: int, steps: str) -> Figures:
    """All figures of one setting."""
    size = scaled(Size(), by=scale)
    found = [_round(size, steps.split(","), database, round_trip) for _ in range(rounds)]
    given = {"scale": scale, "round_trip_s": round_trip, "database": database, "rounds": rounds}
    return given | {"size": asdict(size), "steps": medians(found)}


def _round(size: Size, steps: Iterable[str], kind: str, round_trip_s: float) -> dict[str, Figures]:
    """Every step once, over a new site and a new store."""
    found: dict[str, Figures] = {}
    with _stage(size, kind, round_trip_s) as stage:
        for step in steps:
            for name, figures in STEPS[step](stage):
                print(f"{name}: {figures.get('wall_s', 0):.1f} s", file=sys.stderr)
                found[name] = figures
    return found


@contextmanager
def _stage(size: Size, kind: str, round_trip_s: float) -> Iterator[Stage]:
    with running(size) as site, empty_store(kind) as url, TemporaryDirectory() as folder:
        mapping = Path(folder) / "tandem.yaml"
        mapping.write_text(site.mapping(), encoding="utf-8")
        yield Stage(site=site, database=url, mapping=mapping, round_trip_s=round_trip_s)


def cold(stage: Stage) -> Iterator[tuple[str, Figures]]:
    """The first pull, what it brought, and the fewest requests that would do; in the same run its floor."""
    figures = stage.run("pull", has_record=True)
    rows = counts_of(stage.database)
    listed = least_of_listings(
        stage.site.size,
        worklogs=rows["worklog_records"],
        long=worklogs_of_issues(stage.database, above=SHOWN),
    )
    least = listed + least_of_details(stage.site.recorded())
    lacking = [asdict(gap) for gap in gaps(stage.database, stage.site.truth)]
    yield "cold", figures | {"rows": rows, "least_requests": least, "gaps": lacking}


def floor(stage: Stage) -> Iterator[tuple[str, Figures]]:
    """The floor of the cold pull that came before."""
    asked = stage.site.recorded()
    stage.site.begin(round_trip_s=stage.round_trip_s)
    with empty_store("sqlite" if stage.database.startswith("sqlite") else "postgresql") as new:
        given = stage.mapping.with_name("floor.json")
        task = {
            "url": stage.site.url,
            "requests": asked,
            "workers": WORKERS,
            "like": stage.database,
            "into": new,
        }
        given.write_text(json.dumps(task), encoding="utf-8")
        done = measured([sys.executable, "-m", "tests.bench.floor", str(given)], environment={})
    served = stage.site.counts()
    yield "floor", json.loads(done.output) | {"mb": served["bytes"] / 1e6, "site_cpu_s": served["cpu_s"]}


def loops(stage: Stage) -> Iterator[tuple[str, Figures]]:
    """The user's two loops; with a round trip GitLab's over one project alone, and ``share`` says so: its time times the number of projects stands for all."""
    size, folder = stage.site.size, stage.mapping.parent
    keys = [project_key(number) for number in range(size.jira_projects)]
    most = 1 if stage.round_trip_s else size.gitlab_projects
    stage.site.begin(round_trip_s=stage.round_trip_s)
    for name, arguments, share in (
        ("jira", keys, 1.0),
        ("gitlab", ["acme", str(most)], most / size.gitlab_projects),
    ):
        command = [
            sys.executable,
            "-m",
            f"tests.bench.loops.{name}_alone",
            stage.site.url,
            str(folder / f"{name}.db"),
        ]
        figures = _figures(measured([*command, *arguments], environment={}))
        yield (
            f"{name} alone",
            figures
            | {"share": share, "wall_s": figures["wall_s"] / share, "cpu_s": figures["cpu_s"] / share},
        )


def quiet(stage: Stage) -> Iterator[tuple[str, Figures]]:
    """The first whole cycle, then one in which nothing has changed, and what can be shown then. What is written is counted in one more such cycle, for to count takes time.

    Between them one that is not told: what is seen of a commitment for the first time has it judged once more in the cycle after.
    """
    yield "first cycle", stage.run("sync")
    stage.run("sync")
    figures = stage.run("sync")
    with watching_writes(stage.database) as written:
        stage.run("sync")
    yield "quiet", figures | {"written": written}
    for name in ("plan", "status", "drift"):
        yield name, stage.run(name)


def changed(stage: Stage) -> Iterator[tuple[str, Figures]]:
    """A cycle after 1 % of everything changed, and another such cycle, in which is counted what is written.

    The deleted issue is found by the next search for deletions, which is made before the last comparison.
    """
    count = stage.site.change(_SHARE)
    figures = stage.run("sync")
    stage.site.change(_SHARE)
    with watching_writes(stage.database) as written:
        stage.run("sync")
    stage.run("pull", TANDEM_CENSUS_HOURS="0.0001")
    lacking = [asdict(gap) for gap in gaps(stage.database, stage.site.truth)]
    yield "changed", figures | {"changed": count, "written": written, "gaps": lacking}


def written(stage: Stage) -> Iterator[tuple[str, Figures]]:
    """A hundred new comments, from a plan that was made before."""
    text = stage.site.mapping(commitments=_COMMENTS).replace(
        "write: {enabled: false}", f"write: {_BUSY}\ndrift: {{S15: {{enabled: false}}}}"
    )
    stage.mapping.write_text(text, encoding="utf-8")
    plan = str(stage.mapping.with_name("plan.json"))
    stage.run("sync", TANDEM_WRITES_OFF="true")
    stage.run("plan", "--out", plan)
    yield "write back", stage.run("apply", plan)


STEPS: Mapping[str, Callable[[Stage], Iterator[tuple[str, Figures]]]] = {
    step.__name__: step for step in (cold, floor, loops, quiet, changed, written)
}


def medians(rounds: list[dict[str, Figures]]) -> dict[str, Figures]:
    """By step, each number's median over the rounds; what is no number is the last round's."""
    return {name: _median([one[name] for one in rounds]) for name in rounds[0]}


def _median(found: list[Figures]) -> Figures:
    return {
        name: round(statistics.median(one[name] for one in found), 3)
        if isinstance(value, float | int)
        else value
        for name, value in found[-1].items()
    }


if __name__ == "__main__":
    main()
