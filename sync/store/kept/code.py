"""What the code says, as a judgement looks it up, within one snapshot of the store."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.records import Issue, MergeRequest, Ref
from mappings.code import Code
from mappings.links import Confidence, Link, Place, Role
from mappings.observed import grouped_by
from mappings.reverts import Revert
from sync.store.kept.arrivals import StoredArrivals
from sync.store.kept.lookup import BATCH, Lookup
from sync.store.kept.names import KEY
from sync.store.kept.project import issue_refs_of
from sync.store.kept.rows import grouped_keys, in_order
from sync.store.questions import rows_by
from sync.store.records import live_by
from sync.store.tables import RECORD_TABLES, aliases, links, named, readings, reverts

_COLUMNS = ("source", "change_kind", "change_id", "key", "place", "role", "confidence", "reason")
_PLACES = {place.value: place for place in Place}
_ROLES = {role.value: role for role in Role}
_CONFIDENCES = {confidence.value: confidence for confidence in Confidence}


class StoredCode(Code):
    """``Code`` over a snapshot in which every project's code has been read. Use it while the connection is open.

    ``small`` is one over the same snapshot, of which what is read whole need not be read again.
    """

    def __init__(self, connection: Connection, *, small: Code | None = None) -> None:
        object.__setattr__(self, "_connection", connection)
        object.__setattr__(self, "_small", small)
        kept = small.arrivals if isinstance(small, StoredCode) else StoredArrivals(connection)
        object.__setattr__(self, "arrivals", kept)
        object.__setattr__(self, "landed", _Landed(kept))
        object.__setattr__(self, "shipments", Lookup(kept.shipped))

    _connection: Connection
    _small: Code | None
    arrivals: StoredArrivals
    """What is kept by sha."""

    @cached_property
    def reverts(self) -> tuple[Revert, ...]:
        """Every revert, by what was taken back."""
        return self._small.reverts if self._small else tuple(_reverts(self._connection))

    @cached_property
    def asked(self) -> tuple[MergeRequest, ...]:
        """Merge requests whose commits GitLab must be asked for."""
        return self._small.asked if self._small else _asked(self._connection)

    @cached_property
    def first_shipment_of(self) -> Lookup[tuple[str, str], datetime]:
        """When each project shipped for the first time that is known, by (source, project id)."""
        return Lookup(self.arrivals.first_of)

    @cached_property
    def issue_refs(self) -> Lookup[str, Ref]:
        """Refs of issues by current and former key."""
        return Lookup(lambda keys: issue_refs_of(self._connection, keys))

    @cached_property
    def links_by_issue(self) -> Lookup[Ref, tuple[Link, ...]]:
        """Links by the issue they name."""
        return Lookup(self._of_issues)

    def _of_issues(self, refs: tuple[Ref, ...]) -> Mapping[Ref, tuple[Link, ...]]:
        keys = set(keys_of(self._connection, refs))
        found: list[Link] = []
        self.links_by_key.fetch(keys)
        for key in keys:
            found += self.links_by_key.get(key, ())
        return grouped_by(sorted((x for x in found if x.issue), key=_order), "issue")

    @cached_property
    def links_by_change(self) -> Lookup[Ref, tuple[Link, ...]]:
        """Links by the branch, merge request or commit that holds them."""
        return Lookup(self._of_changes)

    def _of_changes(self, refs: tuple[Ref, ...]) -> Mapping[Ref, tuple[Link, ...]]:
        found: list[Link] = []
        for (source, kind), ids in grouped_keys(refs).items():
            found += self._links_in(
                rows_by(self._connection, links, _COLUMNS, source=source, change_kind=kind, change_id=ids)
            )
        return grouped_by(sorted(found, key=_order), "change")

    @cached_property
    def links_by_key(self) -> Lookup[str, tuple[Link, ...]]:
        """Links by the key as it is written."""
        return Lookup(self._of_keys)

    def _of_keys(self, keys: tuple[str, ...]) -> Mapping[str, tuple[Link, ...]]:
        found = self._links_in(rows_by(self._connection, links, _COLUMNS, key=keys))
        return grouped_by(sorted(found, key=_order), "key")

    def links_to_nothing(self) -> Iterable[Link]:
        """Links whose key names no known issue, in order."""
        names = select(named.c.name).where(named.c.kind == KEY)
        query = select(*(links.c[name] for name in _COLUMNS)).where(links.c.key.in_(names))
        found = self._links_in(self._connection.execute(query))
        return sorted((link for link in found if link.issue is None), key=_order)

    def _links_in(self, found: Iterable[Row[*tuple[Any, ...]]]) -> list[Link]:
        """The links in rows of ``_COLUMNS``."""
        rows = tuple(found)
        self.issue_refs.fetch(row[3] for row in rows)
        return [
            Link(
                change=Ref(source, kind, id_),
                key=key,
                issue=self.issue_refs.get(key),
                place=_PLACES[place],
                role=_ROLES[role],
                confidence=_CONFIDENCES[confidence],
                reason=reason,
            )
            for source, kind, id_, key, place, role, confidence, reason in rows
        ]


class _Landed:
    """Holds (source, project id, sha) of the commits on default branches."""

    def __init__(self, kept: StoredArrivals) -> None:
        self._kept = kept

    def __contains__(self, place: object) -> bool:
        return isinstance(place, tuple) and self._kept.has_landed(place)


def _order(link: Link) -> tuple[str, str, str, str, str]:
    return (link.change.source, link.change.kind, link.change.id, link.key, link.place)


def keys_of(connection: Connection, refs: tuple[Ref, ...]) -> Iterable[str]:
    """Every key, present or former, of some issues."""
    issues = RECORD_TABLES[Issue]
    for (source, _), ids in grouped_keys(refs).items():
        yield from rows_by(connection, aliases, ("key",), source=source, issue_id=ids).scalars()
        yield from rows_by(connection, issues, ("key",), source=source, id=ids).scalars()


def _reverts(connection: Connection) -> Iterable[Revert]:
    rows = connection.execute(select(reverts)).all()
    found = (
        Revert(
            of=Ref(r.source, r.of_kind, r.of_id),
            by=Ref(r.source, r.by_kind, r.by_id),
            at=r.at,
            is_partial=r.is_partial,
        )
        for r in rows
    )
    return sorted(found, key=lambda r: (r.of, r.by))


def _asked(connection: Connection) -> tuple[MergeRequest, ...]:
    asked = {
        (r.source, id_)
        for r in connection.execute(select(readings.c.source, readings.c.asked))
        for id_ in r.asked
    }
    found: list[MergeRequest] = []
    for (source,), ids in grouped_keys(sorted(asked)).items():
        for start in range(0, len(ids), BATCH):
            found += live_by(connection, MergeRequest, source=source, id=ids[start : start + BATCH])
    return in_order(found)
