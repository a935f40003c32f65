"""Search: page tokens on Cloud, startAt on Data Center, 410 for what Cloud took away."""

from __future__ import annotations

import base64
import json

from connectors.sandbox.http import ReplyError, Request, Response, Route
from connectors.sandbox.jira_routes.common import may, project_key, refused
from connectors.sandbox.jira_routes.index import indexed
from connectors.sandbox.jira_routes.issue_view import changelog_view, issue_view
from connectors.sandbox.jql import JqlError, Query, after, parse, row_mark, run
from connectors.sandbox.state import JiraState, Payload

_WINDOW = 10_000
_EMBEDDED = 40
_RECONCILED = 50


def _found(state: JiraState, query: Query, fresh: list[str]) -> list[Payload]:
    _check_projects(state, query)
    rows = indexed(state, fresh=fresh)
    return run(query, state, [one for one in rows if may(state, project_key(one), "BROWSE_PROJECTS")])


def _check_projects(state: JiraState, query: Query) -> None:
    """An invisible project is said not to exist; an unknown key as well."""
    known = {name.lower() for key, one in state.projects.items() if may(state, key, "BROWSE_PROJECTS")
             for name in (key, str(one["id"]), str(one.get("name", key)))}  # fmt: skip
    for clause in query.clauses:
        for value in clause.values if clause.field == "project" else ():
            if value.lower() not in known:
                raise JqlError(f"The value '{value}' does not exist for the field 'project'.")


def _asked(state: JiraState, request: Request) -> tuple[Query, list[Payload]]:
    try:
        query = parse(request.text("jql"))
        if state.flavour == "cloud" and not query.clauses:
            raise JqlError(
                "Unbounded JQL queries are not allowed here. Please add a search restriction to your query."
            )
        return query, _found(state, query, _reconciled(request))
    except JqlError as error:
        raise refused(400, str(error)) from error


def _reconciled(request: Request) -> list[str]:
    """The ids whose rows must not be late."""
    ids = request.words("reconcileIssues")
    if len(ids) > _RECONCILED or not all(id_.isdecimal() for id_ in ids):
        raise refused(400, f"At most {_RECONCILED} ids of issues can be reconciled.")
    return ids


def search_jql(state: JiraState, request: Request) -> Response:
    """One page of Cloud's search: no total, a token for the next page, only ids unless fields are asked for.

    The token is the place of the page's last row in the order asked for, as the vendor's walk goes through an index: a row that is touched
    during the walk moves, but never makes another one slip over a page border.
    """
    query, rows = _asked(state, request)
    if token := request.text("nextPageToken"):
        rows = after(query, rows, _mark(token))
    fields = request.words("fields") or ["id"]
    most = 5000 if set(fields) <= {"id", "key"} and not request.text("expand") else 100
    page = rows[: max(1, min(request.number("maxResults", 50), most))]
    body: Payload = {
        "issues": [_row(state, one, request, fields) for one in page],
        "isLast": len(page) == len(rows),
    }
    if not body["isLast"]:
        body["nextPageToken"] = _token(page[-1])
    return Response(body=body)


def _token(issue: Payload) -> str:
    return base64.urlsafe_b64encode(json.dumps(row_mark(issue)).encode()).decode()


def _mark(token: str) -> Payload:
    try:
        mark = json.loads(base64.urlsafe_b64decode(token))
        return row_mark(mark)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise refused(400, "The provided next page token is invalid or expired.") from error


def _row(state: JiraState, issue: Payload, request: Request, fields: list[str]) -> Payload:
    if fields == ["id"]:
        view: Payload = {"id": issue["id"]}
        if request.words("properties"):
            view["properties"] = issue_view(state, issue, request, fields)["properties"]
    else:
        view = issue_view(state, issue, request, fields)
    if "changelog" in request.words("expand"):
        view["changelog"] = changelog_view(state, issue, _EMBEDDED if state.flavour == "cloud" else None)
    return view


def approximate_count(state: JiraState, request: Request) -> Response:
    """How many issues a query finds."""
    return Response(body={"count": len(_asked(state, request)[1])})


def search(state: JiraState, request: Request) -> Response:
    """One page of Data Center's search; on Cloud the endpoint is gone."""
    if state.flavour == "cloud":
        raise ReplyError(
            410,
            {"errorMessages": [("The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. "
                               "A full migration guideline is available at "
                               "https://developer.atlassian.com/changelog/#CHANGE-2046")], "errors": {}},
        )  # fmt: skip
    start = max(0, request.number("startAt", 0))
    size = max(0, min(request.number("maxResults", 50), 1000))
    if start + size > _WINDOW:
        raise refused(400, f"Search limit exceeded: startAt + maxResults must not be above {_WINDOW}.")
    rows = _asked(state, request)[1]
    fields = request.words("fields") or ["*navigable"]
    shown = [_row(state, one, request, [*fields, "key"]) for one in rows[start : start + size]]
    return Response(
        body={
            "expand": "schema,names",
            "startAt": start,
            "maxResults": size,
            "total": len(rows),
            "issues": shown,
        }
    )


ROUTES: tuple[Route[JiraState], ...] = (Route("GET", "search", search), Route("POST", "search", search))
CLOUD: tuple[Route[JiraState], ...] = (
    Route("GET", "search/jql", search_jql),
    Route("POST", "search/jql", search_jql),
    Route("POST", "search/approximate-count", approximate_count),
)
