"""References: which row names which other row. The tables have no foreign keys, because tools tell of things in any order."""

from __future__ import annotations

from msgspec import Struct
from sqlalchemy import ColumnElement, Table, exists

from sync.store.tables import TABLE_BY_KIND, aliases, outbox, receipts, slots, told


class Reference(Struct, frozen=True):
    """``column`` of ``child`` holds the id of a record in ``parent`` of the same source."""

    child: Table
    column: str
    parent: Table

    @property
    def is_kept(self) -> ColumnElement[bool]:
        """True, in SQL, where the record that a child's row names is in the store, live or gone."""
        named = self.parent.c.id == self.child.c[self.column]
        return exists().where(self.parent.c.source == self.child.c.source, named)


_ISSUE = TABLE_BY_KIND["issue"]
_REQUEST = TABLE_BY_KIND["merge_request"]
_PIPELINE = TABLE_BY_KIND["pipeline"]

BETWEEN_RECORDS: tuple[Reference, ...] = (
    Reference(TABLE_BY_KIND["field_change"], "issue_id", _ISSUE),
    Reference(TABLE_BY_KIND["worklog"], "issue_id", _ISSUE),
    Reference(TABLE_BY_KIND["approval"], "id", _REQUEST),
    Reference(TABLE_BY_KIND["merge_request_commits"], "id", _REQUEST),
    Reference(TABLE_BY_KIND["merge_request_notes"], "id", _REQUEST),
    Reference(TABLE_BY_KIND["job"], "pipeline_id", _PIPELINE),
    Reference(aliases, "issue_id", _ISSUE),
)
"""Records that belong to another one."""


def parts_of(table: Table) -> tuple[Reference, ...]:
    """The records that belong to those of ``table``, which are gone with them and come back with them."""
    return tuple(r for r in BETWEEN_RECORDS if r.parent is table and "gone_at" in r.child.c)


OF_SLOTS: tuple[Reference, ...] = tuple(
    Reference(table, "issue_id", _ISSUE) for table in (receipts, told, slots, outbox)
)
"""What is known of places in issues."""
