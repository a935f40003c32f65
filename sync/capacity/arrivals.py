"""Arrivals: how much changes in one site on a working day, and what so many pushes and changes touch."""

from __future__ import annotations

from math import exp

from msgspec import Struct

from sync.capacity.company import Company, Site
from sync.capacity.constants import Constants

_WORKING_DAYS = 250.0


class Changes(Struct, frozen=True, kw_only=True):
    """Changed things. A push is what makes a GitLab project active."""

    issues: float = 0.0
    commits: float = 0.0
    merge_requests: float = 0.0
    pipelines: float = 0.0
    pushes: float = 0.0

    def times(self, factor: float) -> Changes:
        """So many times these changes."""
        return Changes(
            issues=self.issues * factor,
            commits=self.commits * factor,
            merge_requests=self.merge_requests * factor,
            pipelines=self.pipelines * factor,
            pushes=self.pushes * factor,
        )


def daily(site: Site, company: Company, c: Constants) -> Changes:
    """What changes in the site on a working day."""
    days = company.history_years * _WORKING_DAYS
    commits = site.commits / days
    return Changes(
        issues=site.issues * company.changed_per_day,
        commits=commits,
        merge_requests=site.merge_requests / days * c["changes_per_merge_request"],
        pipelines=site.pipelines / days * c["changes_per_pipeline"],
        pushes=commits / c["commits_per_push"],
    )


def by_minute(site: Site, company: Company, c: Constants) -> Changes:
    """What changes in the site in a minute of its busiest hour."""
    return daily(site, company, c).times(c["busiest_hour_share"] / 60)


def all_of(site: Site) -> Changes:
    """Everything that there is, as a first pull finds it."""
    return Changes(
        issues=site.issues,
        commits=site.commits,
        merge_requests=site.merge_requests,
        pipelines=site.pipelines,
    )


def met(places: float, hits: float) -> float:
    """How many of so many places so many hits meet, spread by chance: ``places (1 - exp(-hits / places))``."""
    return places * (1 - exp(-hits / places)) if places > 0 else 0.0


def touches(site: Site, changes: Changes, c: Constants) -> float:
    """How often so many changes give reason to judge a commitment anew: an issue that of one, a project those that have work in it."""
    of_a_project = site.commitments * c["projects_per_commitment"] / site.projects if site.projects else 0.0
    return changes.issues + changes.pushes * of_a_project
