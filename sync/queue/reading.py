"""Reading: opening a source, reading its portions, counting, and asking for details, each as a part of a tick."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from msgspec.structs import replace

from connectors.errors import RetryableError, TandemError
from connectors.port import Connector, Scope, Stream, Verdict
from connectors.records import Record
from sync.engine import census, cycle, details
from sync.engine.asked import EVERYTHING, SITE_WIDE, Pull, verdict_of
from sync.engine.judging import wanted_in
from sync.engine.portions import (
    Listed,
    Only,
    Place,
    Portion,
    chosen_of,
    is_read,
    opened,
    opening_of,
    portions_of,
)
from sync.engine.pull import pull_some
from sync.queue.bench import Bench, Done
from sync.store import progress, records
from sync.store.tables import RECORD_TYPE_BY_KIND, TABLE_BY_KIND
from sync.store.ticks import Part, parts_of

OPEN, READ, COUNT, WANT, DETAIL = "open", "read", "count", "want", "detail"

COUNTED, WANTED, DETAILED = "counted", "wanted", "detailed"
"""Labels of parts that are of no single source."""

_DOWN = (EVERYTHING, EVERYTHING)
"""Content of the opening of a source that could not be opened."""
_BATCH = 40
"""Parents whose details are one part."""


def first_parts(sources: Iterable[str]) -> tuple[Part, ...]:
    """What a tick begins with, and what follows the reading of all sources."""
    names = tuple(sources)
    opening = (Part(name=f"{s}/open", kind=OPEN, source=s, labels=(opened(s),)) for s in names)
    counting = (
        Part(
            name=f"{s}/count",
            kind=COUNT,
            source=s,
            labels=(COUNTED,),
            needs=(opened(s), is_read(s)),
        )
        for s in names
    )
    reading = (*map(opened, names), *map(is_read, names))
    wanting = Part(name=WANT, kind=WANT, labels=(WANTED,), needs=(*reading, COUNTED))
    return (*opening, *counting, wanting)


def open_source(bench: Bench) -> Done:
    """Log in, read what tells which portions there are, and have these read. What is read here is kept as the part's content."""
    connector = bench.connector()
    work = bench.work()
    streams = connector.streams()
    first = opening_of(streams)
    done = _read(bench, connector, tuple(Only(stream, ("*",)) for stream in first))
    if done.again or done.closes:
        return done
    replace(work, job=replace(work.job, connectors=(connector,))).keep_vitals()
    listed, failed = _listed(bench, connector, tuple(s for s in streams if s not in first))
    place = Place(
        source=connector.source,
        before=_sources_before(bench, connector.source),
        done=frozenset(s.name for s in first),
    )
    portions = portions_of(place, listed)
    content = (*((s.name, "*") for s in first), *((scope.stream, scope.partition) for scope in failed))
    return replace(done, content=content, more=tuple(map(_part_of, portions)))


def _part_of(portion: Portion) -> Part:
    return Part(
        name=portion.name,
        kind=READ,
        source=portion.source,
        content=portion.chosen,
        labels=portion.labels,
        needs=portion.needs,
    )


def _sources_before(bench: Bench, source: str) -> tuple[str, ...]:
    names = tuple(connector.source for connector in bench.sites.of(bench.app, bench.tick.id))
    return names[: names.index(source)]


def _listed(
    bench: Bench, connector: Connector, streams: tuple[Stream, ...]
) -> tuple[tuple[Listed, ...], tuple[Scope, ...]]:
    """The streams with their partitions, and a scope for each whose partitions could not be listed, which is unknown."""
    found: list[Listed] = []
    verdicts: list[Verdict] = []
    for stream in streams:
        with bench.app.engine.connect() as connection:
            known = progress.known_partitions(connection, source=connector.source, stream=stream.name)
        try:
            partitions = tuple(dict.fromkeys(stream.partitions(known)))
            rounds = tuple(tuple(one) for one in stream.order.rounds(partitions))
        except TandemError as error:
            scope = Scope(source=connector.source, stream=stream.name, partition=EVERYTHING)
            verdicts.append(verdict_of(scope, error, at=bench.tick.started_at))
        else:
            found.append(Listed(name=stream.name, order=stream.order, rounds=rounds))
    keep(bench, verdicts)
    return tuple(found), tuple(verdict.scope for verdict in verdicts)


def keep(bench: Bench, verdicts: Iterable[Verdict]) -> None:
    """Store verdicts."""
    with bench.app.engine.begin() as connection:
        bench.work().guard(connection)
        progress.keep_verdicts(connection, verdicts)


def read_portion(bench: Bench) -> Done:
    """Read a portion. A scope that broke off is unknown; where that may pass, the portion is tried again."""
    connector = bench.connector()
    return _read(bench, connector, chosen_of(connector.streams(), bench.part.content))


def _read(bench: Bench, connector: Connector, streams: tuple[Only, ...]) -> Done:
    if not streams:
        return Done()
    _, errors = pull_some(_pull(bench), connector, streams)
    trouble = "; ".join(dict.fromkeys(str(error) for error in errors.values()))
    return Done(
        trouble=trouble,
        again=_longest(errors.values()),
        closes=next((error for error in errors.values() if isinstance(error, SITE_WIDE)), None),
    )


def _longest(errors: Iterable[TandemError]) -> RetryableError | None:
    """Of the errors that may pass, the one that wants the longest wait."""
    passing = (error for error in errors if isinstance(error, RetryableError))
    return max(passing, key=lambda error: error.retry_after_s or 0.0, default=None)


def _pull(bench: Bench) -> Pull:
    return replace(bench.work().pull(), paths=lambda: cycle.paths(bench.app.engine, bench.app.mapping.spec))


def count_source(bench: Bench) -> Done:
    """Look for deletions in what was read whole in this tick."""
    connector = bench.connector()
    for stream in connector.streams():  # a log-in of this worker has not listed yet what left the list
        with bench.app.engine.connect() as connection:
            known = progress.known_partitions(connection, source=connector.source, stream=stream.name)
        stream.partitions(known)
    with bench.app.engine.connect() as connection:
        kept_verdicts = progress.all_verdicts(connection)
        scopes = scopes_of(parts_of(connection, bench.tick.id))
    mine = tuple(v for v in kept_verdicts if v.scope in scopes and v.scope.source == connector.source)
    job = bench.work().job
    census.count(_pull(bench), (connector,), mine, every=job.census_every)
    return Done()


def want(bench: Bench) -> Done:
    """Forget verdicts of what is read no more, work out what changed, and have the details asked that the judgement wants."""
    app, tick = bench.app, bench.tick
    work = bench.work()
    with app.engine.begin() as connection:
        work.guard(connection)
        parts = parts_of(connection, tick.id)
        answered = frozenset(p.source for p in parts if p.kind == OPEN and _DOWN not in p.content)
        progress.forget_verdicts(connection, scopes_of(parts), sources=answered)
    cycle.refresh(work.pull(), app.mapping.spec)
    wanted = wanted_in(app.engine, app.mapping.spec, now=tick.started_at)
    return Done(more=tuple(detail_parts(wanted, answered)))


def scopes_of(parts: Iterable[Part]) -> frozenset[Scope]:
    """The scopes that parts read, by their content."""
    found: set[Scope] = set()
    for part in parts:
        if part.kind == OPEN:
            found |= {Scope(source=part.source, stream=s, partition=p) for s, p in part.content}
        elif part.kind == READ:
            found |= {
                Scope(source=part.source, stream=stream, partition=partition)
                for stream, partitions in part.content
                for partition in partitions
            }
        elif part.kind == DETAIL:
            found.add(Scope(source=part.source, stream=part.content[0], partition=EVERYTHING))
    return frozenset(found)


def _by_project(parents: Iterable[Record]) -> list[Record]:
    """Those of one project together, for one request may ask of several of them."""
    return sorted(parents, key=lambda parent: getattr(parent, "project_id", EVERYTHING))


def detail_parts(wanted: Mapping[str, tuple[Record, ...]], answered: frozenset[str]) -> Iterator[Part]:
    """What is asked of these parents, as far as their sources were opened, some in each part."""
    for name, parents in sorted(wanted.items()):
        for source in sorted(answered):
            mine = tuple((p.ref.kind, p.ref.id) for p in _by_project(parents) if p.source == source)
            for start in range(0, len(mine), _BATCH):
                yield Part(
                    name=f"{source}/{name} {start // _BATCH}",
                    kind=DETAIL,
                    source=source,
                    content=(name, mine[start : start + _BATCH]),
                    labels=(DETAILED,),
                )


def ask_details(bench: Bench) -> Done:
    """Ask for the details of some parents. What ends that early makes that kind of detail unknown; whether it is complete is known once all are asked."""
    connector = bench.connector()
    name, refs = bench.part.content
    parents = _parents(bench, refs)
    error = details.ask_kind(_pull(bench), connector, name, parents)
    if error is None:
        return Done()
    scope = Scope(source=connector.source, stream=name, partition=EVERYTHING)
    keep(bench, (verdict_of(scope, error, at=bench.tick.started_at),))
    return Done(
        trouble=str(error),
        again=error if isinstance(error, RetryableError) else None,
        closes=error if isinstance(error, SITE_WIDE) else None,
    )


def _parents(bench: Bench, refs: Iterable[tuple[str, str]]) -> tuple[Record, ...]:
    """The records of one kind, in the order in which they are named; those that are gone meanwhile are left out."""
    pairs = tuple(refs)
    kind = pairs[0][0]
    table = TABLE_BY_KIND[kind]
    is_meant = (table.c.source == bench.part.source) & table.c.id.in_([id_ for _, id_ in pairs])
    with bench.app.engine.connect() as connection:
        found = {r.ref.id: r for r in records.live(connection, RECORD_TYPE_BY_KIND[kind], is_meant)}
    return tuple(found[id_] for _, id_ in pairs if id_ in found)
