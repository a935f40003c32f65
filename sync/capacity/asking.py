"""Asking: how many requests a site is sent: in a cycle in which nothing changed, for what changed, in an hourly round, in a day's census, and at first."""

from __future__ import annotations

from sync.capacity.arrivals import Changes, all_of
from sync.capacity.company import Company, Site
from sync.capacity.constants import Constants


def quiet(site: Site, c: Constants) -> float:
    """Requests of a cycle in which nothing changed."""
    tool = _tool(site)
    return c[f"{tool}_per_site"] + c[f"{tool}_per_project"] * site.projects


def pages(company: Company, changes: Changes, c: Constants) -> float:
    """Requests for the rows of what changed, in full pages. On Jira Cloud a lot of issues has its changelogs in a request of their own."""
    on_cloud = 1 / c["jira_cloud_page"] + 1 / c["jira_cloud_lot"]
    per_issue = on_cloud if company.is_jira_cloud else 1 / c["jira_server_page"]
    rows = changes.commits + changes.merge_requests + changes.pipelines
    return changes.issues * per_issue + rows / c["gitlab_page"]


def hourly(site: Site, c: Constants) -> float:
    """Requests of a round that trusts no hint, or looks after small listings."""
    return c[f"{_tool(site)}_per_project_hourly"] * site.projects


def census(site: Site, company: Company, c: Constants) -> float:
    """Requests of the daily census, and of the daily reading with a long reach."""
    per_project = c[f"{_tool(site)}_per_project_daily"] * site.projects
    size = c["jira_cloud_census_page"] if company.is_jira_cloud else c["jira_server_census_page"]
    return per_project + site.issues / size + site.merge_requests / c["gitlab_page"]


def first(site: Site, company: Company, c: Constants) -> float:
    """Requests of the first pull: every page there is, and what each project is asked at least; of GitLab also each branch."""
    each = hourly(site, c) if site.is_jira else site.projects * c["gitlab_per_active_project"]
    branches = 0.0 if site.is_jira else site.projects * c["branches_per_project"]
    return quiet(site, c) + each + branches + pages(company, all_of(site), c)


def _tool(site: Site) -> str:
    return "jira" if site.is_jira else "gitlab"
