"""Details: reads what is asked for one record at a time, only for the records that the judgement wants."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from connectors.cursor import Cursor
from connectors.errors import NotFoundError, SkippableError, TandemError
from connectors.port import Connector, Details, Page, Scope, Skipped, Verdict
from connectors.records import Record
from sync.core.wanted import asked_scope
from sync.engine.pull import EVERYTHING, SITE_WIDE, Landed, Pull, verdict_of
from sync.logs import log
from sync.store import progress, records

_TOGETHER = 10
"""How many parents' answers land in one transaction: as many are asked again after a crash, at most."""


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
        error = end or _asked(job, details, parents)
        end = error if isinstance(error, SITE_WIDE) else None
        yield verdict_of(scope, error, at=job.now)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Answer:
    """What one parent told. ``asked`` is the scope under which it is kept that it was asked, ``home`` that under which its records land."""

    asked: Scope
    home: Scope
    page: Page


def _asked(job: Pull, details: Details, parents: tuple[Record, ...]) -> TandemError | None:
    """Fetch and store the details of each parent; returns what ended that early."""
    for start in range(0, len(parents), _TOGETHER):
        answers: list[_Answer] = []
        end: TandemError | None = None
        for parent in parents[start : start + _TOGETHER]:
            try:
                answers.append(_answer(job, details, parent))
            except TandemError as error:
                end = error
                break
        _land(job, answers)
        if end:
            return end
    return None


def _answer(job: Pull, details: Details, parent: Record) -> _Answer:
    """What the parent tells, if only that it tells nothing. Raises any other TandemError."""
    fetched: tuple[Record, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    try:
        fetched = next(details.fetch((parent,)), ())
    except NotFoundError:
        pass  # it has vanished meanwhile
    except SkippableError as error:
        skipped = (Skipped(what=f"{details.name} of {parent.ref}", reason=str(error)),)
    partition = getattr(parent, "project_id", EVERYTHING)
    return _Answer(
        asked=asked_scope(details.name, parent),
        home=Scope(source=parent.source, stream=details.name, partition=partition),
        page=Page(records=fetched, cursor=Cursor(read_to=job.now), skipped=skipped),
    )


def _land(job: Pull, answers: Iterable[_Answer]) -> None:
    """Store answers together, each with when it was asked: what told nothing need not be asked again at once."""
    landed: list[Landed] = []
    with job.engine.begin() as connection:
        job.guard(connection)
        for one in answers:
            changed = records.land(connection, one.home, one.page, now=job.now)
            progress.keep_cursor(connection, one.asked, one.page.cursor, now=job.now)
            progress.keep_skipped(connection, one.home, one.page.skipped, run_id=job.run_id)
            kinds = tuple(r.kind for r in one.page.records)
            landed.append(Landed(scope=one.home, kinds=kinds, changed=changed, skipped=len(one.page.skipped)))
    for one in answers:
        for skipped in one.page.skipped:
            log().warning("record_skipped", scope=str(one.home), what=skipped.what, reason=skipped.reason)
    for page in landed:
        job.watch(page)
    job.tick()
