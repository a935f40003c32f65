"""Limits: endpoints of GitLab with a limit of their own, which the RateLimit headers do not tell (docs.gitlab.com/user/gitlab_com, api.md 3.8).

A file travels as base64 inside JSON, so an answer of 2 MiB holds any file that the mapping may want read.
"""

from __future__ import annotations

from connectors.transport.pace import Family

FAMILIES = (
    Family(name="notes", pattern=r"^POST .*/notes$", limit=60),
    Family(name="jobs", pattern=r"/projects/[^/]+/(pipelines/[^/]+/)?(jobs|bridges)(/|$)", limit=600),
    Family(name="project list", pattern=r"^GET .*/api/v4/projects$", limit=2_000, window_s=600.0),
    Family(name="project", pattern=r"^GET .*/api/v4/projects/[^/]+$", limit=400),
    Family(name="projects of groups", pattern=r"/groups/[^/]+/projects$", limit=600),
    Family(name="files", pattern=r"/repository/(files|blobs)/", limit=500, largest_mib=2),
    Family(name="search", pattern=r"/search$", limit=10),
)
