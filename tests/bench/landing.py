"""How fast records land: ``python -m tests.bench.landing [--rows 50000]``. Rows per second of landing pages in a new store, beside the bare floor of the same
run: the same rows, made ready before, put into the same tables by the driver alone. Medians. PostgreSQL has every commit on the disk, as SQLite has."""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Commit, FieldChange, Issue, KeyAlias, Record
from sync.store import database, records
from sync.store.bulk import bound
from sync.store.tables import TABLE_BY_KIND, aliases
from tests.bench.bare import Bare, put
from tests.bench.big_world import NOW, Size, pages, scopes_of
from tests.bench.stores import DURABLE
from tests.postgres import Server

Pages = list[tuple[Scope, tuple[Record, ...]]]
Timed = tuple[float, float]
"""Seconds by the clock, and of this process's own work."""

_KINDS: dict[str, tuple[type[Record], ...]] = {
    "commits": (Commit,),
    "issues with changelogs": (Issue, FieldChange),
}


def main() -> None:
    """Print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--page", type=int, default=1000, help="records in one transaction")
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    server = Server(*DURABLE)
    try:
        figures = [
            {"what": what, "on": on} | _figures(_made(what, given.rows, given.page), stores, given.times)
            for what in _KINDS
            for on, stores in (("sqlite", _files), ("postgresql", server.database))
        ]
    finally:
        server.stop()
    print(json.dumps({"rows": given.rows, "page": given.page, "figures": figures}, indent=2))


def _made(what: str, rows: int, page: int) -> Pages:
    """About so many records, in pages."""
    only = {"commits": 1, "issues": 1} | (
        {"commits": rows + rows // 10} if what == "commits" else {"issues": rows // 4}
    )
    small = {
        "requests": rows // 10,
        "commitments": 5,
        "jira_projects": 1,
        "gitlab_projects": 1,
        "pipelines": 0,
    }
    return [
        (scope, part)
        for scope, found in scopes_of(Size(**only, **small))
        for part in pages((one for one in found if isinstance(one, _KINDS[what])), of=page)
    ]


@contextmanager
def _files() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'tandem.db'}"


def _figures(found: Pages, stores: Callable[[], AbstractContextManager[str]], times: int) -> dict[str, Any]:
    runs: dict[str, list[Timed]] = {"floor": [], "landing": [], "landing_again": []}
    for _ in range(times):
        with _opened(stores) as engine:
            bare = _bare(engine, found)
            runs["floor"].append(_timed(lambda: put(engine, bare)))  # noqa: B023  # called at once
        with _opened(stores) as engine:
            runs["landing"].append(_timed(lambda: _land(engine, found)))
            runs["landing_again"].append(_timed(lambda: _land(engine, found)))
    count = sum(len(part) for _, part in found)
    told = {way: _told(runs[way], count) for way in runs}
    return {"rows": count, "times_the_floor": _ratio(runs["landing"], runs["floor"])} | told


@contextmanager
def _opened(stores: Callable[[], AbstractContextManager[str]]) -> Iterator[Engine]:
    with stores() as url:
        engine = database.opened(url)
        database.upgrade(engine)
        yield engine
        engine.dispose()


def _timed(do: Callable[[], None]) -> Timed:
    clock, work = time.perf_counter(), time.process_time()
    do()
    return time.perf_counter() - clock, time.process_time() - work


def _told(runs: list[Timed], count: int) -> dict[str, float]:
    clock, work = (statistics.median(seconds) for seconds in zip(*runs, strict=True))
    return {"rows_per_s": round(count / clock), "own_us_per_row": round(work / count * 1e6, 1)}


def _ratio(runs: list[Timed], floor: list[Timed]) -> float:
    return round(statistics.median(r[0] for r in runs) / statistics.median(r[0] for r in floor), 2)


def _land(engine: Engine, found: Pages) -> None:
    for scope, part in found:
        with engine.begin() as connection:
            page = Page(records=part, cursor=Cursor(), aliases=_aliases_of(part))
            records.land(connection, scope, page, now=NOW)


def _aliases_of(part: tuple[Record, ...]) -> tuple[KeyAlias, ...]:
    return tuple(
        KeyAlias(source=one.source, key=one.key, issue_id=one.id) for one in part if isinstance(one, Issue)
    )


def _bare(engine: Engine, found: Pages) -> Bare:
    """What landing would hand to the driver."""
    bare: Bare = []
    for scope, part in found:
        for kind in dict.fromkeys(type(one) for one in part):
            rows = [records.row_of(one, scope.partition) for one in part if isinstance(one, kind)]
            table = TABLE_BY_KIND[kind.kind]
            bare.append((table, [*bound(table, rows, engine.dialect)]))
        if keys := _aliases_of(part):
            bare.append((aliases, [(one.source, one.key, one.issue_id) for one in keys]))
    return bare


if __name__ == "__main__":
    main()
