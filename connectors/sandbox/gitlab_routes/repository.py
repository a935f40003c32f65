"""Branches, tags and commits."""

from __future__ import annotations

from connectors.sandbox.gitlab_routes.common import MISSING, instant, paged, project_of
from connectors.sandbox.gitlab_routes.graph import merge_base, newest_first, ranged, reachable, sha_of
from connectors.sandbox.http import ReplyError, Request, Response, Route
from connectors.sandbox.state import GitlabState, Payload


def branches(state: GitlabState, request: Request) -> Response:
    """Branches by name; ``search`` narrows them."""
    rows = state.branches[project_of(state, request)["id"]]
    return paged([rows[name] for name in sorted(rows) if request.text("search") in name], request)


def branch(state: GitlabState, request: Request) -> Response:
    """One branch."""
    rows = state.branches[project_of(state, request)["id"]]
    if request.args["branch"] not in rows:
        raise ReplyError(404, {"message": "404 Branch Not Found"})
    return Response(body=rows[request.args["branch"]])


def tags(state: GitlabState, request: Request) -> Response:
    """Tags."""
    return paged(list(state.tags[project_of(state, request)["id"]].values()), request)


def commits(state: GitlabState, request: Request) -> Response:
    """Commits of a ref, a range or all refs, newest first; never counted."""
    project = project_of(state, request)
    id_ = int(project["id"])
    if request.flag("all"):
        refs = [*state.branches[id_].values(), *state.tags[id_].values()]
        shas = reachable(state, id_, *(str((one.get("commit") or {}).get("id")) for one in refs))
    elif not state.commits[id_]:
        raise MISSING
    else:
        shas = ranged(state, id_, request.text("ref_name") or project.get("default_branch") or "master")
    return paged(
        [_view(one, request) for one in _narrowed(newest_first(state, id_, shas), request)],
        request,
        is_counted=False,
    )


def _narrowed(rows: list[Payload], request: Request) -> list[Payload]:
    if since := request.text("since"):
        rows = [one for one in rows if instant(one["committed_date"]) >= instant(since)]
    if until := request.text("until"):
        rows = [one for one in rows if instant(one["committed_date"]) <= instant(until)]
    if path := request.text("path").rstrip("/"):
        rows = [
            one for one in rows if any(x == path or x.startswith(f"{path}/") for x in one.get("_files", ()))
        ]
    return rows


def _view(commit: Payload, request: Request) -> Payload:
    """The commit; ``trailers`` filled only where asked for."""
    return commit if request.flag("trailers") else {**commit, "trailers": {}, "extended_trailers": {}}


def commit(state: GitlabState, request: Request) -> Response:
    """One commit by ref or sha."""
    id_ = project_of(state, request)["id"]
    found = state.commits[id_].get(sha_of(state, id_, request.args["sha"]))
    if found is None:
        raise ReplyError(404, {"message": "404 Commit Not Found"})
    return Response(body=found)


def compare(state: GitlabState, request: Request) -> Response:
    """The commits of ``to`` that ``from`` lacks, oldest first, without diffs."""
    id_ = project_of(state, request)["id"]
    rows = newest_first(state, id_, ranged(state, id_, f"{request.text('from')}..{request.text('to')}"))
    return Response(body={"commit": rows[0] if rows else None, "commits": rows[::-1], "diffs": [], "compare_timeout": False,
                          "compare_same_ref": request.text("from") == request.text("to")})  # fmt: skip


def base_of(state: GitlabState, request: Request) -> Response:
    """The newest common ancestor of the given refs."""
    id_, refs = project_of(state, request)["id"], request.words("refs")
    if len(refs) < 2:
        raise ReplyError(400, {"message": "Provide at least 2 refs"})
    found = merge_base(state, id_, *(sha_of(state, id_, ref) for ref in refs[:2]))
    if found is None:
        raise MISSING
    return Response(body=found)


ROUTES: tuple[Route[GitlabState], ...] = (
    Route("GET", "projects/{project}/repository/branches", branches),
    Route("GET", "projects/{project}/repository/branches/{branch}", branch),
    Route("GET", "projects/{project}/repository/tags", tags),
    Route("GET", "projects/{project}/repository/commits", commits),
    Route("GET", "projects/{project}/repository/commits/{sha}", commit),
    Route("GET", "projects/{project}/repository/compare", compare),
    Route("GET", "projects/{project}/repository/merge_base", base_of),
)
