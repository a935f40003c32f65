"""What more workers bring: ``python -m tests.bench.queueing [--round-trip 0.05] [--workers 4] [--rounds 3]``.

One tick over an empty store, from its beginning to its end: everything is read, judged and delivered. A worker is ``tandem worker --queue`` with its default settings in a process of its
own; all share one PostgreSQL, and the sandbox's company is a process of its own, every answer ``--round-trip`` seconds late, anew for each tick. No tick begins before all workers are there.
Throughput is requests in a second, medians over the rounds; ``sync`` is the same work by the one-shot command.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select, text

from sync.queue import schema
from sync.store import database, lease
from sync.store.queue_tables import ticks
from sync.store.tables import audit, runs
from tests import postgres
from tests.bench.pulling import Stage, served

_SITES = ("jira", "gitlab")
_PATIENCE_S = 600.0


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round-trip", type=float, default=0.05)
    parser.add_argument("--workers", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    counts = (1, given.workers)
    found: dict[str, list[dict[str, float]]] = {f"{count} workers": [] for count in counts} | {"sync": []}
    for _ in range(given.rounds):
        for count in counts:
            found[f"{count} workers"].append(_measured(given.round_trip, count))
        found["sync"].append(_measured(given.round_trip, 0))
    medians = {name: _median(rounds) for name, rounds in found.items()}
    one, more = (medians[f"{count} workers"]["requests_per_s"] for count in counts)
    told = {"round_trip_s": given.round_trip, "rounds": given.rounds, "steps": medians}
    print(json.dumps({**told, "throughput_ratio": round(more / one, 2)}, indent=2))


def _measured(round_trip_s: float, workers: int) -> dict[str, float]:
    """One tick by so many workers over a store and a company of their own; with none the same by ``tandem sync``."""
    with (
        tempfile.TemporaryDirectory() as made,
        served(Path(made), round_trip_s) as stage,
        postgres.server().database() as url,
    ):
        engine = database.opened(url)
        database.upgrade(engine)
        try:
            return _by_workers(engine, stage, url, workers) if workers else _by_sync(engine, stage, url)
        finally:
            engine.dispose()


def _by_workers(engine: Engine, stage: Stage, url: str, workers: int) -> dict[str, float]:
    schema.prepare(engine)
    names = [lease.site_name(site) for site in _SITES]
    held = lease.all_acquired(engine, names, now=datetime.now(UTC))
    before = _cpu_s()
    with started(_environment(stage, url), workers):
        wait_until(lambda: workers_of(engine) == workers)
        time.sleep(2.0)
        lease.release(engine, *held)
        wait_until(lambda: is_over(engine))
    return _figures(engine, cpu_s=_cpu_s() - before)


def _by_sync(engine: Engine, stage: Stage, url: str) -> dict[str, float]:
    before = _cpu_s()
    done = subprocess.run(_command("sync"), env=_environment(stage, url), check=False, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return _figures(engine, cpu_s=_cpu_s() - before)


def _cpu_s() -> float:
    """Seconds of processor that ended processes of ours have used, their start included."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _environment(stage: Stage, url: str) -> Mapping[str, str]:
    settings = stage.settings("unused")
    found = {"TANDEM_MAPPING": str(settings.mapping), "TANDEM_DATABASE": url}
    for name, source in settings.sources.items():
        found[f"TANDEM_SOURCES__{name.upper()}__URL"] = source.url
        found[f"TANDEM_SOURCES__{name.upper()}__TOKEN"] = source.token.get_secret_value()
    return os.environ | found


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-c", "from sync.cli import main; main()", *arguments]


@contextmanager
def started(environment: Mapping[str, str], count: int) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many workers, ended at the end."""
    processes = [subprocess.Popen(_command("worker", "--queue"), env=dict(environment)) for _ in range(count)]
    try:
        yield processes
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
        for process in processes:
            process.wait(timeout=60)


def wait_until(is_so: Any) -> None:
    """Look ten times a second."""
    last = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < last, "it takes too long"
        time.sleep(0.1)


def workers_of(engine: Engine) -> int:
    """How many workers have said that they are there."""
    with engine.connect() as connection:
        query = text(f"SELECT count(*) FROM {schema.SCHEMA}.procrastinate_workers")
        return int(connection.execute(query).scalar_one())


def is_over(engine: Engine) -> bool:
    """True once a tick has ended."""
    with engine.connect() as connection:
        return (
            connection.execute(select(ticks.c.id).where(ticks.c.finished_at.is_not(None))).first() is not None
        )


def _figures(engine: Engine, *, cpu_s: float) -> dict[str, float]:
    with engine.connect() as connection:
        run = connection.execute(select(runs).order_by(runs.c.started_at)).first()
        assert run is not None
        assert run.outcome == "complete", run
        writes = connection.execute(
            select(func.count()).select_from(audit).where(audit.c.is_write)
        ).scalar_one()
    wall_s = (run.finished_at - run.started_at).total_seconds()
    return {
        "wall_s": wall_s,
        "cpu_s": cpu_s,
        "requests": run.requests,
        "requests_per_s": run.requests / wall_s,
        "writes": writes,
    }


def _median(figures: list[dict[str, float]]) -> dict[str, float]:
    return {name: round(statistics.median(one[name] for one in figures), 2) for name in figures[0]}


if __name__ == "__main__":
    main()
