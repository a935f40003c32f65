"""Holdings: how much the store holds of what a company's size is told by. Changes nothing, not even its tables."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Column, Connection, Engine, Table, func, select

from mappings.commitments import EVERY
from sync.store import database
from sync.store.connections import file_of
from sync.store.tables import TABLE_BY_KIND, judgements


def holdings(engine: Engine) -> Mapping[str, int]:
    """Counts by name: ``issues``, ``commits``, ``merge_requests``, ``pipelines``, ``jira_projects``, ``jira_sites``, ``gitlab_projects``, ``gitlab_sites``, ``commitments``.

    Empty where there is no store of this version, or nothing was read yet. Raises StoreError if it cannot be read.
    """
    file = file_of(engine.url)
    if file and not file.exists():  # opening it would make it
        return {}
    if database.revision_of(engine) != database.newest_revision():
        return {}
    with engine.connect() as connection:
        found = _counted(connection)
    return found if found["issues"] or found["commits"] else {}


def _counted(connection: Connection) -> dict[str, int]:
    issues, projects = TABLE_BY_KIND["issue"], TABLE_BY_KIND["project"]
    live = {
        "issues": issues,
        "commits": TABLE_BY_KIND["commit"],
        "merge_requests": TABLE_BY_KIND["merge_request"],
        "pipelines": TABLE_BY_KIND["pipeline"],
        "gitlab_projects": projects,
    }
    kept = select(func.count()).select_from(judgements).where(judgements.c.commitment_key != EVERY)
    return {
        **{name: _live(connection, table) for name, table in live.items()},
        "jira_projects": _different(connection, issues, issues.c.source, issues.c.project_key),
        "jira_sites": _different(connection, issues, issues.c.source),
        "gitlab_sites": _different(connection, projects, projects.c.source),
        "commitments": connection.execute(kept).scalar_one(),
    }


def _live(connection: Connection, table: Table) -> int:
    query = select(func.count()).select_from(table).where(table.c.gone_at.is_(None))
    return connection.execute(query).scalar_one()


def _different(connection: Connection, table: Table, *columns: Column[str]) -> int:
    """How many different values of the columns live rows have."""
    values = select(*columns).where(table.c.gone_at.is_(None)).distinct().subquery()
    return connection.execute(select(func.count()).select_from(values)).scalar_one()
