"""Company: what the model is asked about: how much there is in the tools, how much of it changes, and how Tandem is run over it."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Company(Struct, frozen=True, kw_only=True):
    """How much there is, all sites together, spread evenly over them. A site is a source of the mapping, with a login of its own.

    ``changed_per_day`` is the share of issues that change on a working day; what GitLab holds grew over ``history_years`` of 250 working days each.
    """

    jira_sites: int = 1
    jira_projects: int = 50
    issues: int = 100_000
    gitlab_sites: int = 1
    gitlab_projects: int = 100
    commits: int = 500_000
    merge_requests: int = 60_000
    pipelines: int = 60_000
    commitments: int = 200
    changed_per_day: float = 0.01
    history_years: float = 5.0
    is_jira_cloud: bool = True
    is_gitlab_com: bool = True


class Setup(Struct, frozen=True, kw_only=True):
    """How Tandem is run.

    ``interval_min`` minutes lie between two beginnings of a cycle; each of ``workers`` is one process on a processor of its own, which asks with ``threads``
    threads, each answer ``round_trip_s`` seconds away.
    ``gitlab_per_min`` is a limit of requests a minute and user instead of the vendor's, 0 for none. ``is_oauth`` says that Jira Cloud is asked as an OAuth app, which its
    points count for. ``blind_hours`` lie between two rounds that trust no hint of what is quiet.
    """

    interval_min: float = 5.0
    workers: int = 1
    threads: int = 8
    round_trip_s: float = 0.2
    database: str = SQLITE
    gitlab_per_min: float | None = None
    is_oauth: bool = False
    blind_hours: float = 1.0

    @property
    def workers_at_once(self) -> int:
        """Workers that can be at work at once: over SQLite one."""
        return 1 if self.database == SQLITE else self.workers


class Site(Struct, frozen=True, kw_only=True):
    """One site's part of the company; counts may be fractions."""

    is_jira: bool
    projects: float
    issues: float = 0.0
    commits: float = 0.0
    merge_requests: float = 0.0
    pipelines: float = 0.0
    commitments: float = 0.0


def jira_site(company: Company) -> Site:
    """One Jira site of several that are alike; a commitment is judged where its issues are."""
    sites = max(1, company.jira_sites)
    return Site(
        is_jira=True,
        projects=company.jira_projects / sites,
        issues=company.issues / sites,
        commitments=company.commitments / sites,
    )


def gitlab_site(company: Company) -> Site:
    """One GitLab site of several that are alike."""
    sites = max(1, company.gitlab_sites)
    return Site(
        is_jira=False,
        projects=company.gitlab_projects / sites,
        commits=company.commits / sites,
        merge_requests=company.merge_requests / sites,
        pipelines=company.pipelines / sites,
        commitments=company.commitments / sites,
    )


def scaled(site: Site, by: float) -> Site:
    """The site ``by`` times as large."""
    return replace(
        site,
        projects=site.projects * by,
        issues=site.issues * by,
        commits=site.commits * by,
        merge_requests=site.merge_requests * by,
        pipelines=site.pipelines * by,
        commitments=site.commitments * by,
    )
