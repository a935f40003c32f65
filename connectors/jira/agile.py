"""Agile listings: boards and their sprints, complete or an error."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.errors import NotFoundError, RetryableError
from connectors.jira.client import AGILE, Payload, RefusedError, path_of
from connectors.jira.facts import Connection
from connectors.jira.search import rows_in
from connectors.port import Skipped

EVERY_STATE = "active,future,closed"
"""The states of sprints, as the listing is asked for them."""

_PAGE = 50


def boards_of(connection: Connection) -> tuple[dict[str, str], tuple[Skipped, ...]]:
    """(types of the mapped projects' boards that can have sprints, by id; projects whose boards cannot be seen)."""
    found: dict[str, str] = {}
    unseen: list[Skipped] = []
    for project in connection.selection.projects:
        try:
            boards = agile_rows(connection, path_of(AGILE, "board"), projectKeyOrId=project)
        except (RefusedError, NotFoundError) as error:
            unseen.append(Skipped(what=f"boards of project {project}", reason=str(error)))
            continue
        found |= {str(board["id"]): str(board.get("type")) for board in boards if board.get("id")}
    return {id_: type_ for id_, type_ in found.items() if type_ != "kanban"}, tuple(unseen)


def sprints_of(connection: Connection, boards: Mapping[str, str], *, states: str) -> dict[str, Payload]:
    """Sprint payloads by id; the board of a team that works without sprints refuses the question and has none."""
    found: dict[str, Payload] = {}
    for board, type_ in boards.items():
        try:
            rows = agile_rows(connection, path_of(AGILE, "board", board, "sprint"), state=states)
        except RefusedError:
            if type_ == "scrum":
                raise
            continue
        found |= {str(row.get("id")): row for row in rows}
    return found


def agile_rows(connection: Connection, path: str, **params: str) -> tuple[Payload, ...]:
    """All rows of an agile listing. A short page is not its end, nor is an empty one: ``isLast`` is, or where that is not told, ``total`` reached.

    Raises RetryableError for a listing that ends without saying so, repeats a row, or holds fewer than its own ``total``.
    """
    rows: dict[str, Payload] = {}
    start = 0
    while True:
        answer = connection.client.get(path, {**params, "startAt": start, "maxResults": _PAGE})
        page = rows_in(answer, "values")
        fresh = {str(row.get("id") or f"at {start + n}"): row for n, row in enumerate(page)}
        start += len(page)
        total = answer.get("total")
        is_last = answer.get("isLast", isinstance(total, int) and start >= total) is True
        is_short = is_last and isinstance(total, int) and start < total
        if is_short or (not page and not is_last) or not rows.keys().isdisjoint(fresh):
            raise RetryableError(
                f"{path}: the listing ends after {start} rows without being at its end, or repeats itself"
            )
        rows |= fresh
        if is_last:
            return tuple(rows.values())
