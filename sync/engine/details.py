"""Details: reads what is asked for one record at a time, only for the records that the judgement wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from connectors.cursor import Cursor
from connectors.errors import NotFoundError, TandemError
from connectors.port import Connector, Details, Page, Scope, Verdict
from connectors.records import Record
from sync.engine.pull import EVERYTHING, SITE_WIDE, Landed, Pull, verdict_of
from sync.store import progress, records


def ask(
    job: Pull, connectors: Iterable[Connector], wanted: Mapping[str, tuple[Record, ...]]
) -> tuple[Verdict, ...]:
    """Fetch and store the wanted details; returns a verdict for each kind of detail that was asked of a source.

    A parent that has vanished meanwhile has no details; any other failure ends that kind of detail for this run.
    """
    found = tuple(verdict for connector in connectors for verdict in _of_source(job, connector, wanted))
    with job.engine.begin() as connection:
        job.guard(connection)
        for verdict in found:
            progress.keep_verdict(connection, verdict)
    return found


def _of_source(
    job: Pull, connector: Connector, wanted: Mapping[str, tuple[Record, ...]]
) -> Iterator[Verdict]:
    """Verdicts of one source's kinds of detail; what ends the whole site ends the later kinds unasked."""
    end: TandemError | None = None
    for details in connector.details():
        parents = tuple(p for p in wanted.get(details.name, ()) if p.source == connector.source)
        if not parents:
            continue
        scope = Scope(source=connector.source, stream=details.name, partition=EVERYTHING)
        error = end or _asked(job, scope, details, parents)
        end = error if isinstance(error, SITE_WIDE) else None
        yield verdict_of(scope, error, at=job.now)


def _asked(job: Pull, scope: Scope, details: Details, parents: tuple[Record, ...]) -> TandemError | None:
    """Fetch and store the details of each parent; returns what ended that early."""
    for parent in parents:
        try:
            fetched = next(details.fetch((parent,)), ())
        except NotFoundError:
            continue
        except TandemError as raised:
            return raised
        _land(job, replace(scope, partition=getattr(parent, "project_id", EVERYTHING)), fetched)
    return None


def _land(job: Pull, scope: Scope, fetched: tuple[Record, ...]) -> None:
    with job.engine.begin() as connection:
        job.guard(connection)
        changed = records.land(connection, scope, Page(records=fetched, cursor=Cursor()), now=job.now)
    job.watch(Landed(scope=scope, kinds=tuple(r.kind for r in fetched), changed=changed, skipped=0))
    job.tick()
