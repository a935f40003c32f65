"""Sink: carries commands out. Looks before it writes, never repeats a write of unknown outcome, reads back what it wrote."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from typing import assert_never

from connectors.commands import (
    Announce,
    Command,
    CommentCommand,
    ObservedComment,
    PropertyCommand,
    Receipt,
    Slot,
    reads_same,
)
from connectors.errors import (
    DeferredError,
    FatalError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.jira.client import CORE, RefusedError, path_of
from connectors.jira.comments import MARKER, OwnComment, comment_by_id, managed_comments
from connectors.jira.facts import Connection
from connectors.jira.pen import Pen

_NOT_ALLOWED = (ForbiddenError, RefusedError)
"""Cloud answers 400 rather than 403 where a comment may not be edited or deleted."""


class JiraSink:
    """Managed comments and issue properties of one site. Jira has no conditional writes: one writer per issue is the caller's part."""

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self._account = connection.facts.account
        self._may_silence = connection.facts.is_cloud  # Data Center has no such parameter

    def observe(self, slot: Slot, receipt: Receipt | None) -> tuple[ObservedComment, ...]:
        """Our comments in the slot, lowest id first: those with our marker, and the receipt's, whose marker a person may have removed. Only reads.

        Raises NotFoundError if the issue is gone, RetryableError for a listing that is short or disagrees with itself.
        """
        return tuple(comment.observed for comment in self._present(slot, receipt))

    def deliver(
        self,
        command: Command,
        receipt: Receipt | None,
        *,
        now: datetime,
        before_write: Callable[[], None] = lambda: None,
    ) -> Receipt:
        """Make the slot say what the command says; extra copies of our own comment that come to light are removed.

        Raises UnknownOutcomeError where something was, or may have been, written and does not stand as it should: the next delivery looks again before
        it writes. Any other error means that nothing was changed.
        """
        pen = Pen(self._client, before_write)
        try:
            return self._delivered(command, receipt, pen, now=now)
        except UnknownOutcomeError:
            raise
        except (RetryableError, FatalError) as error:
            if pen.has_written:
                raise UnknownOutcomeError(f"broke off after a write: {error}") from error
            raise

    def _delivered(self, command: Command, receipt: Receipt | None, pen: Pen, *, now: datetime) -> Receipt:
        match command:
            case CommentCommand():
                remote_id = self._comment(command, receipt, pen)
                return _receipt(command, "comment", body=command.body, now=now, remote_id=remote_id)
            case PropertyCommand():
                self._property(command, pen)
                return _receipt(command, command.key, body=command.value, now=now)
            case _:
                assert_never(command)

    def _present(self, slot: Slot, receipt: Receipt | None) -> tuple[OwnComment, ...]:
        known_id = receipt.remote_id if receipt else None
        return managed_comments(self._client, self._account, slot=slot, known_id=known_id)

    def _comment(self, command: CommentCommand, receipt: Receipt | None, pen: Pen) -> str:
        present = self._present(command.slot, receipt)
        _remove(pen, command.slot, present[1:])
        if present and _stands(present[0], command, receipt):
            return present[0].id
        try:
            return self._written(command, present[0] if present else None, pen)
        except DeferredError:
            raise  # it was not sent, so there is nothing to look for
        except RetryableError:
            present = self._present(command.slot, receipt)
            landed = [comment for comment in present if comment.digest == command.digest]
            if not landed:
                raise
            _remove(pen, command.slot, (comment for comment in present if comment is not landed[0]))
            return landed[0].id

    def _written(self, command: CommentCommand, former: OwnComment | None, pen: Pen) -> str:
        """The id of the comment that was posted or edited and read back."""
        if former is None:
            return self._posted(command, pen)
        if command.announce is Announce.SILENT:
            return self._edited(command, former, pen)
        try:
            pen.delete(_comment_path(command.slot, former.id))
        except NotFoundError:
            pass  # somebody was faster; the aim is reached
        except _NOT_ALLOWED:
            return self._edited(command, former, pen)
        return self._posted(command, pen)

    def _posted(self, command: CommentCommand, pen: Pen) -> str:
        """The id of the new comment. It is read back among all of ours: one that looking missed before shows now, and is removed."""
        answer = pen.post(_comment_path(command.slot), _comment_body(command))
        if not isinstance(answer, dict) or not str(answer.get("id") or "").isdecimal():
            raise UnknownOutcomeError("the answer to a new comment names no id; it may have been carried out")
        id_ = str(answer["id"])
        ours = managed_comments(self._client, self._account, slot=command.slot, known_id=id_)
        kept = next((comment for comment in ours if comment.digest == command.digest), None)
        if kept is None:
            _remove(
                pen, command.slot, (comment for comment in ours if comment.id == id_)
            )  # not to be found again, it would come anew each run
            raise FatalError(
                f"comment {id_} on issue {command.slot.issue_id} did not read back with its marker and was removed again"
            )
        _remove(pen, command.slot, (comment for comment in ours if comment is not kept))
        return kept.id

    def _edited(self, command: CommentCommand, former: OwnComment, pen: Pen) -> str:
        try:
            self._put(command, former.id, pen)
        except NotFoundError:
            return self._posted(command, pen)
        if not self._says(command, former.id):
            raise RetryableError(
                f"comment {former.id} on issue {command.slot.issue_id} did not read back as written"
            )
        return former.id

    def _put(self, command: CommentCommand, comment_id: str, pen: Pen) -> None:
        """Edit, silently where that is asked for and allowed; a refusal to silence is met once by an edit that may notify."""
        path, body = _comment_path(command.slot, comment_id), _comment_body(command)
        if command.announce is Announce.NOTIFY or not self._may_silence:
            pen.put(path, body)
            return
        try:
            pen.put(path, body, {"notifyUsers": "false"})
        except _NOT_ALLOWED:
            pen.put(path, body)
            self._may_silence = False

    def _says(self, command: CommentCommand, comment_id: str) -> bool:
        comment = comment_by_id(
            self._client, self._account, issue_id=command.slot.issue_id, comment_id=comment_id
        )
        return comment is not None and (comment.slot, comment.digest) == (
            command.slot.commitment_key,
            command.digest,
        )

    def _property(self, command: PropertyCommand, pen: Pen) -> None:
        path = path_of(CORE, "issue", command.slot.issue_id, "properties", command.key)
        value = json.loads(command.value)
        if self._property_value(path) == value:
            return
        lost: RetryableError | None = None
        try:
            pen.put(path, value)
        except DeferredError:
            raise
        except RetryableError as error:
            lost = error
        if (
            self._property_value(path) != value
        ):  # a good answer to this write has no body, so it proves nothing
            raise lost or UnknownOutcomeError(
                f"{path}: the write was answered, but what it wrote is not there"
            )

    def _property_value(self, path: str) -> object:
        """What the property holds; None where it does not exist. Raises RetryableError for an answer that does not say."""
        try:
            answer = self._client.get(path)
        except NotFoundError:
            return None
        if not isinstance(answer, dict) or "value" not in answer:
            raise RetryableError(f"{path}: the answer holds no value; is a proxy in between?")
        return answer["value"]


def _stands(comment: OwnComment, command: CommentCommand, receipt: Receipt | None) -> bool:
    """True if the comment says what the command says and nobody has changed it since we wrote it."""
    is_ours = receipt is not None and reads_same(comment.body, receipt.body)
    return comment.digest == command.digest and (is_ours or not comment.observed.is_edited_by_other)


def _remove(pen: Pen, slot: Slot, comments: Iterable[OwnComment]) -> None:
    for comment in comments:
        with suppress(NotFoundError):
            pen.delete(_comment_path(slot, comment.id))


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


def _receipt(
    command: Command, target: str, *, body: str, now: datetime, remote_id: str | None = None
) -> Receipt:
    return Receipt(
        slot=command.slot,
        target=target,
        digest=command.digest,
        body=body,
        delivered_at=now,
        remote_id=remote_id,
    )
