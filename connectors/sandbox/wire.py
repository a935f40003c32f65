"""Wire: how an answer goes over its connection, whole or broken in one of the ways that networks and proxies break it."""

from __future__ import annotations

import socket
import struct
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from http import HTTPStatus
from types import MappingProxyType
from typing import TypeAlias

from msgspec import Struct

from connectors.sandbox.http import Response
from connectors.sandbox.state import Fault


class Line(Struct, frozen=True, kw_only=True):
    """One open connection. ``date`` gives the Date header; ``pause`` waits for seconds and is true if the server stops meanwhile."""

    socket: socket.socket
    date: Callable[[], datetime]
    pause: Callable[[float], bool]


class Answer(Struct, frozen=True, kw_only=True):
    """An answer whose body is encoded already."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @classmethod
    def of(cls, response: Response) -> Answer:
        """The answer that a response means now: its body is not read again."""
        return cls(status=response.status, headers=response.headers, body=response.encoded())


Sender: TypeAlias = Callable[[Line, Answer, Fault], bool]


def send(line: Line, answer: Answer) -> bool:
    """Send an answer as it should be; true, for the connection may be used again."""
    line.socket.sendall(_head(line, answer, length=len(answer.body)) + answer.body)
    return True


def reset(line: Line) -> bool:
    """Cut the connection so that the client sees a reset, not an end; false, for nothing more comes."""
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.socket.close()
    return False


def _head(line: Line, answer: Answer, *, length: int) -> bytes:
    headers = {"Date": format_datetime(line.date().astimezone(UTC), usegmt=True)}
    headers |= {"Content-Type": "application/json;charset=UTF-8", **answer.headers}
    if answer.status != HTTPStatus.NO_CONTENT:
        headers["Content-Length"] = str(length)
    lines = (f"HTTP/1.1 {answer.status} {_reason(answer.status)}", *(f"{k}: {v}" for k, v in headers.items()))
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _reason(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""  # a status that has no name is allowed


def _reset_after(line: Line, _answer: Answer, _fault: Fault) -> bool:
    return reset(line)


def _reset_during(line: Line, answer: Answer, _fault: Fault) -> bool:
    line.socket.sendall(_head(line, answer, length=len(answer.body)) + _half(answer.body))
    return reset(line)


def _truncate(line: Line, answer: Answer, _fault: Fault) -> bool:
    line.socket.sendall(_head(line, answer, length=len(answer.body)) + _half(answer.body))
    return False


def _cut_json(line: Line, answer: Answer, _fault: Fault) -> bool:
    half = _half(answer.body)
    line.socket.sendall(_head(line, answer, length=len(half)) + half)
    return True


def _short_length(line: Line, answer: Answer, _fault: Fault) -> bool:
    line.socket.sendall(_head(line, answer, length=len(_half(answer.body))) + answer.body)
    return True


def _long_length(line: Line, answer: Answer, fault: Fault) -> bool:
    line.socket.sendall(_head(line, answer, length=2 * len(answer.body)) + answer.body)
    line.pause(fault.delay_s)
    return False


def _bad_gzip(line: Line, answer: Answer, _fault: Fault) -> bool:
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return send(line, Answer(status=answer.status, headers=headers, body=answer.body))


def _hang(line: Line, answer: Answer, fault: Fault) -> bool:
    return not line.pause(fault.delay_s) and send(line, answer)


def _trickle(line: Line, answer: Answer, fault: Fault) -> bool:
    line.socket.sendall(_head(line, answer, length=len(answer.body)))
    for at in range(len(answer.body)):
        line.socket.sendall(answer.body[at : at + 1])
        if line.pause(fault.delay_s):
            return False
    return True


def _half(body: bytes) -> bytes:
    return body[: len(body) // 2]


BROKEN: Mapping[str, Sender] = MappingProxyType(
    {
        "reset_after": _reset_after,
        "reset_during": _reset_during,
        "truncate": _truncate,
        "cut_json": _cut_json,
        "short_length": _short_length,
        "long_length": _long_length,
        "bad_gzip": _bad_gzip,
        "hang": _hang,
        "trickle": _trickle,
    }
)
"""Faults on the way back: each sends what it does send, and says whether the connection may be used again."""
