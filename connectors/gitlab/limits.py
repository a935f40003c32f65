"""Limits: endpoints of GitLab with a limit of their own, which the RateLimit headers do not tell (docs.gitlab.com/user/gitlab_com, api.md 3.8)."""

from __future__ import annotations

from connectors.transport.pace import Family

FAMILIES = (
    Family(name="notes", pattern=r"^POST .*/notes$", limit=60),
    Family(name="jobs", pattern=r"/projects/[^/]+/(pipelines/[^/]+/)?(jobs|bridges)(/|$)", limit=600),
    Family(name="project list", pattern=r"^GET .*/api/v4/projects$", limit=2_000, window_s=600.0),
    Family(name="project", pattern=r"^GET .*/api/v4/projects/[^/]+$", limit=400),
    Family(name="projects of groups", pattern=r"/groups/[^/]+/projects$", limit=600),
    Family(name="files", pattern=r"/repository/files/", limit=500),
    Family(name="search", pattern=r"/search$", limit=10),
)
