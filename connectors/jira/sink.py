"""Sink: carries commands out. Looks before it writes, never repeats a write of unknown outcome, reads back what it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from connectors.commands import Command, CommentCommand, ObservedComment, PropertyCommand, Receipt, Slot
from connectors.errors import FatalError, RetryableError, UnknownOutcomeError
from connectors.jira.comment_steps import CommentSteps
from connectors.jira.facts import Connection
from connectors.jira.looks import Looks
from connectors.jira.pen import Pen
from connectors.jira.property_steps import property_taken
from connectors.steps import Look, Steps


class JiraSink:
    """Managed comments and issue properties of one site, for several threads at once.

    Jira has no conditional writes: one writer per issue is the caller's part.
    """

    def __init__(self, connection: Connection) -> None:
        self._client = connection.client
        self._looks = Looks(connection.client, is_offered=connection.facts.is_cloud)
        self._comments = CommentSteps(connection, self._looks)

    def observe(self, slot: Slot, receipt: Receipt | None) -> tuple[ObservedComment, ...]:
        """Our comments in the slot, lowest id first: those with our marker, and the receipt's, whose marker a person may have removed. Only reads.

        Raises NotFoundError if the issue is gone, RetryableError for a listing that is short or disagrees with itself.
        """
        known_id = receipt.remote_id if receipt else None
        return tuple(comment.observed for comment in self._comments.listed(slot, known_id))

    def look_up(self, looks: Sequence[Look]) -> Mapping[Look, object]:
        """What the tool tells of them all, by a request for each kind. One that it leaves out is absent. Raises a TandemError."""
        return self._looks.told(looks)

    def deliver(
        self, command: Command, receipt: Receipt | None, *, now: datetime, is_unsure: bool = False
    ) -> Steps:
        """Make the slot say what the command says; extra copies of our own comment that come to light are removed.

        Raises UnknownOutcomeError where something was, or may have been, written and does not stand as it should: the next delivery looks again before
        it writes. Any other error means that nothing was changed.
        """
        pen = Pen(self._client)
        try:
            match command:
                case CommentCommand():
                    id_ = yield from self._comments.taken(command, receipt, pen, is_unsure=is_unsure)
                    return _receipt(command, "comment", body=command.body, now=now, remote_id=id_)
                case PropertyCommand():
                    yield from property_taken(self._client, self._looks, command, pen)
                    return _receipt(command, command.key, body=command.value, now=now)
                case _:
                    assert_never(command)
        except UnknownOutcomeError:
            raise
        except (RetryableError, FatalError) as error:
            if pen.has_written:
                raise UnknownOutcomeError(f"broke off after a write: {error}") from error
            raise


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
