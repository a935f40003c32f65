"""Comments: our managed comments on an issue, told from everybody else's by account and marker."""

from __future__ import annotations

import json
from typing import Any

from msgspec import Struct

from connectors.commands import ObservedComment, Slot, marked
from connectors.errors import NotFoundError, RetryableError
from connectors.jira.client import CORE, JiraClient, Payload, path_of
from connectors.jira.facts import Account
from connectors.jira.search import rows_in
from connectors.parsing import maybe_instant

MARKER = "tandem.marker"
"""Key of the comment property that marks a managed comment; its value is ``{"slot", "digest"}``."""
_PAGE = 100


class OwnComment(Struct, frozen=True, kw_only=True):
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
    id_, body = _id_of(payload), str(payload.get("body") or "")
    line = marked(body)
    slot = line[0] if line else _marker_property(payload).get("slot")
    digest = line[1] if line else None
    editor = payload.get("updateAuthor")
    return OwnComment(
        id=id_,
        body=body,
        slot=slot,
        digest=digest,
        observed=ObservedComment(
            remote_id=id_,
            body=body,
            digest=digest,
            updated_at=maybe_instant(payload.get("updated")),
            is_edited_by_other=bool(editor) and not account.is_author(editor),
        ),
    )


def _id_of(payload: Any) -> str:  # noqa: ANN401
    """The comment's id, a number as text. Raises RetryableError for a comment without one: it could not be told from another."""
    id_ = str(payload.get("id") or "")
    if not id_.isdecimal():
        raise RetryableError("a comment in the answer has no id; nothing is written by such an answer")
    return id_


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
    """Our comment by its id; None where it is gone or not ours. Raises RetryableError for an answer about something else."""
    try:
        payload = client.get(
            path_of(CORE, "issue", issue_id, "comment", comment_id), {"expand": "properties"}
        )
    except NotFoundError:
        return None
    if not isinstance(payload, dict) or _id_of(payload) != comment_id:
        raise RetryableError(
            f"asked for comment {comment_id} of issue {issue_id}, the answer is about another"
        )
    return own_comment(payload, account)


def managed_comments(
    client: JiraClient, account: Account, *, slot: Slot, known_id: str | None
) -> tuple[OwnComment, ...]:
    """Our comments in the slot by ascending id: those with its marker, and the one with ``known_id`` even where a person removed the marker.

    A listing without ``known_id`` is not taken at its word: the comment itself is asked for. Raises NotFoundError for an unknown issue, RetryableError for
    a listing that is short, disagrees with itself, or hides a comment that is there.
    """
    ours = own_comments(client, account, issue_id=slot.issue_id)
    found = tuple(comment for comment in ours if is_in(slot, comment, known_id))
    if known_id is None or any(comment.id == known_id for comment in ours):
        return found
    hidden = comment_by_id(client, account, issue_id=slot.issue_id, comment_id=known_id)
    if hidden is not None and is_in(slot, hidden, known_id):
        raise RetryableError(
            f"comment {known_id} of issue {slot.issue_id} is there but its listing does not show it; nothing was written"
        )
    return found


def is_in(slot: Slot, comment: OwnComment, known_id: str | None) -> bool:
    """True if the comment stands for the slot: by its marker, or, where a person removed that, as the one with ``known_id``."""
    return comment.slot == slot.commitment_key or (comment.slot is None and comment.id == known_id)


def own_comments(client: JiraClient, account: Account, *, issue_id: str) -> tuple[OwnComment, ...]:
    """All our comments on the issue, managed or not, by ascending id. Raises as ``managed_comments``."""
    found = (own_comment(payload, account) for payload in _payloads(client, issue_id))
    return tuple(sorted(filter(None, found), key=lambda comment: int(comment.id)))


def _payloads(client: JiraClient, issue_id: str) -> tuple[Payload, ...]:
    """All comments of the issue, complete or an error.

    Offsets shift when a comment is removed while others are read, so each further page begins with the last comment of the one before: where that
    stands no longer in its place, one may have slipped past. A short page is not the end; ``total`` reached is.
    """
    seen: dict[str, Payload] = {}
    while True:
        answer = client.get(
            path_of(CORE, "issue", issue_id, "comment"),
            {
                "startAt": max(len(seen) - 1, 0),
                "maxResults": _PAGE,
                "orderBy": "created",
                "expand": "properties",
            },
        )
        rows = {_id_of(row): row for row in rows_in(answer, "comments")}
        fresh = _further(tuple(rows), seen=tuple(seen))
        seen |= {id_: rows[id_] for id_ in fresh}
        total = answer.get("total")
        if not isinstance(total, int) or (len(seen) < total and not fresh):
            raise RetryableError(
                f"the comments of issue {issue_id} end after {len(seen)} of {total}; nothing is written by a short listing"
            )
        if len(seen) >= total:
            return tuple(seen.values())


def _further(page: tuple[str, ...], *, seen: tuple[str, ...]) -> tuple[str, ...]:
    """The ids of a page that follow those ``seen``. Raises RetryableError where the page does not join on."""
    if not seen:
        return page
    if page[:1] != seen[-1:] or not set(page[1:]).isdisjoint(seen):
        raise RetryableError("comments moved while they were read; they are read again in the next run")
    return page[1:]
