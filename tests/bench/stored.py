"""What storing takes: processor and clock time per record, and bytes per row with their indexes, on both databases, over a big world."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Commit, FieldChange, Issue, KeyAlias, MergeRequest, Pipeline, Record
from sync.store import database, records
from sync.store.tables import metadata
from tests.bench.big_world import NOW, Size, pages, scopes_of
from tests.postgres import Server

_SERVER = (
    "fsync=on",
    "synchronous_commit=on",
    "full_page_writes=on",
    "shared_buffers=128MB",
    "autovacuum=on",
)
_KINDS: dict[str, tuple[type[Record], ...]] = {
    "issue": (Issue, FieldChange),
    "commit": (Commit,),
    "merge_request": (MergeRequest,),
    "pipeline": (Pipeline,),
}
"""What is stored with one of a kind: an issue with its three changes."""
_PAGE = 100
"""Rows of a page, as both tools give them."""
_LEAST_ROWS = 200
"""Of a table with fewer rows the bytes per row are mostly those of half-empty pages."""
_SQLITE_SIZES = """SELECT m.tbl_name, sum(s.pgsize) FROM dbstat s JOIN sqlite_master m ON m.name = s.name GROUP BY m.tbl_name"""
_POSTGRESQL_SIZES = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"


@contextmanager
def server() -> Iterator[Server]:
    """A PostgreSQL that has every commit on the disk, as SQLite has."""
    made = Server(*_SERVER)
    try:
        yield made
    finally:
        made.stop()


@contextmanager
def stores(at: Server) -> Iterator[dict[str, str]]:
    """URLs of new, empty stores by database."""
    with tempfile.TemporaryDirectory() as folder, at.database() as url:
        yield {"sqlite": f"sqlite:///{Path(folder) / 'tandem.db'}", "postgresql": url}


@contextmanager
def open_store(url: str) -> Iterator[Engine]:
    """The store at ``url``, upgraded."""
    engine = database.opened(url)
    database.upgrade(engine)
    yield engine
    engine.dispose()


def storing(at: Server, *, rows: int, times: int) -> dict[str, float]:
    """``cpu_s_per_KIND_stored_DATABASE`` and ``clock_s_per_KIND_stored_DATABASE``, medians over as many new stores."""
    runs: dict[str, list[float]] = defaultdict(list)
    for kind, types in _KINDS.items():
        made = _made(types, rows)
        count = sum(isinstance(one, types[0]) for _, part in made for one in part)
        for _ in range(times):
            with stores(at) as urls:
                for name, url in urls.items():
                    cpu_s, clock_s = _landing(url, made)
                    runs[f"cpu_s_per_{kind}_stored_{name}"].append(cpu_s / count)
                    runs[f"clock_s_per_{kind}_stored_{name}"].append(clock_s / count)
    return {name: statistics.median(values) for name, values in runs.items()}


def _made(types: tuple[type[Record], ...], rows: int) -> list[tuple[Scope, tuple[Record, ...]]]:
    """About so many records of the first kind, in pages as a pull brings them."""
    size = Size(
        issues=rows,
        commits=rows * 11 // 10,
        requests=rows if types[0] is MergeRequest else rows // 10,
        commitments=5,
        jira_projects=1,
        gitlab_projects=1,
        pipelines=rows,
    )
    return [
        (scope, part)
        for scope, made in scopes_of(size)
        for part in pages((one for one in made if isinstance(one, types)), of=_PAGE)
    ]


def _landing(url: str, made: list[tuple[Scope, tuple[Record, ...]]]) -> tuple[float, float]:
    """(processor, clock) seconds of landing these pages."""
    with open_store(url) as engine:
        clock, work = time.perf_counter(), time.process_time()
        for scope, part in made:
            keys = (one for one in part if isinstance(one, Issue))
            known = tuple(KeyAlias(source=one.source, key=one.key, issue_id=one.id) for one in keys)
            with engine.begin() as connection:
                page = Page(records=part, cursor=Cursor(), aliases=known)
                records.land(connection, scope, page, now=NOW)
        return time.process_time() - work, time.perf_counter() - clock


def bytes_per_row(engine: Engine) -> dict[str, float]:
    """Bytes of each table with its indexes, by row, of tables with enough rows to tell."""
    is_file = engine.dialect.name == "sqlite"
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("VACUUM" if is_file else "VACUUM FULL ANALYZE")
        sizes = dict(connection.execute(text(_SQLITE_SIZES if is_file else _POSTGRESQL_SIZES)).tuples().all())
        counts = {
            name: connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
            for name in metadata.tables
        }
    return {name: sizes[name] / rows for name, rows in counts.items() if rows >= _LEAST_ROWS}
