"""Details: reads what is asked for one record at a time, only for the records that the judgement wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from connectors.cursor import Cursor
from connectors.errors import NotFoundError, SkippableError, TandemError
from connectors.port import Connector, Details, Page, Scope, Skipped, Verdict
from connectors.records import Record
from sync.core.wanted import asked_scope
from sync.engine.pull import EVERYTHING, SITE_WIDE, Landed, Pull, verdict_of
from sync.logs import log
from sync.store import progress, records


def ask(
    job: Pull, connectors: Iterable[Connector], wanted: Mapping[str, tuple[Record, ...]]
) -> tuple[Verdict, ...]:
    """Fetch and store the wanted details; returns a verdict for each kind of detail that was asked of a source.

    A parent that has vanished meanwhile has no details, and one that tells nothing to us is counted as skipped; any other failure ends that kind of detail
    for this run.
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
        fetched: tuple[Record, ...] = ()
        skipped: tuple[Skipped, ...] = ()
        try:
            fetched = next(details.fetch((parent,)), ())
        except NotFoundError:
            pass  # it has vanished meanwhile
        except SkippableError as error:
            skipped = (Skipped(what=f"{details.name} of {parent.ref}", reason=str(error)),)
        except TandemError as raised:
            return raised
        _land(job, scope, parent, Page(records=fetched, cursor=Cursor(read_to=job.now), skipped=skipped))
    return None


def _land(job: Pull, scope: Scope, parent: Record, page: Page) -> None:
    """Store what one parent told, and that it was asked: what told nothing need not be asked again at once."""
    home = replace(scope, partition=getattr(parent, "project_id", EVERYTHING))
    with job.engine.begin() as connection:
        job.guard(connection)
        changed = records.land(connection, home, page, now=job.now)
        progress.keep_cursor(connection, asked_scope(scope.stream, parent), page.cursor, now=job.now)
        progress.keep_skipped(connection, home, page.skipped, run_id=job.run_id)
    for one in page.skipped:
        log().warning("record_skipped", scope=str(home), what=one.what, reason=one.reason)
    kinds = tuple(r.kind for r in page.records)
    job.watch(Landed(scope=home, kinds=kinds, changed=changed, skipped=len(page.skipped)))
    job.tick()
