"""Pipelines, jobs, deployments, environments."""

from __future__ import annotations

from connectors.sandbox.gitlab_routes.common import MISSING, equal, keyset, ordered, paged, project_of, within
from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.state import GitlabState, Payload

_BASIC = (
    "id",
    "iid",
    "project_id",
    "sha",
    "ref",
    "status",
    "source",
    "created_at",
    "updated_at",
    "web_url",
    "name",
)


def pipelines(state: GitlabState, request: Request) -> Response:
    """A project's pipelines in short; child pipelines only where asked for."""
    rows = list(state.pipelines[project_of(state, request)["id"]].values())
    if not request.text("source"):
        rows = [one for one in rows if one.get("source") != "parent_pipeline"]
    rows = within(equal(rows, request, "source", "ref", "sha", "status"), request, "updated", "created")
    short = [{key: one[key] for key in _BASIC if key in one} for one in ordered(rows, request, "id")]
    return paged(short, request)


def _found(state: GitlabState, request: Request) -> Payload:
    rows, id_ = state.pipelines[project_of(state, request)["id"]], request.args["pipeline"]
    if not id_.isdecimal() or int(id_) not in rows:
        raise MISSING
    return rows[int(id_)]


def pipeline(state: GitlabState, request: Request) -> Response:
    """One pipeline in full."""
    return Response(body=_found(state, request))


def pipeline_jobs(state: GitlabState, request: Request) -> Response:
    """A pipeline's jobs; retried ones (all but the newest of a name) only where asked for."""
    rows = [one for one in state.jobs[_found(state, request)["id"]] if not _is_bridge(one)]
    newest = {one["name"]: one["id"] for one in sorted(rows, key=lambda one: int(one["id"]))}
    is_full = request.flag("include_retried")
    kept = [one for one in rows if is_full or one["id"] == newest[one["name"]]]
    return paged(sorted(kept, key=lambda one: -int(one["id"])), request)


def _is_bridge(job: Payload) -> bool:
    """A trigger job: the only kind of row that names a downstream pipeline."""
    return "downstream_pipeline" in job


def bridges(state: GitlabState, request: Request) -> Response:
    """A pipeline's trigger jobs."""
    return paged([one for one in state.jobs[_found(state, request)["id"]] if _is_bridge(one)], request)


def jobs(state: GitlabState, request: Request) -> Response:
    """All jobs of a project but trigger jobs, newest id first; by keyset where asked for."""
    ids = state.pipelines[project_of(state, request)["id"]]
    rows = [one for id_ in ids for one in state.jobs.get(id_, []) if not _is_bridge(one)]
    if request.text("pagination") == "keyset":
        return keyset(rows, request, is_descending=True, parameter="cursor")
    return paged(sorted(rows, key=lambda one: -int(one["id"])), request)


def deployments(state: GitlabState, request: Request) -> Response:
    """A project's deployments."""
    rows = within(
        equal(state.deployments[project_of(state, request)["id"]].values(), request, "status"),
        request,
        "updated",
        "finished",
    )
    if name := request.text("environment"):
        rows = [one for one in rows if (one.get("environment") or {}).get("name") == name]
    return paged(ordered(rows, request, "id", sort="asc"), request)


def environments(state: GitlabState, request: Request) -> Response:
    """The environments that deployments went to."""
    rows = state.deployments[project_of(state, request)["id"]].values()
    return paged(
        list(
            {one["environment"]["id"]: one["environment"] for one in rows if one.get("environment")}.values()
        ),
        request,
    )


ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "projects/{project}/pipelines", pipelines),
    Route("GET", "projects/{project}/pipelines/{pipeline}", pipeline),
    Route("GET", "projects/{project}/pipelines/{pipeline}/jobs", pipeline_jobs),
    Route("GET", "projects/{project}/pipelines/{pipeline}/bridges", bridges),
    Route("GET", "projects/{project}/jobs", jobs),
    Route("GET", "projects/{project}/deployments", deployments),
    Route("GET", "projects/{project}/environments", environments),
)
