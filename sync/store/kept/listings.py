"""Listings: what is small enough to be read whole, because rules look through it."""

from __future__ import annotations

from sqlalchemy import Connection

from connectors.records import GitlabIssue, Milestone, Project, Record, Sprint, Todo, TodoScan, Version
from mappings.observed import Observed
from sync.store import progress
from sync.store.kept.project import alias_of_each_project
from sync.store.kept.rows import in_order
from sync.store.records import all_gone, live

SMALL: tuple[type[Record], ...] = (Project, Version, Sprint, Milestone, GitlabIssue, Todo, TodoScan)
"""Listings that are read whole: rules look through them."""


def small_listings(connection: Connection) -> Observed:
    """What is read whole: the small listings, an alias of each Jira project, the verdicts, and the issues that are gone."""
    return Observed(
        records=tuple(record for kind in SMALL for record in in_order(live(connection, kind))),
        aliases=alias_of_each_project(connection),
        verdicts=tuple(sorted(progress.all_verdicts(connection), key=lambda v: v.scope)),
        gone=tuple(sorted(all_gone(connection), key=lambda g: g.issue.ref)),
    )
