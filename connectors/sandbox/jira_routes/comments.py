"""Comments: read, written, edited, deleted; every write checks permission and says whom it would have mailed."""

from __future__ import annotations

from collections.abc import Iterator

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.common import (
    demand,
    may,
    page,
    project_key,
    refused,
    shown,
    stamp,
    text_of,
    visible_issue,
)
from connectors.sandbox.state import JiraState, Payload

_LONGEST = 32_767


def listed(state: JiraState, request: Request) -> Response:
    """One issue's comments, oldest first, or newest first with ``orderBy=-created``."""
    rows = list(state.comments[visible_issue(state, request.args["issue"])["id"]])
    if request.text("orderBy") == "-created":
        rows.reverse()
    return Response(body=page([_view(one, request) for one in rows], request, name="comments", default=50))


def _view(comment: Payload, request: Request, *, is_full: bool = False) -> Payload:
    view = {**comment, "body": shown(comment.get("body", ""), request)}
    if not is_full:
        view.pop("properties", None)
    return view


def every(state: JiraState) -> Iterator[tuple[Payload, Payload]]:
    """(issue, comment) of all issues that the account may see."""
    for issue_id, rows in state.comments.items():
        issue = state.issues.get(issue_id)
        if issue and may(state, project_key(issue), "BROWSE_PROJECTS"):
            yield from ((issue, one) for one in rows)


def by_ids(state: JiraState, request: Request) -> Response:
    """Comments by id, with their properties where asked for."""
    ids, is_full = set(request.words("ids")), "properties" in request.words("expand")
    rows = [_view(one, request, is_full=is_full) for _, one in every(state) if one["id"] in ids]
    return Response(body=page(rows, request, name="values", default=1000, most=1000))


def found(state: JiraState, request: Request) -> tuple[Payload, Payload]:
    """The (issue, comment) that the path names; 404 otherwise."""
    issue = visible_issue(state, request.args["issue"])
    for comment in state.comments[issue["id"]]:
        if comment["id"] == request.args["comment"]:
            return issue, comment
    raise refused(404, f"Can not find a comment for the id: {request.args['comment']}.")


def one(state: JiraState, request: Request) -> Response:
    """One comment."""
    return Response(body=_view(found(state, request)[1], request))


def add(state: JiraState, request: Request) -> Response:
    """A new comment by the account, which people are mailed about."""
    issue = visible_issue(state, request.args["issue"])
    demand(state, issue, "ADD_COMMENTS")
    now = stamp(state.clock())
    id_ = str(1 + max((int(x["id"]) for some in state.comments.values() for x in some), default=10_000))
    comment = {
        "self": f"{request.base}/rest/api/2/issue/{issue['id']}/comment/{id_}",
        "id": id_,
        "author": state.me,
        "body": _body(request),
        "updateAuthor": state.me,
        "created": now,
        "updated": now,
        **_extras(request),
    }
    state.comments[issue["id"]].append(comment)
    _touch(state, issue, event="comment_created")
    return Response(status=201, body=_view(comment, request))


def _body(request: Request) -> str:
    body = text_of(request.body.get("body", "")) if isinstance(request.body, dict) else ""
    if not body.strip():
        raise refused(400, "Comment body can not be empty!")
    if len(body) > _LONGEST:
        raise refused(
            400, f"The entered text is too long. It exceeds the allowed limit of {_LONGEST:,} characters."
        )
    return body


def _extras(request: Request) -> Payload:
    return {key: request.body[key] for key in ("visibility", "properties") if request.body.get(key)}


def edit(state: JiraState, request: Request) -> Response:
    """A comment's new body; silent on Cloud with ``notifyUsers=false``."""
    issue, comment = found(state, request)
    _demand_own(state, issue, comment, "EDIT")
    comment.update(
        body=_body(request), updateAuthor=state.me, updated=stamp(state.clock()), **_extras(request)
    )
    is_silent = state.flavour == "cloud" and not request.flag("notifyUsers", default=True)
    _touch(state, issue, event="" if is_silent else "comment_updated")
    return Response(body=_view(comment, request))


def _demand_own(state: JiraState, issue: Payload, comment: Payload, verb: str) -> None:
    author = comment.get("author") or {}
    own = next((author[key] == state.me.get(key) for key in ("accountId", "name") if key in author), False)
    key = project_key(issue)
    allowed = (own and may(state, key, f"{verb}_OWN_COMMENTS")) or may(state, key, f"{verb}_ALL_COMMENTS")
    if not allowed:
        raise refused(403 if own else 400, f"You do not have the permission to {verb.lower()} this comment.")


def remove(state: JiraState, request: Request) -> Response:
    """The comment is gone."""
    issue, comment = found(state, request)
    _demand_own(state, issue, comment, "DELETE")
    state.comments[issue["id"]].remove(comment)
    _touch(state, issue, event="")
    return Response(status=204)


def _touch(state: JiraState, issue: Payload, *, event: str) -> None:
    now = stamp(state.clock())
    issue["fields"]["updated"] = now
    if event:
        state.notifications.append({"issue": issue["key"], "event": event, "at": now})


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "issue/{issue}/comment", listed),
    Route("POST", "issue/{issue}/comment", add),
    Route("GET", "issue/{issue}/comment/{comment}", one),
    Route("PUT", "issue/{issue}/comment/{comment}", edit),
    Route("DELETE", "issue/{issue}/comment/{comment}", remove),
)
CLOUD: tuple[Route[JiraState], ...] = (Route("POST", "comment/list", by_ids),)
