"""Boards and sprints."""

from __future__ import annotations

from connectors.sandbox.http import Request, Response, Route
from connectors.sandbox.jira_routes.common import page, refused
from connectors.sandbox.jira_routes.projects import visible_projects
from connectors.sandbox.state import JiraState, Payload


def boards(state: JiraState, request: Request) -> Response:
    """Boards, all or of one project."""
    wanted = request.text("projectKeyOrId")
    names = {wanted} | {x for one in visible_projects(state) if wanted in {one["key"], str(one["id"])}
                        for x in (one["key"], str(one["id"]))}  # fmt: skip
    if wanted and len(names) == 1:
        raise refused(400, f"No project could be found with key or id '{wanted}'.")
    rows = [one for one in state.boards.values() if not wanted or _project_names(one) & names]
    return Response(body=page(rows, request, name="values", most=50))


def _project_names(board: Payload) -> set[str]:
    location = board.get("location") or {}
    return {
        str(name)
        for name in (board.get("_project"), location.get("projectKey"), location.get("projectId"))
        if name
    }


def _board(state: JiraState, request: Request) -> Payload:
    board = state.boards.get(request.args["board"])
    if board is None:
        raise refused(
            404,
            "The requested board cannot be viewed because it either does not exist or you do not have permission to view it.",
        )
    return board


def board_sprints(state: JiraState, request: Request) -> Response:
    """The sprints that began on a board, by state."""
    board, states = _board(state, request), request.words("state")
    if board.get("type") == "kanban":
        raise refused(400, "The board does not support sprints")
    rows = [
        one for one in state.sprints.values()
        if str(one.get("originBoardId")) == str(board["id"]) and (not states or one["state"] in states)
    ]  # fmt: skip
    return Response(body=page(rows, request, name="values", most=50))


def sprint(state: JiraState, request: Request) -> Response:
    """One sprint."""
    if request.args["sprint"] not in state.sprints:
        raise refused(404, "Sprint does not exist.")
    return Response(body=state.sprints[request.args["sprint"]])


def configuration(state: JiraState, request: Request) -> Response:
    """A board's configuration with the field that it estimates with."""
    board = _board(state, request)
    points = next(
        (one for one in state.fields if one["name"] in {"Story Points", "Story point estimate"}), None
    )
    body: Payload = {"id": board["id"], "name": board.get("name", ""), "type": board.get("type", "scrum")}
    if points:
        body["estimation"] = {
            "type": "field",
            "field": {"fieldId": points["id"], "displayName": points["name"]},
        }
    return Response(body=body)


ROUTES: tuple[Route[JiraState], ...] = (
    Route("GET", "agile:board", boards),
    Route("GET", "agile:board/{board}/sprint", board_sprints),
    Route("GET", "agile:board/{board}/configuration", configuration),
    Route("GET", "agile:sprint/{sprint}", sprint),
)
