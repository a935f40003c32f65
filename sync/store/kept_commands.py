"""Kept commands: a command as the JSON text that the outbox holds, and back."""

from __future__ import annotations

import json
from typing import Any, assert_never

from connectors.commands import Announce, Command, CommentCommand, PropertyCommand, Slot, Visibility

COMMENT = "comment"
"""Target of a managed comment; a property's target is its key."""


def target_of(command: Command) -> str:
    """Where in its slot a command goes: ``comment``, or the property's key."""
    return COMMENT if isinstance(command, CommentCommand) else command.key


def text_of(command: Command) -> str:
    """The command as JSON, without its slot and digest, which have columns of their own."""
    return json.dumps(_document_of(command), ensure_ascii=False)


def _document_of(command: Command) -> dict[str, Any]:
    match command:
        case CommentCommand():
            seen = command.visibility
            return {
                "body": command.body,
                "announce": command.announce.value,
                "visibility": [seen.kind, seen.name] if seen else None,
            }
        case PropertyCommand():
            return {"key": command.key, "value": command.value}
        case _:
            assert_never(command)


def command_of(text: str, *, slot: Slot, target: str, digest: str) -> Command:
    """The command that ``text_of`` wrote."""
    document = json.loads(text)
    if target != COMMENT:
        return PropertyCommand(slot=slot, digest=digest, key=document["key"], value=document["value"])
    seen = document["visibility"]
    return CommentCommand(
        slot=slot,
        digest=digest,
        body=document["body"],
        announce=Announce(document["announce"]),
        visibility=Visibility(kind=seen[0], name=seen[1]) if seen else None,
    )
