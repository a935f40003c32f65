"""Comments: our managed comments on an issue, told from everybody else's by account and marker."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from connectors.commands import ObservedComment, marked
from connectors.errors import NotFoundError
from connectors.jira.client import CORE, JiraClient, path_of
from connectors.jira.facts import Account
from connectors.jira.search import rows_in
from connectors.parsing import maybe_instant

MARKER = "tandem.marker"
"""Key of the comment property that marks a managed comment; its value is ``{"slot", "digest"}``."""
_PAGE = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnComment:
    """A comment of our own account. ``slot`` and ``digest`` are None where no marker says them."""

    id: str
    body: str
    slot: str | None
    digest: str | None
    observed: ObservedComment


def own_comment(payload: Any, account: Account) -> OwnComment | None:  # noqa: ANN401
    """The comment if our account wrote it, else None: anybody can write a marker, nobody else can be us.

    The marker line counts where it is the body's last line; the property tells the slot of a comment whose line a person removed.
    """
    if not account.is_author(payload.get("author")):
        return None
    id_, body = str(payload["id"]), str(payload.get("body") or "")
    line = marked(body)
    slot = line[0] if line else _marker_property(payload).get("slot")
    digest = line[1] if line else None
    return OwnComment(
        id=id_,
        body=body,
        slot=slot,
        digest=digest,
        observed=ObservedComment(
            remote_id=id_, body=body, digest=digest, updated_at=maybe_instant(payload.get("updated"))
        ),
    )


def _marker_property(payload: Any) -> dict[str, Any]:  # noqa: ANN401
    """The value of the marker property where the API returned it; it may come as an object or as JSON text."""
    for item in payload.get("properties") or ():
        if item.get("key") == MARKER:
            value = item.get("value")
            return value if isinstance(value, dict) else _object_in(value)
    return {}


def _object_in(text: Any) -> dict[str, Any]:  # noqa: ANN401
    try:
        value = json.loads(text)
    except (TypeError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}


def comment_by_id(
    client: JiraClient, account: Account, *, issue_id: str, comment_id: str
) -> OwnComment | None:
    """Our comment by its id; None where it is gone or not ours."""
    try:
        payload = client.get(
            path_of(CORE, "issue", issue_id, "comment", comment_id), {"expand": "properties"}
        )
    except NotFoundError:
        return None
    return own_comment(payload, account)


def own_comments(client: JiraClient, account: Account, *, issue_id: str) -> tuple[OwnComment, ...]:
    """All our comments on the issue, managed or not, by ascending id. Raises NotFoundError for an unknown issue."""
    found = (own_comment(payload, account) for payload in _payloads(client, issue_id))
    return tuple(sorted(filter(None, found), key=lambda comment: int(comment.id)))


def _payloads(client: JiraClient, issue_id: str) -> Iterator[Any]:
    """All comments of the issue. A short page is not the end: an empty one is, or ``total`` reached."""
    start = 0
    while True:
        answer = client.get(
            path_of(CORE, "issue", issue_id, "comment"),
            {"startAt": start, "maxResults": _PAGE, "orderBy": "created", "expand": "properties"},
        )
        rows = rows_in(answer, "comments")
        yield from rows
        start += len(rows)
        if not rows or start >= int(answer.get("total", start + 1)):
            return
