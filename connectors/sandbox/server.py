"""Server: both tools on loopback over HTTP/1.1 with keep-alive, one lock for both, faults on request."""

from __future__ import annotations

import json
import socket
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from connectors.sandbox.faults import GOOD, INSTEAD
from connectors.sandbox.front import Front, Stage
from connectors.sandbox.gitlab_routes import answer_gitlab
from connectors.sandbox.http import UNREADABLE, Request, split_target
from connectors.sandbox.jira_routes import answer_jira
from connectors.sandbox.jira_routes.index import reindex
from connectors.sandbox.state import Fault, Sandbox
from connectors.sandbox.wire import BROKEN, Answer, Line, reset, send


class SandboxServer:
    """A Jira and a GitLab on 127.0.0.1 over one state. A context manager; port 0 takes a free one.

    Every answer comes ``round_trip_s`` seconds later than it could, as over a long line.
    """

    def __init__(
        self, sandbox: Sandbox, *, jira_port: int = 0, gitlab_port: int = 0, round_trip_s: float = 0.0
    ) -> None:
        jira, gitlab = sandbox.jira, sandbox.gitlab
        self._stage = Stage(sandbox, round_trip_s=round_trip_s)
        self._servers = (
            _Tool(jira_port, Front(self._stage, jira, lambda request: answer_jira(jira, request))),
            _Tool(gitlab_port, Front(self._stage, gitlab, lambda request: answer_gitlab(gitlab, request))),
        )
        self._threads: list[threading.Thread] = []

    @property
    def jira_url(self) -> str:
        """Base address of the Jira, no slash at the end."""
        return self._servers[0].url

    @property
    def gitlab_url(self) -> str:
        """Base address of the GitLab, no slash at the end."""
        return self._servers[1].url

    def start(self) -> None:
        """Serve in two threads. The search index begins with all that is there."""
        reindex(self._stage.sandbox.jira)
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End both servers and the connections that are still open; afterwards nothing changes the state any more.

        Raises an ``ExceptionGroup`` of what events raised, and of what broke in the sandbox itself while it answered.
        """
        with self._stage.lock:
            self._stage.stopping.set()
        for server in self._servers:
            if self._threads:
                server.shutdown()
            server.server_close()
            server.close_connections()
        for thread in self._threads:
            thread.join()
        self._threads.clear()
        errors = [self._stage.errors.pop() for _ in range(len(self._stage.errors))]
        if errors:
            raise ExceptionGroup("the sandbox's events or answers failed", errors[::-1])

    def __enter__(self) -> SandboxServer:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


class _Tool(ThreadingHTTPServer):
    """One tool's listening socket."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, port: int, front: Front) -> None:
        self.front = front
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # the base class's signature
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # the base class's signature
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401, ARG002
        """A client that goes away is no news; whatever else happened is raised when the server stops."""
        error = sys.exception()
        if isinstance(error, Exception) and not isinstance(error, OSError):
            self.front.stage.errors.append(error)

    def close_connections(self) -> None:
        """Wake the threads that wait for a next request."""
        for one in list(self._open):
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue  # the other side was quicker


class _Connection(BaseHTTPRequestHandler):
    """One client's connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Tool

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests are kept in the sandbox, not printed."""

    def _serve(self) -> None:
        request = self._request()
        fault = self.server.front.fault_for(request, f"{self.command} {self.path}")
        line = Line(
            socket=self.connection, date=self.server.front.date, pause=self.server.front.stage.stopping.wait
        )
        if not self._served(line, request, fault):
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  # names that the base class looks up

    def _request(self) -> Request:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = UNREADABLE
        path, query = split_target(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        return Request(
            method=self.command, path=path, query=query, headers=headers, body=body, base=self.server.url
        )

    def _served(self, line: Line, request: Request, fault: Fault | None) -> bool:
        """Answer, or misbehave; true if the connection may be used again."""
        if self.server.front.stage.round_trip_s:
            line.pause(self.server.front.stage.round_trip_s)
        if fault and fault.kind == "reset_before":
            return reset(line)
        if fault and fault.kind in INSTEAD:
            return send(line, Answer.of(INSTEAD[fault.kind](fault)))
        if fault and fault.kind == "slow":
            line.pause(fault.delay_s)
        answer = self.server.front.answer_to(request, fault)
        if answer is None:
            return False
        if fault is None or fault.kind in GOOD:
            return send(line, answer)
        return BROKEN[fault.kind](line, answer, fault)
