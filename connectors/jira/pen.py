"""Pen: sends the writes of one delivery and knows whether any of them was, or may have been, carried out."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from connectors.errors import (
    AuthenticationError,
    BlockedError,
    DeferredError,
    ForbiddenError,
    GoneError,
    NotFoundError,
    TandemError,
)
from connectors.jira.client import JiraClient, MovedError, Params, RefusedError
from connectors.steps import Write

Answer = TypeVar("Answer")

_NOTHING_DONE = (
    AuthenticationError,
    BlockedError,
    DeferredError,
    ForbiddenError,
    GoneError,
    MovedError,
    NotFoundError,
    RefusedError,
)
"""Errors of a write that prove that it was not carried out. After any other it may have been."""


class Pen:
    """The writes of one delivery, each with a halt right before it: what is thrown in there stops the write."""

    def __init__(self, client: JiraClient) -> None:
        self._client = client
        self.has_written = False
        """True once a write was, or may have been, carried out."""

    def post(self, path: str, body: object) -> Generator[Write, None, Any]:
        """As ``JiraClient.post``."""
        return self._sent(lambda: self._client.post(path, body))

    def put(self, path: str, body: object, params: Params | None = None) -> Generator[Write, None, None]:
        """As ``JiraClient.put``."""
        return self._sent(lambda: self._client.put(path, body, params))

    def delete(self, path: str) -> Generator[Write, None, None]:
        """As ``JiraClient.delete``."""
        return self._sent(lambda: self._client.delete(path))

    def _sent(self, send: Callable[[], Answer]) -> Generator[Write, None, Answer]:
        yield Write()
        try:
            answer = send()
        except TandemError as error:
            self.has_written |= not isinstance(error, _NOTHING_DONE)
            raise
        self.has_written = True
        return answer
