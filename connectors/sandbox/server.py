"""Server: both tools on loopback over HTTP/1.1 with keep-alive, one lock per tool, faults on request."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any

from connectors.sandbox.faults import CUT, cut_body, taken
from connectors.sandbox.gitlab_routes import answer_gitlab
from connectors.sandbox.http import ReplyError, Request, Response, split_target
from connectors.sandbox.jira_routes import answer_jira
from connectors.sandbox.state import Fault, Sandbox


class SandboxServer:
    """A Jira and a GitLab on 127.0.0.1 over one state. A context manager; port 0 takes a free one."""

    def __init__(self, sandbox: Sandbox, *, jira_port: int = 0, gitlab_port: int = 0) -> None:
        self._servers = (
            _Tool(jira_port, sandbox, lambda request: answer_jira(sandbox.jira, request), sandbox.jira.clock),
            _Tool(
                gitlab_port,
                sandbox,
                lambda request: answer_gitlab(sandbox.gitlab, request),
                sandbox.gitlab.clock,
            ),
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
        """Serve in two threads."""
        for server in self._servers:
            thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self) -> None:
        """End both servers and the connections that are still open."""
        for server in self._servers:
            if self._threads:
                server.shutdown()
            server.server_close()
            server.close_connections()
        for thread in self._threads:
            thread.join()
        self._threads.clear()

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

    def __init__(
        self,
        port: int,
        sandbox: Sandbox,
        answer: Callable[[Request], Response],
        clock: Callable[[], datetime],
    ) -> None:
        self.sandbox = sandbox
        self.answer = answer
        self.clock = clock
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        super().__init__(("127.0.0.1", port), _Connection)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  # the base class's signature
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  # the base class's signature
        self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
        """A client that goes away is no news."""

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
    wbufsize = -1
    server: _Tool

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class's signature
        """Requests are kept in the sandbox, not printed."""

    def _serve(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        raw = self.rfile.read(length) if length else b""
        sandbox = self.server.sandbox
        with self.server.lock:
            sandbox.requests.append(f"{self.command} {self.path}")
            fault = taken(sandbox.faults, f"{self.command} {split_target(self.path)[0]}")
        if fault and fault.kind == "reset_before":
            self._reset()
        elif fault and fault.kind in {"status", "html"}:
            self._send(CUT[fault.kind](fault))
        else:
            self._carry_out(raw, fault)

    do_GET = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815  # names that the base class looks up

    def _carry_out(self, raw: bytes, fault: Fault | None) -> None:
        if fault and fault.kind == "hang":
            time.sleep(fault.delay_s)
        with self.server.lock:
            response = self._answered(raw)
            body = response.encoded()
        if fault and fault.kind == "reset_after":
            self._reset()
        else:
            self._send(response, body=body, is_cut=fault is not None and fault.kind == "truncate")

    def _answered(self, raw: bytes) -> Response:
        path, query = split_target(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            body = json.loads(raw) if raw else None
            request = Request(
                method=self.command, path=path, query=query, headers=headers, body=body, base=self.server.url
            )
            return self.server.answer(request)
        except ReplyError as error:
            return error.response
        except json.JSONDecodeError:
            return Response(status=400, body={"errorMessages": ["no JSON"], "message": "400 Bad request"})

    def _send(self, response: Response, *, body: bytes | None = None, is_cut: bool = False) -> None:
        body = response.encoded() if body is None else body
        self.send_response_only(response.status)
        self.send_header("Date", format_datetime(self.server.clock().astimezone(UTC), usegmt=True))
        for name, value in response.headers.items():
            self.send_header(name, value)
        if "Content-Type" not in response.headers:
            self.send_header("Content-Type", "application/json;charset=UTF-8")
        if response.status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(cut_body(body) if is_cut else body)
        self.wfile.flush()
        self.close_connection = self.close_connection or is_cut

    def _reset(self) -> None:
        """Cut the connection so that the client sees a reset, not an end."""
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.connection.close()
        self.close_connection = True
