"""Memberships as a judgement looks them up: by commitment and by record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Row

from connectors.records import Ref
from mappings.commitments import Membership
from mappings.observed import grouped_by
from mappings.scope import Memberships
from sync.store.kept.lookup import BATCH, Lookup
from sync.store.kept.rows import grouped_keys
from sync.store.questions import rows_by
from sync.store.tables import memberships


def memberships_about(connection: Connection, refs: Iterable[Ref]) -> Iterator[Membership]:
    """The memberships of some records, in no particular order."""
    for (source, kind), ids in grouped_keys(sorted(refs)).items():
        for start in range(0, len(ids), BATCH):
            some = ids[start : start + BATCH]
            yield from _read(rows_by(connection, memberships, source=source, kind=kind, record_id=some))


def _read(rows: Iterable[Row[Any]]) -> Iterator[Membership]:
    for r in rows:
        yield Membership(
            commitment_key=r.commitment_key,
            record=Ref(r.source, r.kind, r.record_id),
            because=r.because,
            rule=r.rule,
        )


class StoredMemberships(Memberships):
    """``Memberships`` over a snapshot. Use it while the connection is open."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        object.__setattr__(self, "_connection", connection)

    _connection: Connection

    @cached_property
    def by_commitment(self) -> Lookup[str, tuple[Membership, ...]]:
        """Memberships by the key of the commitment."""
        return Lookup(self._in)

    def _in(self, keys: tuple[str, ...]) -> Mapping[str, tuple[Membership, ...]]:
        rows = rows_by(self._connection, memberships, commitment_key=keys)
        found = sorted(_read(rows), key=lambda m: (m.commitment_key, m.record))
        return grouped_by(found, "commitment_key")

    @cached_property
    def by_record(self) -> Lookup[Ref, tuple[Membership, ...]]:
        """Memberships by the record that belongs."""
        return Lookup(self._of)

    def loose(self, refs: Iterable[Ref]) -> frozenset[Ref]:
        """Those of the records that belong nowhere, told by ids alone."""
        loose: set[Ref] = set()
        for (source, kind), ids in grouped_keys(sorted(set(refs))).items():
            # of many, all that belong somewhere are read instead
            some = {"record_id": ids} if len(ids) <= BATCH else {}
            rows = rows_by(self._connection, memberships, ("record_id",), source=source, kind=kind, **some)
            held = frozenset(rows.scalars())
            loose.update(Ref(source, kind, id_) for id_ in ids if id_ not in held)
        return frozenset(loose)

    def _of(self, refs: tuple[Ref, ...]) -> Mapping[Ref, tuple[Membership, ...]]:
        found = sorted(memberships_about(self._connection, refs), key=lambda m: (m.commitment_key, m.record))
        return grouped_by(found, "record")
