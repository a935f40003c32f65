"""Searches: the records that rules look for by what they are, not by whose they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from functools import cached_property

from sqlalchemy import ColumnElement, Text, or_, select, type_coerce

from connectors.records import Branch, FieldChange, Issue, MergeRequest, Ref
from mappings.observed import PLANNED, ItemSeen
from sync.store.kept.listings import ListedObserved
from sync.store.kept.rows import in_order
from sync.store.records import live
from sync.store.tables import RECORD_TABLES

_ISSUES, _CHANGES = RECORD_TABLES[Issue], RECORD_TABLES[FieldChange]


class SearchedObserved(ListedObserved):
    """What ``Observed`` looks for among all records of a kind, asked of the store."""

    @cached_property
    def resolving_projects(self) -> frozenset[tuple[str, str]]:
        """(source, project key) of the Jira projects whose issues get a resolution date when they are done."""
        rows = (
            select(_ISSUES.c.source, _ISSUES.c.project_key)
            .where(_ISSUES.c.gone_at.is_(None), _ISSUES.c.resolved_at.is_not(None))
            .distinct()
        )
        return frozenset((r.source, r.project_key) for r in self._connection.execute(rows))

    def issues_marked(
        self,
        projects: Collection[str],
        *,
        types: Collection[str] = (),
        labels: Collection[str] = (),
        components: Collection[str] = (),
    ) -> Iterable[Issue]:
        """Issues of the projects (of all, where none is named) that have one of the types, labels or components; without these, all of the projects named. In ref order."""
        is_marked: list[ColumnElement[bool]] = [_ISSUES.c.type.in_(types)]
        for column, words in ((_ISSUES.c.labels, labels), (_ISSUES.c.components, components)):
            text = type_coerce(column, Text)  # a JSON array of texts
            is_marked += [text.contains(json.dumps(w, ensure_ascii=False), autoescape=True) for w in words]
        where: list[ColumnElement[bool]] = [_ISSUES.c.project_key.in_(projects)] if projects else []
        if types or labels or components:
            where.append(or_(*is_marked))
        return in_order(live(self._connection, Issue, *where)) if where else ()

    def items_before(
        self, types: frozenset[str], at: datetime, *, named: Collection[str]
    ) -> Iterable[ItemSeen]:
        """Issues of these types that were created at ``at`` or earlier, without sub-tasks, in ref order; see ``Observed.items_before``."""
        issues = _ISSUES.c
        columns = (
            issues.id,
            issues["key"],
            issues.project_key,
            issues.status,
            issues.status_category,
            issues.resolution,
        )
        query = select(issues.source, *columns).where(
            issues.gone_at.is_(None),
            issues.type.in_(types),
            issues.is_subtask.is_(False),
            issues.created_at <= at,
            or_(issues.status_category != "done", issues.status.in_(named)),
        )
        found = (
            ItemSeen(Ref(source, Issue.kind, id_), *rest)
            for source, id_, *rest in self._connection.execute(query).all()
        )
        return sorted(found, key=lambda item: (item.ref.source, len(item.ref.id), item.ref.id))

    def requests_since(self, at: datetime) -> Iterable[MergeRequest]:
        """Merge requests that were opened or merged at ``at`` or later, in ref order."""
        if at not in self._requests:
            table = RECORD_TABLES[MergeRequest]
            is_recent = or_(table.c.created_at >= at, table.c.merged_at >= at)
            self._requests[at] = in_order(live(self._connection, MergeRequest, is_recent))
        return self._requests[at]

    @cached_property
    def _requests(self) -> dict[datetime, tuple[MergeRequest, ...]]:
        """The merge requests of late by the instant since when they were asked for: several rules ask for the same."""
        return {}

    def branches_since(self, at: datetime) -> Iterable[Branch]:
        """Branches whose tip was committed at ``at`` or later, in ref order."""
        return in_order(live(self._connection, Branch, RECORD_TABLES[Branch].c.committed_at >= at))

    def taken_out(self, ids: frozenset[str]) -> Iterable[FieldChange]:
        """Changes of fix version or epic away from one of ``ids``, oldest first."""
        is_left = or_(_CHANGES.c.from_value.in_(ids), _CHANGES.c.from_text.in_(ids))
        found = live(self._connection, FieldChange, _CHANGES.c.field.in_(PLANNED), is_left)
        return sorted(found, key=lambda c: (c.at, len(c.id), c.id))
