"""Room: rows and bytes of the store, now and what a year adds, by family of tables; and the memory of one process."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from sync.capacity.company import POSTGRESQL, SQLITE, Company, jira_site
from sync.capacity.constants import Constants

DATABASES = (SQLITE, POSTGRESQL)


class Family(Struct, frozen=True, kw_only=True):
    """Tables that grow together: rows there are and rows that a year adds, and the bytes of both by database."""

    name: str
    rows: float
    rows_per_year: float
    bytes_now: Mapping[str, float]
    bytes_per_year: Mapping[str, float]


def families_of(company: Company, c: Constants) -> tuple[Family, ...]:
    """Every family. Nothing is pruned; what TANDEM_RETENTION_DAYS names takes less."""
    issues, commits = float(company.issues), float(company.commits)
    requests, pipelines = float(company.merge_requests), float(company.pipelines)
    tables = {
        "issues, their changes and keys": {
            "issue_records": issues,
            "field_change_records": issues * c["changes_per_issue"],
            "aliases": issues,
        },
        "commits and branches": {
            "commit_records": commits,
            "branch_records": company.gitlab_projects * c["branches_per_project"],
        },
        "merge requests": {"merge_request_records": requests},
        "pipelines": {"pipeline_records": pipelines},
        "links and memberships": {
            "links": commits * c["links_per_commit"] + requests * c["links_per_merge_request"],
            "memberships": issues * c["memberships_per_issue"],
        },
    }
    return tuple(_family(name, rows, company, c) for name, rows in tables.items())


def total(families: tuple[Family, ...], name: str) -> Family:
    """All families as one of that name."""
    return Family(
        name=name,
        rows=sum(f.rows for f in families),
        rows_per_year=sum(f.rows_per_year for f in families),
        bytes_now={d: sum(f.bytes_now[d] for f in families) for d in DATABASES},
        bytes_per_year={d: sum(f.bytes_per_year[d] for f in families) for d in DATABASES},
    )


def memory_mb(company: Company, c: Constants) -> float:
    """Memory of one process at its peak, which is that of judging the commitments of one Jira site."""
    return c["memory_mb_per_run"] + jira_site(company).issues * c["memory_mb_per_issue"]


def _family(name: str, rows: Mapping[str, float], company: Company, c: Constants) -> Family:
    bytes_now = {d: sum(n * c.bytes_of(table, d) for table, n in rows.items()) for d in DATABASES}
    years = company.history_years
    return Family(
        name=name,
        rows=sum(rows.values()),
        rows_per_year=sum(rows.values()) / years,
        bytes_now=bytes_now,
        bytes_per_year={d: size / years for d, size in bytes_now.items()},
    )
