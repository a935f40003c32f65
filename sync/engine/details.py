"""Details: reads what is asked of single records, alone or in groups, only of those that the judgement wants."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial

from msgspec import Struct
from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.errors import TandemError
from connectors.port import Ahead, Connector, Details, Page, Scope, Skipped, Verdict
from connectors.records import Record
from sync.core.wanted import asked_scope
from sync.engine.asked import EVERYTHING, SITE_WIDE, Landed, Pull, verdict_of
from sync.engine.crew import Crew, Errand, Told
from sync.engine.threads import crew_of
from sync.logs import log
from sync.store import progress, records

_TOGETHER = 10
"""How many parents' answers land in one transaction: as many are asked again after a crash, at most."""

_AHEAD = 4
"""How many groups ahead of the oldest that is still out others are asked for, times the workers."""


def ask(
    job: Pull, connectors: Iterable[Connector], wanted: Mapping[str, tuple[Record, ...]]
) -> tuple[Verdict, ...]:
    """Fetch and store the wanted details; returns a verdict for each kind of detail that was asked of a source.

    A parent that has vanished meanwhile has no details, and one that tells nothing to us is counted as skipped; any other failure ends that kind of detail
    for this run.
    """
    found = tuple(verdict for connector in connectors for verdict in _of_source(job, connector, wanted))
    if found:
        with job.engine.begin() as connection:
            job.guard(connection)
            progress.keep_verdicts(connection, found)
    return found


def ask_kind(job: Pull, connector: Connector, name: str, parents: tuple[Record, ...]) -> TandemError | None:
    """Fetch and store the details called ``name`` of these parents; returns what ended that early."""
    kind = next(details for details in connector.details() if details.name == name)
    return _asked(job, kind, parents)


def _of_source(
    job: Pull, connector: Connector, wanted: Mapping[str, tuple[Record, ...]]
) -> Iterator[Verdict]:
    """Verdicts of one source's kinds of detail; what ends the whole site ends the later kinds unasked."""
    end: TandemError | None = None
    notice = ""
    for details in connector.details():
        parents = tuple(p for p in wanted.get(details.name, ()) if p.source == connector.source)
        if not parents:
            continue
        scope = Scope(source=connector.source, stream=details.name, partition=EVERYTHING)
        error = end or _asked(job, details, parents)
        end = error if isinstance(error, SITE_WIDE) else None
        if details.notice and not notice:
            notice = details.notice
            log().warning("details_asked_one_by_one", source=connector.source, reason=notice)
        yield verdict_of(scope, error, at=job.now)


class _Answer(Struct, frozen=True, kw_only=True):
    """What one parent told. ``asked`` is the scope under which it is kept that it was asked, ``home`` that under which its records land."""

    asked: Scope
    home: Scope
    page: Page


def _asked(job: Pull, details: Details, parents: tuple[Record, ...]) -> TandemError | None:
    """Fetch and store the details of each parent, in their order; returns what ended that early."""
    answers: list[_Answer] = []
    with closing(_told(job, details, parents)) as heard:
        for told in heard:
            if told.found is None:
                _land(job, answers)
                return told.error
            answers.append(told.found)
            if len(answers) == _TOGETHER:
                _land(job, answers)
                answers = []
    _land(job, answers)
    return None


def _told(
    job: Pull, details: Details, parents: tuple[Record, ...]
) -> Generator[Told[int, _Answer], None, None]:
    """What each parent told, group by group in their order though several groups are asked side by side, up to the first error."""
    groups = tuple(details.groups(parents))
    crew: Crew[int, _Answer] = crew_of(job.workers, tick=job.tick)
    early: defaultdict[int, deque[Told[int, _Answer]]] = defaultdict(deque)
    given = 0
    with crew:
        for number in range(len(groups)):
            is_over = False
            while not is_over:
                while crew.has_room and given < min(len(groups), number + _AHEAD * job.workers):
                    crew.give(Errand(name=given, steps=partial(_answers, job, details, groups[given])))
                    given += 1
                while not early[number]:
                    for told in crew.heard():
                        early[told.name].append(told)
                told = early[number].popleft()
                is_over = told.found is None and told.error is None
                if not is_over:
                    yield told
            del early[number]


def _answers(job: Pull, details: Details, group: tuple[Record, ...], ahead: Ahead) -> Iterator[_Answer]:
    """What each parent of a group tells, if only that it tells nothing. Raises a TandemError."""
    for parent, told in zip(group, details.fetch(group, ahead), strict=True):
        yield _Answer(
            asked=asked_scope(details.name, parent),
            home=Scope(
                source=parent.source,
                stream=details.name,
                partition=getattr(parent, "project_id", EVERYTHING),
            ),
            page=Page(
                records=() if isinstance(told, Skipped) else told,
                cursor=Cursor(read_to=job.now),
                skipped=(told,) if isinstance(told, Skipped) else (),
            ),
        )


def _land(job: Pull, answers: Sequence[_Answer]) -> None:
    """Store answers together, each with when it was asked: what told nothing need not be asked again at once."""
    if not answers:
        return
    pages = _by_home(answers)
    landed: list[Landed] = []
    with job.engine.begin() as connection:
        job.guard(connection)
        progress.keep_cursors(connection, {one.asked: one.page.cursor for one in answers}, now=job.now)
        for home, page in pages.items():
            changed = records.land(connection, home, page, now=job.now)
            progress.keep_skipped(connection, home, page.skipped, run_id=job.run_id)
            kinds = tuple(r.kind for r in page.records)
            landed.append(Landed(scope=home, kinds=kinds, changed=changed, skipped=len(page.skipped)))
    for home, page in pages.items():
        for skipped in page.skipped:
            log().warning("record_skipped", scope=str(home), what=skipped.what, reason=skipped.reason)
    for one in landed:
        job.watch(one)
    job.tick()


def _by_home(answers: Iterable[_Answer]) -> Mapping[Scope, Page]:
    """One page for each scope under which answers land, in the order of scopes: two workers that mark the same projects must not wait for each other."""
    pages: dict[Scope, Page] = {}
    for one in answers:
        found, more = pages.get(one.home), one.page
        pages[one.home] = (
            replace(more, records=found.records + more.records, skipped=found.skipped + more.skipped)
            if found
            else more
        )
    return dict(sorted(pages.items()))
