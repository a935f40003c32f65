"""Tables of records: one per record type, its columns read off the record's fields, so that store and vocabulary cannot disagree.

A record's row also says from which partition it came, a digest of its content (an unchanged record is not rewritten) and when the tool
was seen to have lost it (``gone_at``: a tombstone, undone when the record comes back).
"""

from __future__ import annotations

import types
import typing
from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy import Column, MetaData, Table, Text, literal_column

from connectors.records import RECORD_TYPES, FieldChange, Record
from mappings.observed import PLANNED
from sync.store.types import SCALARS, Instant, PlainText, Tuple

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _column_of(name: str, annotation: object) -> Column[typing.Any]:
    """The column of one record field: ``X | None`` is nullable, tuples are JSON."""
    options = typing.get_args(annotation) if isinstance(annotation, types.UnionType) else (annotation,)
    kind = next(option for option in options if option is not types.NoneType)
    column_type = Tuple() if typing.get_origin(kind) is tuple else SCALARS[kind]
    return Column(name, column_type, nullable=types.NoneType in options, primary_key=name in {"source", "id"})


def _table_of(record_type: type[Record]) -> Table:
    hints = typing.get_type_hints(record_type)
    columns = [_column_of(name, hints[name]) for name in record_type.__struct_fields__]
    return Table(
        f"{record_type.kind}_records",
        metadata,
        *columns,
        Column("partition", PlainText, nullable=False),
        Column("digest", Text, nullable=False),
        Column("gone_at", Instant),
    )


RECORD_TABLES: Mapping[type[Record], Table] = MappingProxyType({t: _table_of(t) for t in RECORD_TYPES})
"""The table of each record type."""

RECORD_TYPE_BY_KIND: Mapping[str, type[Record]] = MappingProxyType({t.kind: t for t in RECORD_TYPES})
"""Each record type by its kind."""

TABLE_BY_KIND: Mapping[str, Table] = MappingProxyType({t.kind: table for t, table in RECORD_TABLES.items()})
"""The table of each record kind."""

IS_PLANNED = RECORD_TABLES[FieldChange].c.field.in_([literal_column(f"'{name}'") for name in sorted(PLANNED)])
"""True, in SQL, of a change by which an issue joins or leaves a milestone."""
