"""How long writing back takes: ``python -m tests.bench.writing [--round-trip 0.05] [--workers 16] [--rounds 3] [--commitments 100] [--properties] [--flavour datacenter]``.

A Jira in a process of its own, every answer ``--round-trip`` seconds late, and a SQLite file in a temporary folder. Each commitment has a comment on an issue of its own, and with
``--properties`` that issue a status property too. Steps: the first comments, then an edit of each, then an edit that says the same (nothing to do); and the first two once more
with every fifth answer to a write cut off after it was carried out. Wall and CPU of the delivering process only, medians over the rounds; requests of the last round by route.
``doubled`` counts comments beyond one in a slot, ``missing`` slots that do not say what they shall, both once the outbox is empty.

The floor, measured in the same run, is what no careful write of a comment can do without: a look, the write and nothing else, by as many threads through bare sessions, their JSON decoded.
It knows no limits; Jira Cloud takes 50 edits in a second, so 100 of them take one second at least.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import re
import statistics
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine

from connectors.commands import Command, CommentCommand
from connectors.jira.connector import JiraConnector
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.state import Fault, Sandbox
from sync.engine.deliver import Post, deliver
from sync.logs import configure
from sync.store import database, outbox
from tests.bench.spent import spent
from tests.many_slots import WRITES, commands_for, connector_to, sandbox_of, standing

CUT = "cut"
_ROUNDS_AFTER = 5
"""Deliveries at most until the outbox is empty after answers were cut."""


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--round-trip", type=float, default=0.0)
    parser.add_argument("--workers", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--commitments", type=int, default=100)
    parser.add_argument("--properties", action="store_true")
    parser.add_argument("--flavour", choices=("cloud", "datacenter"), default="cloud")
    given = parser.parse_args()
    configure(style="text", level="warning")
    with tempfile.TemporaryDirectory() as made, served(given) as tool:
        stage = Stage(tool=tool, folder=Path(made), given=given)
        rounds = [stage.round(number) for number in range(given.rounds)]
    steps = {name: _median([one[name] for one in rounds]) for name in rounds[0]}
    print(json.dumps({**vars(given), "steps": steps}, indent=2))


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """The Jira in its own process, and the line on which it is told what to do."""

    url: str
    line: Connection

    def told(self, *order: object) -> Any:
        """What it answers to an order."""
        self.line.send(order)
        return self.line.recv()


@contextmanager
def served(given: argparse.Namespace) -> Iterator[Tool]:
    """The Jira in a process of its own."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=_serve, args=(there, given))
    process.start()
    try:
        yield Tool(url=here.recv(), line=here)
    finally:
        here.send(("stop",))
        process.join()


def _serve(line: Connection, given: argparse.Namespace) -> None:
    sandbox = sandbox_of(given.commitments, given.flavour)
    with SandboxServer(sandbox, round_trip_s=given.round_trip) as server:
        line.send(server.jira_url)
        orders: dict[str, Callable[..., object]] = {
            "empty": lambda: _empty(sandbox),
            CUT: lambda every: _cut(sandbox, every, given.commitments),
            "standing": lambda: standing(sandbox.jira),
            "requests": lambda: _taken(sandbox),
        }
        while (order := line.recv()) != ("stop",):
            line.send(orders[order[0]](*order[1:]))


def _empty(sandbox: Sandbox) -> None:
    sandbox.jira.comments.clear()
    sandbox.jira.properties.clear()
    sandbox.faults.clear()


def _cut(sandbox: Sandbox, every: int, number: int) -> None:
    """Cut the answer of every so-manieth write after it was carried out."""
    sandbox.faults[:] = [
        Fault(pattern=WRITES, kind="reset_after", skip=skip)
        for skip in range(every - 1, 2 * number, every - 1)
    ]


def _taken(sandbox: Sandbox) -> dict[str, int]:
    """The requests since this was asked last, by route."""
    lines = [re.sub(r"\?.*", "", re.sub(r"/\d{2,}", "/*", line)) for line in sandbox.requests]
    sandbox.requests.clear()
    return dict(Counter(lines).most_common())


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where it all takes place."""

    tool: Tool
    folder: Path
    given: argparse.Namespace

    def round(self, number: int) -> dict[str, dict[str, Any]]:
        """Every step once, over two stores of this round."""
        self.tool.told("empty")
        steps: dict[str, dict[str, Any]] = dict(self._floor())
        for way in ("", f", {CUT}"):
            self.tool.told("empty")
            with self._store(f"{number}{way}") as engine:
                for name, digest in (("first", "a"), ("edit", "b"), ("again", "b")):
                    if way:
                        self.tool.told(CUT, 5)
                    steps[name + way] = self._step(engine, digest * 16)
        return steps

    def _floor(self) -> Iterator[tuple[str, dict[str, Any]]]:
        mine, there = threading.local(), f"{self.tool.url}/rest/api/2/issue"
        wishes = [
            one for one in commands_for(self.given.commitments, "f" * 16) if isinstance(one, CommentCommand)
        ]
        ids: dict[str, str] = {}

        def asked(method: str, path: str, **given: object) -> Any:
            session = vars(mine).setdefault("session", requests.Session())
            session.headers["Authorization"] = "Bearer sandbox-jira-token"
            answer = session.request(method, f"{there}/{path}", **given)
            assert answer.ok, answer.text
            return answer.json()

        def post(wish: CommentCommand) -> None:
            issue_id = wish.slot.issue_id
            asked("GET", f"{issue_id}/comment")
            ids[issue_id] = asked("POST", f"{issue_id}/comment", json={"body": wish.body})["id"]

        def edit(wish: CommentCommand) -> None:
            issue_id = wish.slot.issue_id
            asked("PUT", f"{issue_id}/comment/{ids[issue_id]}", json={"body": wish.body})
            asked("GET", f"{issue_id}/comment")

        with ThreadPoolExecutor(self.given.workers) as pool:
            for name, do in (("floor, first", post), ("floor, edit", edit)):
                with spent() as figures:
                    list(pool.map(do, wishes))
                yield name, figures | {"requests": self.tool.told("requests")}

    @contextmanager
    def _store(self, name: str) -> Iterator[Engine]:
        engine = database.opened(f"sqlite:///{self.folder / name}.db")
        database.upgrade(engine)
        yield engine
        engine.dispose()

    def _step(self, engine: Engine, digest: str) -> dict[str, Any]:
        wishes = list(commands_for(self.given.commitments, digest, has_properties=self.given.properties))
        with engine.begin() as connection:
            outbox.enqueue(connection, ((one, None) for one in wishes), now=datetime.now(UTC))
        connector = connector_to(self.tool.url)
        self.tool.told("requests")
        with spent() as figures:
            ended = deliver(self._post(engine, connector))
        figures["delivered"] = sum(one.error is None and one.put_off is None for one in ended)
        figures["requests"] = self.tool.told("requests")
        for _ in range(_ROUNDS_AFTER):
            deliver(self._post(engine, connector))
        connector.close()
        return figures | self._counts(wishes)

    def _post(self, engine: Engine, connector: JiraConnector) -> Post:
        sink = connector.sink()
        assert sink is not None
        return Post(
            engine=engine,
            sinks={"jira": sink},
            run_id="bench",
            now=lambda: datetime.now(UTC),
            workers=self.given.workers,
        )

    def _counts(self, wishes: list[Command]) -> dict[str, int]:
        standing = self.tool.told("standing")
        comments = [one for one in wishes if isinstance(one, CommentCommand)]
        return {
            "doubled": sum(max(0, len(digests) - 1) for digests, _ in standing.values()),
            "missing": sum(one.digest not in standing[one.slot.issue_id][0] for one in comments),
        }


def _median(figures: list[dict[str, Any]]) -> dict[str, Any]:
    numbers = {
        name: round(statistics.median(one[name] for one in figures), 3)
        for name, value in figures[0].items()
        if isinstance(value, int | float)
    }
    return {**numbers, "requests": figures[-1]["requests"]}


if __name__ == "__main__":
    main()
