"""Searches: the records that rules look for by what they are, not by whose they are."""

from __future__ import annotations

import json
from collections.abc import Collection, Hashable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, or_, select, type_coerce

from connectors.records import Branch, FieldChange, Issue, MergeRequest, Pipeline, Ref, Worklog
from mappings.observed import ItemSeen, grouped
from mappings.observed_code import NOT_OF_BRANCH, in_time
from sync.store.dialect import is_one_of
from sync.store.kept.listings import ListedObserved
from sync.store.kept.rows import grouped_keys, in_order
from sync.store.record_tables import IS_PLANNED
from sync.store.records import live
from sync.store.tables import RECORD_TABLES

_ISSUES, _CHANGES, _RUNS = RECORD_TABLES[Issue], RECORD_TABLES[FieldChange], RECORD_TABLES[Pipeline]


class SearchedObserved(ListedObserved):
    """What ``Observed`` looks for among all records of a kind, asked of the store."""

    @cached_property
    def resolving_projects(self) -> frozenset[tuple[str, str]]:
        """(source, project key) of the Jira projects whose issues get a resolution date when they are done."""
        return frozenset(tuple(row) for row in self._connection.execute(_resolving()) if row.source)

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
            # more and less, each of which an index knows; of what is not equal none does
            or_(issues.status_category < "done", issues.status_category > "done", issues.status.in_(named)),
        )
        found = (
            ItemSeen(Ref(source, Issue.kind, id_), *rest)
            for source, id_, *rest in self._connection.execute(query).all()
        )
        return sorted(found, key=lambda item: (item.ref.source, len(item.ref.id), item.ref.id))

    @cached_property
    def found_since(self) -> dict[Hashable, tuple[Any, ...]]:
        """What was found of late by what was asked for, for all views of one snapshot: many commitments ask for the same branches and accounts."""
        return {}

    def runs_since_passed(
        self, branch: tuple[str, str, str], *, passed: frozenset[str], until: datetime
    ) -> tuple[Pipeline, ...]:
        """The pipelines that ran for a branch since one passed; see ``ObservedCode.runs_since_passed``."""
        asked = (branch, passed, until)
        if asked not in self.found_since:
            names = (_RUNS.c.source, _RUNS.c.project_id, _RUNS.c.ref_name)
            is_its = and_(*(name == value for name, value in zip(names, branch, strict=True)))
            is_its &= _RUNS.c.origin.not_in(NOT_OF_BRANCH) & (_RUNS.c.created_at <= until)
            newest = select(_RUNS.c.created_at).where(
                is_its, _RUNS.c.status.in_(passed), _RUNS.c.gone_at.is_(None)
            )
            last = self._connection.execute(newest.order_by(_RUNS.c.created_at.desc()).limit(1)).scalar()
            since = is_its if last is None else is_its & (_RUNS.c.created_at >= last)
            self.found_since[asked] = tuple(in_time(live(self._connection, Pipeline, since)))
        return self.found_since[asked]

    def worklogs_since(
        self, at: datetime, accounts: Collection[tuple[str, str]]
    ) -> Mapping[tuple[str, str], tuple[Worklog, ...]]:
        """Hours of each account, (source, id), for work that began at ``at`` or later, in ref order."""
        unasked = sorted(account for account in accounts if (at, account) not in self.found_since)
        logs = RECORD_TABLES[Worklog].c
        for (source,), ids in grouped_keys(unasked).items():
            is_its = (logs.source == source) & is_one_of(logs.author_id, ids) & (logs.started_at >= at)
            found = grouped(in_order(live(self._connection, Worklog, is_its)), lambda log: log.author_id)
            for id_ in ids:
                self.found_since[at, (source, id_)] = found.get(id_, ())
        return {account: self.found_since[at, account] for account in accounts}

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
        found = {
            change.ref: change
            for column in (_CHANGES.c.from_value, _CHANGES.c.from_text)
            for change in live(self._connection, FieldChange, IS_PLANNED, is_one_of(column, sorted(ids)))
        }
        return sorted(found.values(), key=lambda c: (c.at, len(c.id), c.id))


def _resolving() -> Select[Any]:
    """Each project key, with a source that has a resolved issue of it, or none; one step through an index for each of them."""
    first = select(func.min(_ISSUES.c.project_key).label("project_key"))
    keys = first.cte("keys", recursive=True)
    after = first.where(_ISSUES.c.project_key > keys.c.project_key).scalar_subquery()
    keys = keys.union_all(select(after).where(keys.c.project_key.is_not(None)))
    resolved = _ISSUES.alias("resolved")
    is_its = (resolved.c.project_key == keys.c.project_key) & resolved.c.resolved_at.is_not(None)
    source = select(resolved.c.source).where(is_its, resolved.c.gone_at.is_(None)).limit(1).scalar_subquery()
    return select(source.label("source"), keys.c.project_key).where(keys.c.project_key.is_not(None))
