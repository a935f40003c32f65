"""GitLab's records by number: projects with their graphs, and merge requests, pipelines, deployments and issues in the order in which they were made.

Record ``index`` of a kind belongs to project ``index`` modulo their number, so that each group's listing and each project's is a range.
"""

from __future__ import annotations

from dataclasses import dataclass

from tests.bench.site.graph import Graph
from tests.bench.site.size import DAY_MS, Series, Size

FIRST_PROJECT, FIRST_REQUEST, FIRST_PIPELINE, FIRST_DEPLOYMENT, FIRST_ISSUE = (
    1000,
    1_000_000_000,
    5_000_000_000,
    9_000_000,
    70_000,
)
GROUP, GROUP_ID = "acme", 77


@dataclass(slots=True, kw_only=True)
class GitlabWorld:
    """The host."""

    size: Size
    graphs: tuple[Graph, ...]
    requests: Series
    pipelines: Series
    deployments: Series
    issues: Series
    active: dict[int, int]
    """By project, when anything was changed last, where that is later than the history's end."""

    @classmethod
    def of(cls, size: Size, now_ms: int) -> GitlabWorld:
        """The host as it stands before anything was changed."""
        return cls(
            size=size,
            graphs=tuple(Graph.of(size, number, now_ms) for number in range(size.gitlab_projects)),
            requests=Series.until(now_ms, size.requests, lag_ms=2 * DAY_MS),
            pipelines=Series.until(now_ms, size.pipelines, lag_ms=DAY_MS // 100),
            deployments=Series.until(now_ms, size.deployments, lag_ms=DAY_MS // 200),
            issues=Series.until(now_ms, size.gitlab_issues, lag_ms=DAY_MS),
            active={},
        )

    def project(self, index: int) -> int:
        """The project of a record."""
        return index % self.size.gitlab_projects

    def iid(self, index: int) -> int:
        """Its number in that project."""
        return index // self.size.gitlab_projects + 1

    def index(self, project: int, iid: int) -> int:
        """The record of that number in a project."""
        return (iid - 1) * self.size.gitlab_projects + project

    def project_at(self, path: str) -> int | None:
        """The project at a full path; None where there is none."""
        return next((number for number in range(self.size.gitlab_projects) if path_of(number) == path), None)

    def active_at(self, project: int) -> int:
        """When the project was changed last, epoch ms: never before its newest record."""
        return self.active.get(project, self.requests.begin_ms + 699 * DAY_MS)

    def pipeline_sha(self, index: int) -> str:
        """The commit that a pipeline ran on: a merge as old as it is."""
        graph = self.graphs[self.project(index)]
        each = self.size.pipelines // self.size.gitlab_projects
        request = min(graph.merged, 1 + (self.iid(index) - 1) * graph.merged // each)
        return graph.sha(0, graph.end_of(request))


def path_of(project: int) -> str:
    """A project's full path."""
    return f"{GROUP}/team-{project % 10}/service-{project}"
