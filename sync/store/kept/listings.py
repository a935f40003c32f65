"""Listings: what is small enough to be read whole, because rules look through it."""

from __future__ import annotations

from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import Connection

from connectors.port import Verdict
from connectors.records import (
    GitlabIssue,
    KeyAlias,
    Milestone,
    Project,
    Record,
    Sprint,
    Todo,
    TodoScan,
    Version,
)
from mappings.observed import Gone, Observed
from sync.store import progress
from sync.store.kept.project import alias_of_each_project
from sync.store.kept.rows import in_order
from sync.store.records import all_gone, live

R = TypeVar("R", bound=Record)

SMALL: tuple[type[Record], ...] = (Project, Version, Sprint, Milestone, GitlabIssue, Todo, TodoScan)
"""Listings that are read whole: rules look through them."""


class Listings:
    """What is read whole of one snapshot, each listing when it is looked through for the first time: most runs look through few."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._found: dict[type, tuple[Any, ...]] = {}  # each holds records of exactly its type

    def all(self, record_type: type[R]) -> tuple[R, ...]:
        """All records of a small listing, in ref order."""
        if record_type not in self._found:
            self._found[record_type] = in_order(live(self._connection, record_type))
        return self._found[record_type]

    @cached_property
    def aliases(self) -> tuple[KeyAlias, ...]:
        """An alias of each Jira project."""
        return alias_of_each_project(self._connection)

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """How every scope ended last time, by scope."""
        return tuple(sorted(progress.all_verdicts(self._connection), key=lambda v: v.scope))

    @cached_property
    def gone(self) -> tuple[Gone, ...]:
        """The issues that are gone, in ref order."""
        return tuple(sorted(all_gone(self._connection), key=lambda g: g.issue.ref))


class ListedObserved(Observed):
    """``Observed`` over a snapshot, as far as it is read whole. Views of the same snapshot share their ``listings``."""

    _connection: Connection
    listings: Listings

    @cached_property
    def records(self) -> tuple[Record, ...]:
        """The records of the small listings alone."""
        return tuple(record for kind in SMALL for record in self.listings.all(kind))

    @cached_property
    def aliases(self) -> tuple[KeyAlias, ...]:
        """An alias of each Jira project."""
        return self.listings.aliases

    @cached_property
    def verdicts(self) -> tuple[Verdict, ...]:
        """How every scope ended last time, by scope."""
        return self.listings.verdicts

    @cached_property
    def gone(self) -> tuple[Gone, ...]:
        """The issues that are gone, in ref order."""
        return self.listings.gone

    def all(self, record_type: type[R]) -> tuple[R, ...]:
        """All records of a small listing; of other types everything is read, which only a first look at a new mapping should need."""
        if record_type in SMALL:
            return self.listings.all(record_type)
        return in_order(live(self._connection, record_type))
