"""What GitLab's handlers share: projects by id or path, pages, times, filters."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from urllib.parse import urlencode

from connectors.sandbox.http import ReplyError, Request, Response
from connectors.sandbox.state import GitlabState, Payload

COUNTED = 10_000
"""Above so many rows GitLab gives no totals."""
MISSING = ReplyError(404, {"message": "404 Not found"})


@lru_cache(maxsize=100_000)
def instant(text: str) -> datetime:
    """The time of a payload or parameter, aware; a time without a zone is UTC."""
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError as error:
        raise ReplyError(400, {"error": f"{text} is not a time"}) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def project_of(state: GitlabState, request: Request) -> Payload:
    """The project by id or path: 301 for a former path, 403 or 404 where forbidden."""
    name = request.args["project"]
    if name in state.old_paths:
        id_ = state.old_paths[name]
        rest = request.path.partition("/projects/")[2].partition("/")[2]
        where = f"{request.base}/api/v4/projects/{id_}" + (f"/{rest}" if rest else "")
        where += "?" + urlencode(request.query, doseq=True) if request.query else ""
        raise ReplyError(301, {"message": "Moved Permanently"}, {"Location": where})
    for project in state.projects.values():
        if name in {str(project["id"]), project["path_with_namespace"]}:
            return _allowed(project)
    raise ReplyError(404, {"message": "404 Project Not Found"})


def _allowed(project: Payload) -> Payload:
    if project.get("_hidden"):
        raise ReplyError(404, {"message": "404 Project Not Found"})
    if project.get("_forbidden"):
        raise ReplyError(403, {"message": "403 Forbidden"})
    return project


def group_of(state: GitlabState, request: Request) -> Payload:
    """The group by id or full path."""
    for group in state.groups.values():
        if request.args["group"] in {str(group["id"]), group["full_path"]}:
            return group
    raise ReplyError(404, {"message": "404 Group Not Found"})


def projects_in(state: GitlabState, group: Payload, *, is_deep: bool = True) -> list[Payload]:
    """The visible projects below a group."""
    top = str(group["full_path"])

    def fits(project: Payload) -> bool:
        path = str(project["path_with_namespace"]).rpartition("/")[0]
        return path == top or (is_deep and path.startswith(f"{top}/"))

    return [
        one
        for one in state.projects.values()
        if fits(one) and not one.get("_forbidden") and not one.get("_hidden")
    ]


def paged(
    rows: list[Payload], request: Request, *, is_counted: bool = True, counted: int = COUNTED
) -> Response:
    """One page with its Link and, up to ``counted`` rows and where counted at all, X-Total headers."""
    at, size = max(1, request.number("page", 1)), max(1, min(request.number("per_page", 20), 100))
    last = max(1, -(-len(rows) // size))
    headers = {"X-Page": str(at), "X-Per-Page": str(size), "X-Next-Page": str(at + 1) if at < last else "",
               "X-Prev-Page": str(at - 1) if at > 1 else ""}  # fmt: skip
    is_counted = is_counted and len(rows) <= counted
    if is_counted:
        headers |= {"X-Total": str(len(rows)), "X-Total-Pages": str(last)}
    links = {
        "prev": at - 1 if at > 1 else 0,
        "next": at + 1 if at < last else 0,
        "first": 1,
        "last": last if is_counted else 0,
    }
    headers["Link"] = ", ".join(
        link(request, name, page=number, per_page=size) for name, number in links.items() if number
    )
    return Response(body=rows[(at - 1) * size : at * size], headers=headers)


def link(request: Request, name: str, **changed: object) -> str:
    """One entry of a Link header: this request with some parameters changed."""
    query = {**request.query, **{key: [str(value)] for key, value in changed.items()}}
    return f'<{request.base}{request.path}?{urlencode(query, doseq=True)}>; rel="{name}"'


def keyset(rows: list[Payload], request: Request, *, is_descending: bool, parameter: str) -> Response:
    """One page by id after the one in ``parameter``, with a Link to the next page alone."""
    rows = sorted(rows, key=lambda one: int(one["id"]), reverse=is_descending)
    if after := request.number(parameter, 0):
        rows = [one for one in rows if (one["id"] < after if is_descending else one["id"] > after)]
    size = max(1, min(request.number("per_page", 20), 100))
    page = rows[:size]
    headers = {"Link": link(request, "next", **{parameter: page[-1]["id"]})} if len(rows) > size else {}
    return Response(body=page, headers=headers)


def within(rows: Iterable[Payload], request: Request, *names: str) -> list[Payload]:
    """The rows that fit NAME_after and NAME_before for each time ``NAME_at`` (both inclusive)."""
    kept = list(rows)
    for name in names:
        if text := request.text(f"{name}_after"):
            kept = [
                one for one in kept if one.get(f"{name}_at") and instant(one[f"{name}_at"]) >= instant(text)
            ]
        if text := request.text(f"{name}_before"):
            kept = [
                one for one in kept if one.get(f"{name}_at") and instant(one[f"{name}_at"]) <= instant(text)
            ]
    return kept


def equal(rows: Iterable[Payload], request: Request, *names: str) -> list[Payload]:
    """The rows whose plain values equal the parameters of these names that were given."""
    wanted = {name: request.text(name) for name in names if request.text(name)}
    return [one for one in rows if all(str(one.get(name)) == value for name, value in wanted.items())]


def ordered(rows: list[Payload], request: Request, default: str, *, sort: str = "desc") -> list[Payload]:
    """The rows by ``order_by`` and ``sort``; ids break ties."""
    name = request.text("order_by", default)

    def key(row: Payload) -> tuple[bool, object, int]:
        value = row.get(name)
        return (
            value is not None,
            instant(value) if name.endswith("_at") and value else value or 0,
            int(row.get("id", 0)),
        )

    return sorted(rows, key=key, reverse=request.text("sort", sort) == "desc")


def iids(rows: list[Payload], request: Request) -> list[Payload]:
    """The rows with the asked iids, or all."""
    wanted = request.words("iids")
    return [one for one in rows if not wanted or str(one["iid"]) in wanted]
