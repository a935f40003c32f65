"""A server on loopback that plays scripted answers over real sockets, and a clock that sleeping moves on."""

from __future__ import annotations

import os
import socket
import ssl
import struct
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests

from connectors.port import Policy
from connectors.transport.adapter import Clock, PolicyAdapter

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DATE = "Fri, 20 Nov 2026 12:00:00 GMT"


@dataclass(frozen=True)
class Asked:
    method: str
    target: str
    headers: Message
    body: bytes


class Script:
    """Plays ``answers`` in order, the last one again and again; ``asked`` holds the requests, ``seen`` their methods."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[Asked] = []

    @property
    def seen(self) -> list[str]:
        return [one.method for one in self.asked]

    @property
    def paths(self) -> list[str]:
        return [one.target for one in self.asked]

    @contextmanager
    def serving(self, context: ssl.SSLContext | None = None) -> Iterator[str]:
        script = self

        class Answering(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True  # head and body are two writes

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                script.asked.append(Asked(self.command, self.path, self.headers, body))
                play = script.answers.pop(0) if len(script.answers) > 1 else script.answers[0]
                play(self)

            do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = answer  # noqa: N815  # names that the base class looks for

            def log_message(self, *args: object) -> None:
                pass

        server = _Quiet(("127.0.0.1", 0), Answering)
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"{'https' if context else 'http'}://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
            server.server_close()


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *args: object) -> None:
        """A client that hangs up is what many of these tests are about."""


def answer(code: int = 200, body: bytes = b"{}", **headers: str):
    """An answer with its length; ``headers`` by name with underscores, None leaves one out."""
    fields = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Date": DATE}
    fields |= {name.replace("_", "-"): value for name, value in headers.items()}

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response_only(code)
        for name, value in fields.items():
            for one in (value,) if isinstance(value, str) else (value or ()):
                handler.send_header(name, one)
        handler.end_headers()
        handler.wfile.write(body)

    return play


def page(text: str = "<html>log in</html>", code: int = 200):
    return answer(code, text.encode(), Content_Type="text/html")


def cut(handler: BaseHTTPRequestHandler) -> None:
    """The request arrived; the connection ends without an answer."""
    handler.connection.shutdown(socket.SHUT_RDWR)
    handler.close_connection = True


def reset(handler: BaseHTTPRequestHandler) -> None:
    """The request arrived; the connection is reset, not ended."""
    handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    handler.close_connection = True
    os.close(handler.connection.detach())


def half(handler: BaseHTTPRequestHandler) -> None:
    """A Content-Length that promises more than comes."""
    answer(200, b'{"half":', Content_Length="100")(handler)
    cut(handler)


def half_chunk(handler: BaseHTTPRequestHandler) -> None:
    raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", '20\r\n{"half":')(handler)
    cut(handler)


def bad_chunk(handler: BaseHTTPRequestHandler) -> None:
    raw("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "", "zz\r\n{}\r\n")(handler)
    cut(handler)


def raw(*lines: str):
    """These lines as they are; the connection ends after them."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write("\r\n".join(lines).encode())
        handler.close_connection = True

    return play


def garbled(handler: BaseHTTPRequestHandler) -> None:
    """Bytes that no cipher made, where the answer of a secure connection should come."""
    os.write(handler.connection.fileno(), b"HTTP/1.1 200 OK\r\n\r\n" * 4)
    cut(handler)


def silent(handler: BaseHTTPRequestHandler) -> None:
    threading.Event().wait(0.4)
    cut(handler)


def trickle(*, head: str, each: str, gap_s: float = 0.02, times: int = 500):
    """A head at once, then ``each`` again and again for longer than anybody waits."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(head.encode())
        handler.close_connection = True
        for _ in range(times):
            handler.wfile.write(each.encode())
            if gap_s:
                threading.Event().wait(gap_s)

    return play


@dataclass
class Hands:
    """A clock that only sleeping moves; ``waits`` are the seconds slept."""

    waits: list[float] = field(default_factory=list)
    chance: float = 0.5

    @property
    def seconds(self) -> float:
        return 1_000.0 + sum(self.waits)

    def clock(self) -> Clock:
        return Clock(
            now=lambda: NOW + timedelta(seconds=sum(self.waits)),
            seconds=lambda: self.seconds,
            sleep=self.waits.append,
            chance=lambda: self.chance,
        )


@dataclass
class Caller:
    """A session with the policy on it, against one script."""

    base: str
    session: requests.Session
    adapter: PolicyAdapter
    hands: Hands

    @property
    def waits(self) -> list[float]:
        return self.hands.waits

    def __call__(self, method: str = "GET", path: str = "/x") -> requests.Response:
        return self.session.request(method, self.base + path, json={} if method != "GET" else None)


@contextmanager
def calling(script: Script, **given: Any) -> Iterator[Caller]:
    """A caller of a served script; ``given`` are fields of Policy, or ``families``, ``tape`` and ``source`` of the adapter."""
    own = {name: given.pop(name) for name in ("families", "tape", "source") if name in given}
    hands = Hands()
    policy = Policy(**({"attempts": 3, "read_timeout_s": 5.0} | given))
    adapter = PolicyAdapter(policy, clock=hands.clock(), **own)
    with script.serving() as base, closing(requests.Session()) as session:
        session.trust_env = False
        session.mount("http://", adapter)
        yield Caller(base, session, adapter, hands)


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
