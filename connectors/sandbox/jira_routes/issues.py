"""Single issues, issues in bulk, and remote links."""

from __future__ import annotations

from connectors.sandbox.http import ReplyError, Request, Response, Route
from connectors.sandbox.jira_routes.common import demand, refused, visible_issue
from connectors.sandbox.jira_routes.issue_view import changelog_view, issue_view
from connectors.sandbox.state import JiraState, Payload


def one_issue(state: JiraState, request: Request) -> Response:
    """One issue by id, key or former key."""
    issue = visible_issue(state, request.args["issue"])
    view = issue_view(state, issue, request, request.words("fields") or ["*all"])
    if "changelog" in request.words("expand"):
        view["changelog"] = changelog_view(state, issue, 100 if state.flavour == "cloud" else None)
    return Response(body=view)


def bulk_fetch(state: JiraState, request: Request) -> Response:
    """Up to 100 issues by id or key, in ascending id; what is missing or forbidden is left out."""
    names = request.words("issueIdsOrKeys")
    if len(names) > 100:
        raise refused(400, "The number of issues requested exceeds the limit of 100.")
    found = {one["id"]: one for name in names if (one := _maybe(state, name))}
    fields = request.words("fields") or ["*navigable"]
    rows = [issue_view(state, found[id_], request, fields) for id_ in sorted(found, key=int)]
    if "changelog" in request.words("expand"):
        for row in rows:
            row["changelog"] = changelog_view(state, row, 40)
    return Response(body={"issues": rows, "issueErrors": []})


def _maybe(state: JiraState, name: str) -> Payload | None:
    try:
        return visible_issue(state, name)
    except ReplyError:
        return None


def remote_links(state: JiraState, request: Request) -> Response:
    """The remote links of an issue."""
    rows = state.remote_links[visible_issue(state, request.args["issue"])["id"]]
    wanted = request.text("globalId")
    return Response(body=[one for one in rows if not wanted or one.get("globalId") == wanted])


def put_remote_link(state: JiraState, request: Request) -> Response:
    """A new remote link, or the one with the same globalId replaced."""
    issue = visible_issue(state, request.args["issue"])
    demand(state, issue, "EDIT_ISSUES")
    if not isinstance(request.body, dict) or "object" not in request.body:
        raise ReplyError(400, {"errorMessages": [], "errors": {"object": "'object' is required."}})
    rows = state.remote_links[issue["id"]]
    wanted = request.body.get("globalId")
    old = next((one for one in rows if wanted and one.get("globalId") == wanted), None)
    id_ = (
        old["id"]
        if old
        else 1 + max((int(x["id"]) for some in state.remote_links.values() for x in some), default=9999)
    )
    link = {
        "id": id_,
        "self": f"{request.base}/rest/api/2/issue/{issue['id']}/remotelink/{id_}",
        **request.body,
    }
    state.remote_links[issue["id"]] = [one for one in rows if one is not old] + [link]
    return Response(status=200 if old else 201, body={"id": id_, "self": link["self"]})


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "issue/{issue}", one_issue),
    Route("GET", "issue/{issue}/remotelink", remote_links),
    Route("POST", "issue/{issue}/remotelink", put_remote_link),
)
CLOUD: tuple[Route[JiraState], ...] = (Route("POST", "issue/bulkfetch", bulk_fetch),)
