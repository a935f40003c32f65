"""Pen: sends the writes of one delivery and knows whether any of them was, or may have been, carried out."""

from __future__ import annotations

from collections.abc import Callable
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
    """The writes of one delivery. ``before_write`` is called right before each of them; what it raises stops the write."""

    def __init__(self, client: JiraClient, before_write: Callable[[], None]) -> None:
        self._client = client
        self._before_write = before_write
        self.has_written = False
        """True once a write was, or may have been, carried out."""

    def post(self, path: str, body: object) -> Any:  # noqa: ANN401  # raw payloads end in parse
        """As ``JiraClient.post``."""
        return self._sent(lambda: self._client.post(path, body))

    def put(self, path: str, body: object, params: Params | None = None) -> None:
        """As ``JiraClient.put``."""
        self._sent(lambda: self._client.put(path, body, params))

    def delete(self, path: str) -> None:
        """As ``JiraClient.delete``."""
        self._sent(lambda: self._client.delete(path))

    def _sent(self, send: Callable[[], Answer]) -> Answer:
        self._before_write()
        try:
            answer = send()
        except TandemError as error:
            self.has_written |= not isinstance(error, _NOTHING_DONE)
            raise
        self.has_written = True
        return answer
