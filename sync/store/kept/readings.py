"""Readings: what the code of each GitLab project says, worked out anew where something changed, and kept."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import Connection, Engine, select

from connectors.records import Commit, KeyAlias, Ref
from mappings.schema import MappingSpec
from sync.store import marks
from sync.store.kept import causes, slices
from sync.store.kept.keeping import keep
from sync.store.kept.part import MOST, Changed, part_of
from sync.store.kept.parted import Facts
from sync.store.kept.pieces import keep_graph, keep_graph_as_read
from sync.store.kept.project import Surroundings, count_of_issues, issue_refs_of, observed_of
from sync.store.kept.reading import Reading, reading_of
from sync.store.kept.slices import LARGEST
from sync.store.questions import rows_by
from sync.store.tables import readings

REVISION = 2
"""Grows when the same code is read otherwise than before: then everything is read again."""

Place = tuple[str, str]


class Limits(NamedTuple):
    """Where more than the share ``most`` of a project changed, it is read whole; of more than ``largest`` changes so many in each transaction.

    So many ``issues`` are known at once where much is read, in some 30 MB; of more those are looked up that are named.
    """

    most: float = MOST
    largest: int = LARGEST
    issues: int = 150_000


LIMITS = Limits()


def refreshed(
    engine: Engine,
    spec: MappingSpec,
    *,
    guard: Callable[[Connection], None] = lambda _: None,
    limits: Limits = LIMITS,
) -> tuple[Place, ...]:
    """Read again the code of every project in which something changed, each in a transaction of its own; returns (source, project id) of those.

    What changed is read, and what that can matter to; the whole project, where it was never read, or by other rules, or where too much of it changed.
    """
    with engine.begin() as connection:
        around = Surroundings.of(connection)
        rules = rules_of(spec, around.aliases)
        affected = causes.affected(connection)
        projects_due = tuple(sorted(_due(connection, rules, affected)))
        if not projects_due and not marks.marked(connection, marks.KEY):
            return ()
        guard(connection)
        causes.spread(connection, affected)
        causes.forget_lost(connection)
        marks.remark(connection, {(source, marks.CODE, id_) for source, id_ in projects_due}, marks.DUE)
    way = _Way(spec=spec, around=around, rules=rules, limits=limits, known=_Issues(limits.issues))
    for place in projects_due:
        facts: Facts | None = None
        is_left = True
        while is_left:
            with engine.begin() as connection:
                guard(connection)
                is_left, facts = _read_on(connection, way, place, facts)
    return projects_due


class _Way(NamedTuple):
    """How code is read: see ``refreshed``."""

    spec: MappingSpec
    around: Surroundings
    rules: str
    limits: Limits
    known: _Issues


def _read_on(
    connection: Connection, way: _Way, place: Place, facts: Facts | None
) -> tuple[bool, Facts | None]:
    """Read what changed in a project, or some of it, and keep what that says. True where more is left, with the facts that hold until something changes again.

    What is read first may name commits that changed too and are read later: the graph tells of all of them from the beginning. What landed since the last transaction may matter to what was read
    before, which is marked for it while the marks that tell of it are there.
    """
    if marks.unmarked(connection, (place[0], marks.CODE, place[1])):
        causes.spread(connection, causes.affected(connection))
        facts = None
    is_due_whole = _is_to_be_whole(connection, place, way.rules)
    is_laid_out = is_due_whole and _is_sliced(connection, way, place)
    if is_laid_out:
        slices.lay_out(connection, place, rules=way.rules)
    changed, is_last = _some_changes(connection, place, most=way.limits.largest)
    if not (facts or is_last or is_due_whole):
        keep_graph_as_read(connection, place)
    read: tuple[Reading, Facts | None] | None = None
    if is_laid_out or not is_due_whole:
        read = part_of(
            connection,
            way.spec,
            _near(connection, way, is_much=is_laid_out or not is_last),
            Changed(place, changed, way.limits.most, is_last, facts),
            may_be_whole=lambda: not _is_sliced(connection, way, place),
        )
    if read is None:
        changed, is_last = marks.changes_in(connection, *place), True
        read = _whole(connection, way.spec, _near(connection, way, is_much=True), place), None
    reading, facts = read
    keep(connection, reading, rules=way.rules)
    marks.unmark(connection, {*changed, (place[0], marks.DUE, place[1])} if is_last else changed)
    return not is_last, facts


def _is_sliced(connection: Connection, way: _Way, place: Place) -> bool:
    """True if a project is never read whole: because of its size, or because that takes more issues than are known at once."""
    return slices.is_large(connection, place, most=way.limits.largest) or way.known.in_(connection) is None


def _near(connection: Connection, way: _Way, *, is_much: bool) -> Surroundings:
    """The surroundings, with all issues where much is read and they are few."""
    known = way.known.in_(connection) if is_much else None
    return way.around.over(connection) if known is None else way.around.with_issues(known)


def _some_changes(connection: Connection, place: Place, *, most: int) -> tuple[frozenset[marks.Mark], bool]:
    """At most so many of the changes in a project, and whether that is all."""
    found = sorted(marks.changes_in(connection, *place, most=most + 1))
    return frozenset(found[:most]), len(found) <= most


def _is_to_be_whole(connection: Connection, place: Place, rules: str) -> bool:
    """True if a project was never read, or by other rules, or changed as a whole."""
    kept = rows_by(connection, readings, ("rules",), source=place[0], project_id=place[1])
    return kept.scalar_one_or_none() != rules or marks.is_whole_changed(connection, *place)


class _Issues:
    """All issues by key, read when they are asked for the first time."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: Mapping[str, Ref] | None = None
        self._are_few: bool | None = None

    def in_(self, connection: Connection) -> Mapping[str, Ref] | None:
        """Refs by key; None where there are too many."""
        if self._are_few is None:
            self._are_few = count_of_issues(connection, most=self._most + 1) <= self._most
        if self._are_few and self._known is None:
            self._known = issue_refs_of(connection)
        return self._known


def _whole(connection: Connection, spec: MappingSpec, around: Surroundings, place: Place) -> Reading:
    """The reading of all of a project; its graph is kept for readings in part."""
    observed = observed_of(connection, around, source=place[0], project_id=place[1])
    own = (c for c in observed.all(Commit) if (c.source, c.project_id) == place)
    keep_graph(connection, place, own)
    return reading_of(spec, observed, place)


def read_whole(connection: Connection, spec: MappingSpec, place: Place) -> None:
    """Read a project's code whole and keep it, whatever is kept of it."""
    around = Surroundings.of(connection)
    keep(connection, _whole(connection, spec, around, place), rules=rules_of(spec, around.aliases))


def due(connection: Connection, spec: MappingSpec, names: tuple[KeyAlias, ...]) -> frozenset[Place]:
    """(source, project id) of the projects whose code must be read again; ``names`` are an alias of each Jira project."""
    return frozenset(_due(connection, rules_of(spec, names), causes.affected(connection)))


def rules_of(spec: MappingSpec, names: tuple[KeyAlias, ...]) -> str:
    """A digest of all in the mapping by which code is read, and of the Jira projects that there are."""
    said = {
        "revision": REVISION,
        "links": spec.links.model_dump(mode="json"),
        "bots": sorted(spec.vocabulary.bots),
        "production": list(spec.vocabulary.production),
        "projects": sorted({p for site in spec.sources.jira for p in site.projects}),
        "names": sorted({alias.key.rpartition("-")[0] for alias in names}),
    }
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _due(connection: Connection, rules: str, affected: Iterable[causes.Change]) -> set[Place]:
    """Projects whose code changed, was read by other rules, or names something that was not there then and is now, or the other way round."""
    changed = marks.marked(connection, marks.CODE, marks.DUE, *marks.CHANGES)
    due = {(source, name.partition(" ")[0]) for source, _, name in changed}
    due |= {(change.source, change.project_id) for change in affected}
    return due | _by_others(connection, rules)


def _by_others(connection: Connection, rules: str) -> set[Place]:
    """Projects that were read by other rules."""
    old = select(readings.c.source, readings.c.project_id).where(readings.c.rules != rules)
    return {(r.source, r.project_id) for r in connection.execute(old)}
