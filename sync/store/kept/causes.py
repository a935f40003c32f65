"""Causes: what changed elsewhere becomes marks of the changes that can say something else for it, in one transaction, so that a crash forgets none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, exists, select

from connectors.records import Commit, Issue, MergeRequest, Project
from mappings.landings import ids_by_path
from sync.store import marks
from sync.store.dialect import is_one_of
from sync.store.kept import names
from sync.store.kept.lookup import BATCH
from sync.store.kept.rows import grouped_keys, in_order
from sync.store.questions import rows_by
from sync.store.records import live
from sync.store.tables import RECORD_TABLES, aliases, links, named

_COMMITS, _ISSUES = RECORD_TABLES[Commit], RECORD_TABLES[Issue]


class Change(NamedTuple):
    """A branch, merge request or commit, with its project."""

    source: str
    project_id: str
    kind: str
    id: str


def affected(connection: Connection) -> frozenset[Change]:
    """The changes that did not change themselves, but can say something else: an issue, a commit or a merge request that they name has come, changed or gone."""
    moved = frozenset(marks.marked(connection, *marks.CHANGES))
    found = {
        *_found_since(connection),
        *_lost_since(connection),
        *_elsewhere(connection),
        *_asking(connection, moved),
    }
    found.update(_orphaned(connection, moved))
    found.update(_inheriting(connection, _commits_among(moved, found)))
    return frozenset(found)


def spread(connection: Connection, found: Iterable[Change]) -> None:
    """Mark what was found to be ``affected``."""
    marks.mark(connection, {marks.mark_of_change(*change) for change in found})


def forget_lost(connection: Connection) -> None:
    """Forget the keys that were lost: they have been dealt with once what they affect is marked, and nothing is being read that may still go by them."""
    marks.unmark_all(connection, marks.KEY)


def _changes(connection: Connection, where: ColumnElement[bool]) -> Iterator[Change]:
    columns = (named.c.source, named.c.project_id, named.c.change_kind, named.c.change_id)
    yield from (Change(*row) for row in connection.execute(select(*columns).where(where).distinct()))


def _found_since(connection: Connection) -> Iterator[Change]:
    """Those that name a commit or a key that was not there and is now."""
    is_there = _has_commit() if _has_any(connection, names.SHA) else None
    if is_there is not None:
        yield from _changes(connection, (named.c.kind == names.SHA) & is_there)
    yield from _changes(connection, (named.c.kind == names.KEY) & _is_key_known())


def _has_any(connection: Connection, kind: str) -> bool:
    return connection.execute(select(named.c.name).where(named.c.kind == kind).limit(1)).first() is not None


def _has_commit() -> ColumnElement[bool]:
    is_it = (_COMMITS.c.source == named.c.source) & (_COMMITS.c.sha == named.c.name)
    return exists().where(is_it, _COMMITS.c.gone_at.is_(None))


def _is_key_known() -> ColumnElement[bool]:
    current = exists().where(_ISSUES.c["key"] == named.c.name, _ISSUES.c.gone_at.is_(None))
    former = exists().where(
        aliases.c.key == named.c.name,
        _ISSUES.c.source == aliases.c.source,
        _ISSUES.c.id == aliases.c.issue_id,
        _ISSUES.c.gone_at.is_(None),
    )
    return current | former


def _lost_since(connection: Connection) -> Iterator[Change]:
    """Those that name a key, present or former, of an issue that is gone."""
    lost = sorted({name for _, _, name in marks.marked(connection, marks.KEY)})
    columns = (links.c.source, links.c.project_id, links.c.change_kind, links.c.change_id)
    for part in _parts(lost):
        former = select(aliases.c.key).join(
            _ISSUES, (aliases.c.source == _ISSUES.c.source) & (aliases.c.issue_id == _ISSUES.c.id)
        )
        keys = {*part, *connection.execute(former.where(is_one_of(_ISSUES.c["key"], part))).scalars()}
        for some in _parts(sorted(keys)):
            query = select(*columns).where(is_one_of(links.c.key, some)).distinct()
            yield from (Change(*row) for row in connection.execute(query))


def _elsewhere(connection: Connection) -> Iterator[Change]:
    """Those that name another project by a path where another one is found now, or none."""
    rows = rows_by(connection, named, kind=(names.REQUEST, names.PATH)).all()
    if not rows:
        return
    projects = in_order(live(connection, Project))
    ids, paths = ids_by_path(projects), {(p.source, p.id): p.path.casefold() for p in projects}
    for row in rows:
        if row.kind == names.REQUEST:
            _, path, reference = names.request_of(row.name)
            name = names.name_of_request(ids, row.source, path, reference)
        else:
            name = paths.get((row.source, row.project_id), row.name)
        if row.name != name:
            yield Change(row.source, row.project_id, row.change_kind, row.change_id)


def _asking(connection: Connection, moved: frozenset[marks.Mark]) -> Iterator[Change]:
    """Those that name a merge request of a project in which merge requests changed."""
    kinds = {marks.WHOLE, marks.CHANGE + MergeRequest.kind}
    places = {(source, name.partition(" ")[0]) for source, kind, name in moved if kind in kinds}
    rows = rows_by(connection, named, kind=names.REQUEST).all() if places else ()
    for row in rows:
        if (row.source, names.request_of(row.name)[0]) in places:
            yield Change(row.source, row.project_id, row.change_kind, row.change_id)


def _orphaned(connection: Connection, moved: frozenset[marks.Mark]) -> Iterator[Change]:
    """Those that repeat or take back a commit of a project that is gone as a whole."""
    if any(kind == marks.WHOLE for _, kind, _ in moved):
        yield from _changes(connection, (named.c.kind == names.ORIGIN) & ~_has_commit())


def _commits_among(moved: Iterable[marks.Mark], found: Iterable[Change]) -> frozenset[tuple[str, str]]:
    """(source, sha) of the commits among changes."""
    own = ((source, name) for source, kind, name in moved if kind == marks.CHANGE + Commit.kind)
    others = ((change.source, change.id) for change in found if change.kind == Commit.kind)
    return frozenset((source, name.rpartition("/")[2]) for source, name in (*own, *others))


def _inheriting(connection: Connection, commits: frozenset[tuple[str, str]]) -> Iterator[Change]:
    """Those that repeat or take back one of the commits."""
    if not commits or not (_has_any(connection, names.ORIGIN) or _has_any(connection, names.SHA)):
        return
    is_origin = named.c.kind.in_((names.ORIGIN, names.SHA))
    for (source,), shas in grouped_keys(sorted(commits)).items():
        for part in _parts(shas):
            is_named = (named.c.source == source) & is_one_of(named.c.name, part)
            yield from _changes(connection, is_origin & is_named)


def _parts(values: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(values), BATCH):
        yield values[start : start + BATCH]
