"""Property steps: one issue property made to hold what a command says: looked at, written, read back."""

from __future__ import annotations

import json

from connectors.commands import PropertyCommand
from connectors.errors import DeferredError, NotFoundError, RetryableError, UnknownOutcomeError
from connectors.jira.client import CORE, JiraClient, path_of
from connectors.jira.looks import Looks, property_look
from connectors.jira.pen import Pen
from connectors.steps import Way

_UNTOLD = object()


def property_taken(client: JiraClient, looks: Looks, command: PropertyCommand, pen: Pen) -> Way[None]:
    """Have the property hold the command's value.

    What is told of many properties at once is the last word where it says that the value was written, but not where it says that nothing need be written or
    that a write is missing: then the property is asked for alone.
    """
    path = path_of(CORE, "issue", command.slot.issue_id, "properties", command.key)
    value = json.loads(command.value)
    told = yield from _told(looks, command)
    if told in (_UNTOLD, value) and property_value(client, path) == value:
        return
    lost: RetryableError | None = None
    try:
        yield from pen.put(path, value)
    except DeferredError:
        raise
    except RetryableError as error:
        lost = error
    told = yield from _told(looks, command)
    # a good answer to this write has no body, so it proves nothing
    if told != value and property_value(client, path) != value:
        raise lost or UnknownOutcomeError(f"{path}: the write was answered, but what it wrote is not there")


def _told(looks: Looks, command: PropertyCommand) -> Way[object]:
    """What the property is told to hold (None: it does not exist), or ``_UNTOLD``."""
    if not looks.is_offered:
        return _UNTOLD
    held = yield property_look(command.slot.issue_id, command.key)
    return _UNTOLD if held is None else held.get(command.key)


def property_value(client: JiraClient, path: str) -> object:
    """What the property holds; None where it does not exist. Raises RetryableError for an answer that does not say."""
    try:
        answer = client.get(path)
    except NotFoundError:
        return None
    if not isinstance(answer, dict) or "value" not in answer:
        raise RetryableError(f"{path}: the answer holds no value; is a proxy in between?")
    return answer["value"]
