"""GitLab's routes: projects, branches, commits and what is listed of a project or the group."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from tests.bench.site import gitlab_bodies as bodies
from tests.bench.site import gitlab_small_bodies as small
from tests.bench.site import people
from tests.bench.site.gitlab_listing import dumped, in_memory, ordered, paged
from tests.bench.site.gitlab_world import (
    FIRST_PIPELINE,
    FIRST_PROJECT,
    GROUP,
    GROUP_ID,
    GitlabWorld,
)
from tests.bench.site.graph import Graph, Mixed, Span
from tests.bench.site.http import MISSING, Answer, Asked, Route, json_answer, route
from tests.bench.site.size import Series, ms_of


class GitlabRoutes:
    """What answers for one world."""

    def __init__(self, world: GitlabWorld) -> None:
        self._world = world

    def all(self) -> list[Route]:
        """The routes, those first that are asked most."""
        api = "/api/v4"
        project, group = f"{api}/projects/*", f"{api}/groups/*"
        return [
            route("GET", path, do)
            for path, do in (
                (f"{project}/repository/commits", self._commits),
                (f"{group}/merge_requests", self._group_requests),
                (f"{project}/merge_requests", self._project_requests),
                (f"{project}/pipelines", self._pipelines),
                (f"{project}/repository/branches", self._branches),
                (f"{project}/merge_requests/*/commits", self._request_commits),
                (f"{project}/merge_requests/*/approvals", self._approvals),
                (f"{project}/merge_requests/*/discussions", self._discussions),
                (f"{project}/pipelines/*/jobs", self._jobs),
                (f"{project}/deployments", self._deployments),
                (f"{project}/releases", self._releases),
                (f"{project}/milestones", self._nothing),
                (f"{project}/issues", self._project_issues),
                (f"{group}/issues", self._group_issues),
                (f"{group}/milestones", self._milestones),
                (f"{group}/projects", self._projects),
                (f"{group}/members/all/*", self._member),
                (f"{project}/repository/branches/*", self._branch),
                (f"{project}/repository/commits/*/refs", self._refs),
                (f"{project}/repository/commits/*", self._commit),
                (project, self._project),
                (group, self._group),
                (f"{api}/version", self._version),
                (f"{api}/user", self._user),
                (f"{api}/personal_access_tokens/self", self._token),
            )
        ]

    def _number(self, name: str) -> int | None:
        """The project of that id or path."""
        if name.isdecimal():
            number = int(name) - FIRST_PROJECT
            return number if 0 <= number < self._world.size.gitlab_projects else None
        return self._world.project_at(name)

    def _graph(self, name: str) -> Graph | None:
        number = self._number(name)
        return None if number is None else self._world.graphs[number]

    def _commits(self, asked: Asked, name: str) -> Answer:
        graph = self._graph(name)
        span = graph and self._span(graph, asked)
        if graph is None or span is None:
            return MISSING

        def rows(start: int, stop: int) -> list[str]:
            return [bodies.commit_text(graph, node) for node in span.part(start, stop)]

        return paged(asked, (len(span), rows), is_counted=False)

    def _span(self, graph: Graph, asked: Asked) -> Span | Mixed | None:
        if asked.query.get("all") == "true":
            until = asked.query.get("until")
            return graph.everything(until_ms=ms_of(until) if until else None)
        old, dots, new = (asked.query.get("ref_name") or "main").partition("..")
        if not dots:
            return graph.between(None, graph.tips.get(old, old))
        return graph.between(graph.tips.get(old, old), graph.tips.get(new, new))

    def _branches(self, asked: Asked, name: str) -> Answer:
        graph = self._graph(name)
        if graph is None:
            return MISSING
        names = sorted(graph.tips)
        return paged(asked, (len(names), lambda a, b: [bodies.branch_text(graph, one) for one in names[a:b]]))

    def _branch(self, _: Asked, name: str, branch: str) -> Answer:
        graph = self._graph(name)
        if graph is None or branch not in graph.tips:
            return MISSING
        return Answer(body=bodies.branch_text(graph, branch).encode())

    def _commit(self, _: Asked, name: str, ref: str) -> Answer:
        graph = self._graph(name)
        place = graph and graph.place_of(graph.tips.get(ref, ref))
        if not graph or place is None:
            return MISSING
        return Answer(body=bodies.commit_text(graph, graph.node(*place)).encode())

    def _refs(self, asked: Asked, name: str, sha: str) -> Answer:
        graph = self._graph(name)
        if graph is None or graph.place_of(sha) is None:
            return MISSING
        names = graph.branches_with(sha)
        return paged(
            asked, (len(names), lambda a, b: [f'{{"type":"branch","name":"{one}"}}' for one in names[a:b]])
        )

    def _group_requests(self, asked: Asked, _: str) -> Answer:
        return self._listed(asked, self._world.requests, bodies.request_text)

    def _project_requests(self, asked: Asked, name: str) -> Answer:
        return self._listed(asked, self._world.requests, bodies.request_text, name=name)

    def _pipelines(self, asked: Asked, name: str) -> Answer:
        if asked.query.get("source") == "parent_pipeline":
            return paged(asked, (0, lambda _, __: []))
        return self._listed(asked, self._world.pipelines, bodies.pipeline_text, name=name, order="id")

    def _deployments(self, asked: Asked, name: str) -> Answer:
        return self._listed(
            asked, self._world.deployments, dumped(small.deployment_of), name=name, order="id"
        )

    def _group_issues(self, asked: Asked, _: str) -> Answer:
        return self._listed(asked, self._world.issues, dumped(small.issue_of))

    def _project_issues(self, asked: Asked, name: str) -> Answer:
        return self._listed(asked, self._world.issues, dumped(small.issue_of), name=name)

    def _listed(
        self,
        asked: Asked,
        series: Series,
        text: Callable[[GitlabWorld, int], str],
        *,
        name: str | None = None,
        order: str = "created_at",
    ) -> Answer:
        number = self._number(name) if name else 0
        if number is None:
            return MISSING
        step = self._world.size.gitlab_projects if name else 1
        count, indices = ordered(asked, series, step=step, offset=number, order=order)
        return paged(
            asked, (count, lambda a, b: [text(self._world, index) for index in islice(indices, a, b)])
        )

    def _request_commits(self, asked: Asked, name: str, iid: str) -> Answer:
        graph = self._graph(name)
        span = graph and graph.of_request(int(iid))
        if graph is None or span is None:
            return MISSING
        return paged(asked, (len(span), lambda a, b: [bodies.commit_text(graph, n) for n in span.part(a, b)]))

    def _approvals(self, _: Asked, name: str, iid: str) -> Answer:
        return json_answer(small.approvals_of(int(iid)))

    def _discussions(self, asked: Asked, name: str, iid: str) -> Answer:
        number = self._number(name)
        if number is None:
            return MISSING
        return paged(asked, in_memory(small.threads_of(self._world, self._world.index(number, int(iid)))))

    def _jobs(self, asked: Asked, _: str, id_: str) -> Answer:
        index = int(id_) - FIRST_PIPELINE
        is_there = 0 <= index < self._world.pipelines.count
        return paged(asked, in_memory(small.jobs_of(self._world, index))) if is_there else MISSING

    def _releases(self, asked: Asked, name: str) -> Answer:
        number = self._number(name)
        if number is None:
            return MISSING
        rows = [small.release_of(self._world, number, n) for n in range(self._world.size.releases_each)]
        return paged(asked, in_memory(rows))

    def _nothing(self, asked: Asked, _: str) -> Answer:
        return paged(asked, (0, lambda _, __: []))

    def _milestones(self, asked: Asked, _: str) -> Answer:
        rows = [small.milestone_of(self._world, number) for number in (1, 2, 3)]
        since = asked.query.get("updated_after")
        return paged(
            asked, in_memory([row for row in rows if not since or ms_of(row["updated_at"]) >= ms_of(since)])
        )

    def _projects(self, asked: Asked, group: str) -> Answer:
        if group not in {GROUP, str(GROUP_ID)}:
            return MISSING
        rows = [small.project_of(self._world, n) for n in range(self._world.size.gitlab_projects)]
        return paged(asked, in_memory(rows))

    def _project(self, _: Asked, name: str) -> Answer:
        number = self._number(name)
        return MISSING if number is None else json_answer(small.project_of(self._world, number))

    def _group(self, _: Asked, group: str) -> Answer:
        is_ours = group in {GROUP, str(GROUP_ID)}
        return (
            json_answer({"id": GROUP_ID, "path": GROUP, "full_path": GROUP, "name": "Acme"})
            if is_ours
            else MISSING
        )

    def _member(self, _: Asked, __: str, id_: str) -> Answer:
        return json_answer({"id": int(id_), "access_level": 20, "state": "active"})

    def _version(self, _: Asked) -> Answer:
        return json_answer({"version": "18.5.0-ee", "revision": "0000000"})

    def _user(self, _: Asked) -> Answer:
        return json_answer(people.gitlab_user(0))

    def _token(self, _: Asked) -> Answer:
        return json_answer(
            {"id": 1, "name": "bench", "scopes": ["read_api"], "active": True, "expires_at": None}
        )
