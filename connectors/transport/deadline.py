"""Deadline: connections whose answers end in time: each wait for bytes is cut to what is left, so that a trickle cannot hold a run up.

Timeouts of sockets bound the wait for the next byte only. Here the stream that ``http.client`` reads an answer from (status line, headers, body, chunk
sizes alike) shortens the socket's timeout before every read; no thread watches.
"""

from __future__ import annotations

import http.client
import io
import socket
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from connectors.transport.trust import Trust

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class TooSlowError(TimeoutError):
    """The whole answer did not come in time."""


class _Reader(io.RawIOBase):
    """The socket's bytes until the deadline, an instant of ``time.monotonic``."""

    def __init__(self, sock: socket.socket, *, ends_at: float) -> None:
        self._socket = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._gap_s = sock.gettimeout()
        self._ends_at = ends_at

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        left_s = self._ends_at - time.monotonic()
        if left_s <= 0:
            raise TooSlowError
        self._socket.settimeout(left_s if self._gap_s is None else min(self._gap_s, left_s))
        try:
            return self._raw.readinto(buffer)
        except TimeoutError as error:
            if time.monotonic() >= self._ends_at:
                raise TooSlowError from error
            raise

    def close(self) -> None:
        self._raw.close()
        super().close()


class _Response(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: object, answer_timeout_s: float, **kwargs: object) -> None:
        super().__init__(sock, *args, **kwargs)  # type: ignore[arg-type]  # passed through as given
        self.fp.close()
        self.fp = io.BufferedReader(_Reader(sock, ends_at=time.monotonic() + answer_timeout_s))


def pools_for(answer_timeout_s: float) -> dict[str, Callable[..., HTTPConnectionPool]]:
    """Connection pools by scheme, for ``PoolManager.pool_classes_by_scheme``, whose answers take ``answer_timeout_s`` at most each. Their connections read the authorities once."""
    trust = Trust()
    response: Any = partial(_Response, answer_timeout_s=answer_timeout_s)  # called like a class

    class _Http(HTTPConnection):
        response_class = response

    class _Https(HTTPSConnection):
        response_class = response

        def connect(self) -> None:
            trust.lend_to(self)
            super().connect()

    class _HttpPool(HTTPConnectionPool):
        ConnectionCls = _Http

    class _HttpsPool(HTTPSConnectionPool):
        ConnectionCls = _Https

    return {"http": _HttpPool, "https": _HttpsPool}
