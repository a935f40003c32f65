"""Comment steps: one managed comment made to say what a command says: looked at, written, read back.

An issue's comments are listed once for each delivery: before the write where no comment of ours is known or what stands there is unsure, else after it, for then
what came up meanwhile shows as well. The other look is at one comment by its id, which is asked together with those of other deliveries. After a post into an unsure
place the comments are listed again: a post of unknown outcome can be carried out late.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

from connectors.commands import Announce, CommentCommand, Receipt, Slot, reads_same
from connectors.errors import (
    DeferredError,
    FatalError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.jira.client import CORE, RefusedError, path_of
from connectors.jira.comments import (
    MARKER,
    OwnComment,
    comment_by_id,
    is_in,
    managed_comments,
    own_comment,
)
from connectors.jira.facts import Connection
from connectors.jira.looks import Looks, comment_look
from connectors.jira.pen import Pen
from connectors.steps import Way

_NOT_ALLOWED = (ForbiddenError, RefusedError)
"""Cloud answers 400 rather than 403 where a comment may not be edited or deleted."""


class CommentSteps:
    """The comments of one site, for several threads at once."""

    def __init__(self, connection: Connection, looks: Looks) -> None:
        self._client = connection.client
        self._account = connection.facts.account
        self._looks = looks
        self._may_silence = connection.facts.is_cloud  # Data Center has no such parameter

    def listed(self, slot: Slot, known_id: str | None) -> tuple[OwnComment, ...]:
        """As ``managed_comments``."""
        return managed_comments(self._client, self._account, slot=slot, known_id=known_id)

    def taken(
        self, command: CommentCommand, receipt: Receipt | None, pen: Pen, *, is_unsure: bool
    ) -> Way[str]:
        """The id of the comment that says what the command says; extra copies of ours that come to light are removed."""
        slot, known_id = command.slot, receipt.remote_id if receipt else None
        known = None if known_id is None or is_unsure else (yield from self._told_of(slot, known_id))
        present = (known,) if known else self.listed(slot, known_id)
        yield from _remove(pen, slot, present[1:])
        former = present[0] if present else None
        if former and _stands(former, command, receipt):
            return former.id
        try:
            return (yield from self._written(command, former, pen, by_id=not (known or is_unsure)))
        except DeferredError:
            raise  # it was not sent, so there is nothing to look for
        except RetryableError:
            kept = yield from self._kept(command, known_id, pen)
            if kept is None:
                raise
            return kept

    def _told_of(self, slot: Slot, comment_id: str) -> Way[OwnComment | None]:
        """Our comment in the slot by its id. None where it is not told of, which proves nothing: it is listed then."""
        if self._looks.is_offered:
            payload = yield comment_look(comment_id)
            found = own_comment(payload, self._account) if payload else None
        else:
            found = comment_by_id(self._client, self._account, issue_id=slot.issue_id, comment_id=comment_id)
        return found if found and is_in(slot, found, comment_id) else None

    def _kept(self, command: CommentCommand, known_id: str | None, pen: Pen) -> Way[str | None]:
        """The id of the first of our comments that says what the command says, once the others are removed; None where none does, and nothing is removed."""
        ours = self.listed(command.slot, known_id)
        kept = next((comment for comment in ours if comment.digest == command.digest), None)
        if kept is None:
            return None
        yield from _remove(pen, command.slot, (comment for comment in ours if comment is not kept))
        return kept.id

    def _read_back(self, command: CommentCommand, id_: str, pen: Pen, *, by_id: bool) -> Way[str | None]:
        """The id of the comment that was written, or of the copy of it that stays; None where it does not stand as written."""
        if by_id:
            found = yield from self._told_of(command.slot, id_)
            if found and (found.slot, found.digest) == (command.slot.commitment_key, command.digest):
                return id_
        return (yield from self._kept(command, id_, pen))

    def _written(
        self, command: CommentCommand, former: OwnComment | None, pen: Pen, *, by_id: bool
    ) -> Way[str]:
        """The id of the comment that was posted or edited and read back."""
        if former is None:
            return (yield from self._posted(command, pen, by_id=by_id))
        if command.announce is Announce.SILENT:
            return (yield from self._edited(command, former, pen, by_id=by_id))
        try:
            yield from pen.delete(_comment_path(command.slot, former.id))
        except NotFoundError:
            pass  # somebody was faster; the aim is reached
        except _NOT_ALLOWED:
            return (yield from self._edited(command, former, pen, by_id=by_id))
        return (yield from self._posted(command, pen, by_id=by_id))

    def _posted(self, command: CommentCommand, pen: Pen, *, by_id: bool) -> Way[str]:
        path = _comment_path(command.slot)
        answer = yield from pen.post(path, _comment_body(command))
        if not isinstance(answer, dict) or not str(answer.get("id") or "").isdecimal():
            raise UnknownOutcomeError("the answer to a new comment names no id; it may have been carried out")
        id_ = str(answer["id"])
        kept = yield from self._read_back(command, id_, pen, by_id=by_id)
        if kept is None:
            with suppress(NotFoundError):  # not to be found again, it would come anew each run
                yield from pen.delete(_comment_path(command.slot, id_))
            raise FatalError(
                f"comment {id_} on issue {command.slot.issue_id} did not read back with its marker and was removed again"
            )
        return kept

    def _edited(self, command: CommentCommand, former: OwnComment, pen: Pen, *, by_id: bool) -> Way[str]:
        try:
            yield from self._put(command, former.id, pen)
        except NotFoundError:
            return (yield from self._posted(command, pen, by_id=False))
        kept = yield from self._read_back(command, former.id, pen, by_id=by_id)
        if kept is None:
            raise RetryableError(
                f"comment {former.id} on issue {command.slot.issue_id} did not read back as written"
            )
        return kept

    def _put(self, command: CommentCommand, comment_id: str, pen: Pen) -> Way[None]:
        """Edit, silently where that is asked for and allowed; a refusal to silence is met once by an edit that may notify."""
        path, body = _comment_path(command.slot, comment_id), _comment_body(command)
        if command.announce is Announce.NOTIFY or not self._may_silence:
            yield from pen.put(path, body)
            return
        try:
            yield from pen.put(path, body, {"notifyUsers": "false"})
        except _NOT_ALLOWED:
            yield from pen.put(path, body)
            self._may_silence = False


def _stands(comment: OwnComment, command: CommentCommand, receipt: Receipt | None) -> bool:
    """True if the comment says what the command says and nobody has changed it since we wrote it."""
    is_ours = receipt is not None and reads_same(comment.body, receipt.body)
    return comment.digest == command.digest and (is_ours or not comment.observed.is_edited_by_other)


def _remove(pen: Pen, slot: Slot, comments: Iterable[OwnComment]) -> Way[None]:
    for comment in comments:
        with suppress(NotFoundError):
            yield from pen.delete(_comment_path(slot, comment.id))


def _comment_path(slot: Slot, *comment_id: str) -> str:
    return path_of(CORE, "issue", slot.issue_id, "comment", *comment_id)


def _comment_body(command: CommentCommand) -> dict[str, object]:
    body: dict[str, object] = {
        "body": command.body,
        "properties": [
            {"key": MARKER, "value": {"slot": command.slot.commitment_key, "digest": command.digest}}
        ],
    }
    if command.visibility:
        body["visibility"] = {"type": command.visibility.kind, "value": command.visibility.name}
    return body
