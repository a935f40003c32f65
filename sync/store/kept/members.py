"""Memberships: which records belong to which commitment, worked out anew for what changed, and kept."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Engine, delete, select, tuple_

from connectors.records import GitlabIssue, Issue, MergeRequest, Milestone, Project, Ref, Version
from mappings.commitments import Commitment, Membership, PathIn
from mappings.discovery import commitments_of
from mappings.record_index import RecordIndex, Subject
from mappings.schema import MappingSpec
from mappings.scope import memberships_among
from mappings.watched import watched_paths
from sync.store import bulk, marks
from sync.store.dialect import is_one_of
from sync.store.kept import judgements
from sync.store.kept.around import kin_of, marks_around, marks_of_debts
from sync.store.kept.code import keys_of
from sync.store.kept.held import memberships_about
from sync.store.kept.lookup import BATCH, forget
from sync.store.kept.observed import StoredObserved
from sync.store.kept.project import issues_below
from sync.store.kept.rows import grouped_keys, in_order
from sync.store.kept.touched import StoredTouches
from sync.store.records import live, live_by
from sync.store.tables import TABLE_BY_KIND, memberships

_SUBJECTS = (Issue, MergeRequest, GitlabIssue)
_PAGE = 2000


def refreshed(
    engine: Engine,
    spec: MappingSpec,
    *,
    is_code_new: bool,
    guard: Callable[[Connection], None] = lambda _: None,
) -> None:
    """Work out again who belongs where for what changed since, all where the rules changed.

    ``is_code_new`` says that code was read again: then work below paths may belong elsewhere.
    """
    with engine.begin() as connection:
        guard(connection)
        observed = StoredObserved(connection)
        commitments = commitments_of(spec, observed)
        rules = ("*", marks.MEMBERSHIPS, _rules_of(commitments, observed))
        touches = StoredTouches(connection, observed)
        sorting = _Sorting(connection, spec, observed, commitments, touches.refs_below)
        is_other = marks.marked(connection, marks.MEMBERSHIPS) != {rules}
        if is_other or (is_code_new and bool(watched_paths(commitments))):
            _sort_all(sorting)
            marks.mark(connection, {rules})
        else:
            _sort_changed(sorting)


class _Sorting(NamedTuple):
    """What sorts records into commitments. ``observed`` is for the small listings; what is looked up for some records is forgotten with them."""

    connection: Connection
    spec: MappingSpec
    observed: StoredObserved
    commitments: tuple[Commitment, ...]
    refs_below: Callable[[PathIn], frozenset[Ref]]

    def keep(self, group: tuple[Subject, ...]) -> set[str]:
        """Keep where these records belong; returns the keys of the commitments of before and of now."""
        near = StoredObserved(self.connection, small=self.observed)
        index = RecordIndex(near, group, self.refs_below)
        held = _keep(
            self.connection, asked_refs(group), memberships_among(self.spec, self.commitments, index)
        )
        forget(near)
        return held


def _sort_all(sorting: _Sorting) -> None:
    """Everything anew. The marks go first: what changes from here on is marked again."""
    connection = sorting.connection
    marks.unmark_all(
        connection, *(kind.kind for kind in _SUBJECTS), marks.NAMED, marks.TODO, marks.MEMBERSHIPS
    )
    connection.execute(delete(memberships))
    judgements.forget_all(connection)
    held: set[str] = set()
    for group in _everything(connection):
        held |= sorting.keep(group)
    marks.mark(connection, {("*", marks.COMMITMENT, key) for key in held})


def _sort_changed(sorting: _Sorting) -> None:
    connection, observed = sorting.connection, sorting.observed
    due = marks.marked(connection, *(kind.kind for kind in _SUBJECTS))
    named = marks.marked(connection, marks.NAMED)
    todos = marks.marked(connection, marks.TODO)
    if not (due or named or todos):
        return
    asked: set[Ref] = {Ref(*mark) for mark in due}
    held: set[str] = set()
    for group in _changed(connection, due):
        asked |= {record.ref for record in group}
        held |= sorting.keep(group)
    held |= _keep(connection, _gone(connection, due), ())
    marks.mark(connection, {("*", marks.COMMITMENT, key) for key in held})
    if judgements.are_kept(connection):
        observed.issue_refs.fetch(key for _, _, key in named)
        refs = asked | {ref for _, _, key in named if (ref := observed.issue_refs.get(key))}
        marks.mark(connection, _around(connection, observed, sorting.commitments, refs))
        marks.mark(connection, marks_of_debts(sorting.commitments) if todos else ())
    marks.unmark(connection, due | named | todos)


def _around(
    connection: Connection, observed: StoredObserved, commitments: tuple[Commitment, ...], refs: set[Ref]
) -> Iterator[marks.Mark]:
    """What the change of records can matter to beside the commitments that hold them."""
    observed.by_ref.fetch(sorted(ref for ref in refs if ref.kind == Issue.kind))
    issues = [
        r for ref in refs if ref.kind == Issue.kind and isinstance(r := observed.by_ref.get(ref), Issue)
    ]
    near = frozenset(refs) | kin_of(observed, issues)
    yield from marks_around(commitments, near, issues)
    for membership in memberships_about(connection, near):
        yield "*", marks.COMMITMENT, membership.commitment_key


def is_due(connection: Connection, spec: MappingSpec, observed: StoredObserved) -> bool:
    """True if something changed since memberships were worked out; ``observed`` is over the same snapshot."""
    rules = ("*", marks.MEMBERSHIPS, _rules_of(commitments_of(spec, observed), observed))
    is_changed = bool(marks.marked(connection, *(kind.kind for kind in _SUBJECTS)))
    return is_changed or marks.marked(connection, marks.MEMBERSHIPS) != {rules}


def asked_refs(group: Iterable[Subject]) -> tuple[Ref, ...]:
    """Refs of some records."""
    return tuple(record.ref for record in group)


def _rules_of(commitments: Iterable[Commitment], observed: StoredObserved) -> str:
    """A digest of everything but the records themselves that decides who belongs where."""
    said = [(c.key, c.origin, repr(c.scope), c.debt.issue_key if c.debt else "") for c in commitments]
    named: list[tuple[str, ...]] = [(v.source, v.id, v.name) for v in observed.all(Version)]
    named += [(m.source, m.id, m.title) for m in observed.all(Milestone)]
    named += [(p.source, p.id, p.path) for p in observed.all(Project)]
    return hashlib.blake2b(repr((said, named)).encode(), digest_size=12).hexdigest()


def _everything(connection: Connection) -> Iterator[tuple[Subject, ...]]:
    """All records that can belong to a commitment, a page at a time."""
    for kind in _SUBJECTS:
        table = TABLE_BY_KIND[kind.kind]
        last = ("", "")
        while True:
            place = tuple_(table.c.source, table.c.id)
            page = select(table.c.source, table.c.id).where(place > last).order_by(*table.primary_key)
            refs = [(r.source, r.id) for r in connection.execute(page.limit(_PAGE))]
            if not refs:
                break
            is_in = (place > last) & (place <= refs[-1])
            yield in_order(live(connection, kind, is_in))
            last = refs[-1]


def _changed(connection: Connection, due: frozenset[tuple[str, str, str]]) -> Iterator[tuple[Subject, ...]]:
    """The records that changed, and with issues those below them: a sub-task belongs to its parent's epic."""
    by_kind: defaultdict[str, set[Ref]] = defaultdict(set)
    for mark in due:
        by_kind[mark[1]].add(Ref(*mark))
    changed = by_kind[Issue.kind]
    for _ in range(2):
        keys = frozenset(keys_of(connection, tuple(changed)))
        changed |= {issue.ref for issue in issues_below(connection, keys)}
    for kind in _SUBJECTS:
        for (source, _), ids in grouped_keys(sorted(by_kind[kind.kind])).items():
            for start in range(0, len(ids), BATCH):
                yield in_order(live_by(connection, kind, source=source, id=ids[start : start + BATCH]))


def _gone(connection: Connection, due: frozenset[tuple[str, str, str]]) -> tuple[Ref, ...]:
    alive: set[Ref] = set()
    asked = tuple(Ref(*mark) for mark in sorted(due))
    for (source, kind), ids in grouped_keys(asked).items():
        table = TABLE_BY_KIND[kind]
        for start in range(0, len(ids), BATCH):
            is_asked = (table.c.source == source) & is_one_of(table.c.id, ids[start : start + BATCH])
            query = select(table.c.id).where(is_asked, table.c.gone_at.is_(None))
            alive.update(Ref(source, kind, id_) for id_ in connection.execute(query).scalars())
    return tuple(ref for ref in asked if ref not in alive)


def _keep(connection: Connection, refs: tuple[Ref, ...], found: Iterable[Membership]) -> set[str]:
    """Put ``found`` in the place of what is kept about ``refs``; records that belong where they belonged are not touched. Returns the commitments of before and of now."""
    now: defaultdict[Ref, set[Membership]] = defaultdict(set)
    for membership in found:
        now[membership.record].add(membership)
    kept: defaultdict[Ref, set[Membership]] = defaultdict(set)
    for membership in memberships_about(connection, refs):
        kept[membership.record].add(membership)
    moved = [ref for ref in refs if now[ref] != kept[ref]]
    left = [{"source": r.source, "kind": r.kind, "record_id": r.id} for r in moved if kept[r]]
    bulk.remove(connection, memberships, left)
    bulk.add(connection, memberships, [_row_of(membership) for ref in moved for membership in now[ref]])
    return {membership.commitment_key for ref in refs for membership in now[ref] | kept[ref]}


def _row_of(membership: Membership) -> dict[str, str]:
    source, kind, id_ = membership.record
    return {
        "commitment_key": membership.commitment_key,
        "source": source,
        "kind": kind,
        "record_id": id_,
        "because": membership.because,
        "rule": membership.rule,
    }
