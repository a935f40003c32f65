"""Sink: carries commands out. Looks before it writes, never repeats a write of unknown outcome, reads back what it wrote."""

from __future__ import annotations

import json
from collections.abc import Iterable
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
)
from connectors.errors import (
    FatalError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
    UnknownOutcomeError,
)
from connectors.jira.client import CORE, RefusedError, path_of
from connectors.jira.comments import MARKER, OwnComment, comment_by_id, own_comments
from connectors.jira.facts import Connection

_NOT_ALLOWED = (ForbiddenError, RefusedError)
"""Cloud answers 400 rather than 403 where a comment may not be edited or deleted."""


class JiraSink:
    """Managed comments and issue properties of one site. Jira has no conditional writes: one writer per issue is the caller's part."""

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self._account = connection.facts.account
        self._may_silence = connection.facts.is_cloud  # Data Center has no such parameter

    def observe(self, slot: Slot, receipt: Receipt | None) -> ObservedComment | None:
        """Our comment in the slot, the one with the lowest id where there are several; None without one. Only reads.

        Raises NotFoundError if the issue is gone.
        """
        return next((comment.observed for comment in self._present(slot, receipt)), None)

    def deliver(self, command: Command, receipt: Receipt | None, *, now: datetime) -> Receipt:
        """Make the slot say what the command says; extra copies of our own comment that come to light are removed.

        Raises UnknownOutcomeError where a write broke off and looking did not find it: the next delivery looks again before it writes.
        """
        match command:
            case CommentCommand():
                remote_id = self._comment(command, receipt)
                return _receipt(command, "comment", body=command.body, now=now, remote_id=remote_id)
            case PropertyCommand():
                self._property(command)
                return _receipt(command, command.key, body=command.value, now=now)
            case _:
                assert_never(command)

    def _present(self, slot: Slot, receipt: Receipt | None) -> tuple[OwnComment, ...]:
        """Our comments in the slot: the one that the receipt names if it is still there, else all with our marker, lowest id first."""
        known = self._known(slot, receipt.remote_id) if receipt and receipt.remote_id else None
        return (known,) if known else self._listed(slot)

    def _all_present(self, slot: Slot, receipt: Receipt | None) -> tuple[OwnComment, ...]:
        """All our comments in the slot, lowest id first: those with our marker, and the one of the receipt whose marker a person may have removed."""
        found = {comment.id: comment for comment in (*self._present(slot, receipt), *self._listed(slot))}
        return tuple(sorted(found.values(), key=lambda comment: int(comment.id)))

    def _known(self, slot: Slot, remote_id: str) -> OwnComment | None:
        comment = comment_by_id(self._client, self._account, issue_id=slot.issue_id, comment_id=remote_id)
        is_other = comment is not None and comment.slot not in {None, slot.commitment_key}
        return None if is_other else comment

    def _listed(self, slot: Slot) -> tuple[OwnComment, ...]:
        ours = own_comments(self._client, self._account, issue_id=slot.issue_id)
        return tuple(comment for comment in ours if comment.slot == slot.commitment_key)

    def _comment(self, command: CommentCommand, receipt: Receipt | None) -> str:
        present = self._all_present(command.slot, receipt)
        self._remove(command.slot, present[1:])
        if present and present[0].digest == command.digest:
            return present[0].id
        try:
            return self._written(command, present[0] if present else None)
        except RetryableError:
            landed = [comment for comment in self._listed(command.slot) if comment.digest == command.digest]
            if not landed:
                raise
            self._remove(command.slot, landed[1:])
            return landed[0].id

    def _written(self, command: CommentCommand, former: OwnComment | None) -> str:
        """The id of the comment that was posted or edited and read back."""
        if former is None:
            return self._posted(command)
        if command.announce is Announce.SILENT:
            return self._edited(command, former)
        try:
            self._client.delete(_comment_path(command.slot, former.id))
        except NotFoundError:
            pass  # somebody was faster; the aim is reached
        except _NOT_ALLOWED:
            return self._edited(command, former)
        return self._posted(command)

    def _posted(self, command: CommentCommand) -> str:
        answer = self._client.post(_comment_path(command.slot), _comment_body(command))
        if not isinstance(answer, dict) or not answer.get("id"):
            raise UnknownOutcomeError("the answer to a new comment names no id; it may have been carried out")
        id_ = str(answer["id"])
        if not self._says(command, id_):
            self._client.delete(
                _comment_path(command.slot, id_)
            )  # not to be found again, it would come anew each run
            raise FatalError(
                f"comment {id_} on issue {command.slot.issue_id} did not read back with its marker and was removed again"
            )
        return id_

    def _edited(self, command: CommentCommand, former: OwnComment) -> str:
        try:
            self._put(command, former.id)
        except NotFoundError:
            return self._posted(command)
        if not self._says(command, former.id):
            raise RetryableError(
                f"comment {former.id} on issue {command.slot.issue_id} did not read back as written"
            )
        return former.id

    def _put(self, command: CommentCommand, comment_id: str) -> None:
        """Edit, silently where that is asked for and allowed; a refusal to silence is met once by an edit that may notify."""
        path, body = _comment_path(command.slot, comment_id), _comment_body(command)
        if command.announce is Announce.NOTIFY or not self._may_silence:
            self._client.put(path, body)
            return
        try:
            self._client.put(path, body, {"notifyUsers": "false"})
        except _NOT_ALLOWED:
            self._client.put(path, body)
            self._may_silence = False

    def _says(self, command: CommentCommand, comment_id: str) -> bool:
        comment = self._known(command.slot, comment_id)
        return comment is not None and comment.digest == command.digest

    def _remove(self, slot: Slot, extras: Iterable[OwnComment]) -> None:
        for extra in extras:
            with suppress(NotFoundError):
                self._client.delete(_comment_path(slot, extra.id))

    def _property(self, command: PropertyCommand) -> None:
        path = path_of(CORE, "issue", command.slot.issue_id, "properties", command.key)
        value = json.loads(command.value)
        if self._property_value(path) == value:
            return
        try:
            self._client.put(path, value)
        except RetryableError:
            if self._property_value(path) != value:
                raise

    def _property_value(self, path: str) -> object:
        """What the property holds; None where it does not exist."""
        try:
            answer = self._client.get(path)
        except NotFoundError:
            return None
        return answer.get("value") if isinstance(answer, dict) else None


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
