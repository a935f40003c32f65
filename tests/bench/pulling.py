"""How long pulling takes: ``python -m tests.bench.pulling [--round-trip 0.05] [--workers 8] [--rounds 3] [--rest]``; with ``--rest`` GitLab is asked nothing by GraphQL.

The sandbox's company in a process of its own, every answer ``--round-trip`` seconds late; each step in a process of its own over a SQLite file in a temporary folder.
The floor, measured in the same run, is what no pull can do without: the same requests by as many threads, nothing waiting for anything else, their JSON decoded, and the same rows
inserted. Wall and CPU of the pulling process only, medians over the rounds.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import statistics
import tempfile
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests
from msgspec.structs import replace
from sqlalchemy import insert, select

from connectors.port import Exchange, Tape
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world import company
from sync.app import opened
from sync.engine.run import pull_only
from sync.settings import Settings, SourceSettings
from sync.store import database
from sync.store.tables import metadata
from tests.bench.spent import spent

_TOKENS = {"jira": "sandbox-jira-token", "gitlab": "sandbox-gitlab-token"}
_LAPSE = timedelta(hours=2)
"""Between the first pull and the quiet one: GitLab tells about hourly which projects are active, so within the hour no project is known to be quiet."""
_ROWS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where the tools are, and the folder for stores."""

    jira_url: str
    gitlab_url: str
    mapping: Path
    folder: Path
    is_graphql_on: bool

    def settings(self, name: str) -> Settings:
        """Settings over the store of that name."""
        urls = {"jira": self.jira_url, "gitlab": self.gitlab_url}
        return Settings(
            mapping=self.mapping,
            database=f"sqlite:///{self.folder / name}.db",
            sources={
                s: SourceSettings(url=url, token=_TOKENS[s], graphql=self.is_graphql_on)
                for s, url in urls.items()
            },
        )


@dataclass
class KeepingTape:
    """Keeps every exchange in memory; plays none."""

    exchanges: list[Exchange] = field(default_factory=list)

    def played(self, source: str, method: str, target: str, sent: bytes) -> None:
        return None

    def keep(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round-trip", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rest", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made, served(Path(made), given.round_trip) as served_stage:
        stage = dataclasses.replace(served_stage, is_graphql_on=not given.rest)
        rounds = [_round(stage, number, given.workers) for number in range(given.rounds)]
    steps = {name: _median([one[name] for one in rounds]) for name in rounds[0]}
    floor = steps["floor"]["wall_s"]
    told = {
        "round_trip_s": given.round_trip,
        "workers": given.workers,
        "rounds": given.rounds,
        "is_graphql_on": not given.rest,
    }
    ratios = {
        name: round(step["wall_s"] / floor, 2) for name, step in steps.items() if name.startswith("cold")
    }
    print(json.dumps({**told, "steps": steps, "times_the_floor": ratios}, indent=2))


@contextmanager
def served(folder: Path, round_trip_s: float) -> Iterator[Stage]:
    """The tools in a process of their own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, round_trip_s))
    process.start()
    try:
        jira_url, gitlab_url, mapping = here.recv()
        (folder / "tandem.yaml").write_text(mapping, encoding="utf-8")
        yield Stage(
            jira_url=jira_url,
            gitlab_url=gitlab_url,
            mapping=folder / "tandem.yaml",
            folder=folder,
            is_graphql_on=True,
        )
    finally:
        here.send("stop")
        process.join()


def _serve(line: Connection, round_trip_s: float) -> None:
    world = company(datetime.now(UTC))
    with SandboxServer(world.sandbox, round_trip_s=round_trip_s) as server:
        line.send((server.jira_url, server.gitlab_url, world.mapping))
        line.recv()


def _round(stage: Stage, number: int, workers: int) -> dict[str, dict[str, Any]]:
    """Every step once, each over stores of this round."""
    steps: dict[str, dict[str, Any]] = {}
    for count in dict.fromkeys((1, workers)):
        store = f"{number}-{count}"
        steps[f"cold, {count}"] = _apart(pulled, stage, store, workers=count)
        steps[f"quiet, {count}"] = _apart(pulled, stage, store, workers=count, later=_LAPSE)
    steps["floor"] = _apart(bare, stage, f"{number}-bare", workers=workers, like=f"{number}-1")
    return steps


def _apart(step: Callable[..., dict[str, Any]], stage: Stage, store: str, **given: Any) -> dict[str, Any]:
    """The step's figures, from a process of its own, so that memory is its own."""
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        return pool.apply(partial(step, stage, store, **given))


def pulled(stage: Stage, store: str, *, workers: int, later: timedelta = timedelta(0)) -> dict[str, Any]:
    """One pull."""
    return _pulled(stage, store, workers=workers, later=later)


def _pulled(
    stage: Stage, store: str, *, workers: int, later: timedelta = timedelta(0), tape: Tape | None = None
) -> dict[str, Any]:
    def now() -> datetime:
        return datetime.now(UTC) + later

    with opened(stage.settings(store), now=now) as app, app.connectors(tape=tape) as connectors:
        job = replace(app.job("pull", connectors), workers=workers)
        with spent() as figures:
            outcome = pull_only(job)
    assert outcome.word == "complete", outcome.verdicts
    return {**figures, "requests": outcome.run.requests, "rows": outcome.run.records}


def bare(stage: Stage, store: str, *, workers: int, like: str) -> dict[str, Any]:
    """The requests of one cold pull by as many threads, their JSON decoded, and the rows of the store ``like`` inserted into a new one."""
    tape = KeepingTape()
    _pulled(stage, f"{store}-asked", workers=1, tape=tape)
    rows = _rows(stage, like)
    engine = database.opened(stage.settings(store).database)
    database.upgrade(engine)
    mine = threading.local()
    urls = {"jira": stage.jira_url, "gitlab": stage.gitlab_url}

    def fetch(one: Exchange) -> object:
        session = vars(mine).setdefault("session", requests.Session())
        headers = {"Authorization": f"Bearer {_TOKENS[one.source]}", "Content-Type": "application/json"}
        answer = session.request(
            one.method, urls[one.source] + one.target, data=one.sent or None, headers=headers, timeout=60
        )
        assert answer.status_code == one.status, (answer.status_code, one.target)
        return answer.json()

    with spent() as figures:
        with ThreadPoolExecutor(workers) as pool:
            for _ in pool.map(fetch, tape.exchanges):
                pass
        for name, found in rows.items():
            for start in range(0, len(found), _ROWS):
                with engine.begin() as connection:
                    connection.execute(insert(metadata.tables[name]), found[start : start + _ROWS])
    engine.dispose()
    return {**figures, "requests": len(tape.exchanges), "rows": sum(map(len, rows.values()))}


def _rows(stage: Stage, store: str) -> dict[str, list[dict[str, Any]]]:
    """All records of a store, by table."""
    engine = database.opened(stage.settings(store).database)
    with engine.connect() as connection:
        found = {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name.endswith("_records")
        }
    engine.dispose()
    return {name: rows for name, rows in found.items() if rows}


def _median(figures: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: round(statistics.median(one[name] for one in figures), 3) for name in figures[0]}


if __name__ == "__main__":
    main()
