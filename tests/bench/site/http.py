"""HTTP: a small server for one event loop: keep-alive, many connections, every answer a round trip late, bodies kept once they were made."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, TypeAlias
from urllib.parse import parse_qs, unquote, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request. ``path`` is still quoted, ``query`` holds the values of each name with commas between, ``sent`` the body as it came."""

    method: str
    target: str
    sent: bytes
    path: str
    query: Mapping[str, str]
    host: str

    @classmethod
    def of(cls, method: str, target: str, sent: bytes, *, host: str) -> Asked:
        """The request with its target taken apart."""
        parts = urlsplit(target)
        query = {
            name: ",".join(values) for name, values in parse_qs(parts.query, keep_blank_values=True).items()
        }
        return cls(method=method, target=target, sent=sent, path=parts.path, query=query, host=host)

    @property
    def body(self) -> Any:
        """The JSON that came; an empty object where none did."""
        return json.loads(self.sent) if self.sent else {}

    def number(self, name: str, default: int) -> int:
        """A whole number of the query."""
        return int(self.query.get(name) or default)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, body and headers beside the usual ones. One that is not ``is_kept`` is made anew each time."""

    body: bytes
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    is_kept: bool = True


Route: TypeAlias = tuple[str, re.Pattern[str], Callable[..., Answer]]
"""Method, pattern of the path, and what answers the request given the pattern's groups."""
MISSING = Answer(body=b'{"message":"404 Not found","errorMessages":["not found"]}', status=404, is_kept=False)


def route(method: str, path: str, do: Callable[..., Answer]) -> Route:
    """A route; each ``*`` stands for one part of the path, which is given unquoted."""
    return method, re.compile(re.escape(path).replace(r"\*", "([^/]+)") + "$"), do


def json_answer(payload: object, *, status: int = 200, is_kept: bool = True) -> Answer:
    """An answer of a small payload."""
    return Answer(body=json.dumps(payload, separators=(",", ":")).encode(), status=status, is_kept=is_kept)


class Bodies:
    """Answers by request, the oldest dropped where they take more than ``most`` bytes together."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._answers: OrderedDict[tuple[str, bytes], Answer] = OrderedDict()

    def get(self, asked: Asked) -> Answer | None:
        """The answer that was kept."""
        key = (asked.target, asked.sent)
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def keep(self, asked: Asked, answer: Answer) -> None:
        """Keep an answer."""
        self._answers[asked.target, asked.sent] = answer
        self._held += len(answer.body)
        while self._held > self._most:
            self._held -= len(self._answers.popitem(last=False)[1].body)

    def clear(self) -> None:
        """Forget all."""
        self._answers.clear()
        self._held = 0


_VARYING = re.compile(r"[^/]*[0-9%][^/]*")


@dataclass(slots=True, kw_only=True)
class Site:
    """What is served, and what was asked: ``counts`` by route and ``sent_bytes`` since ``begun_at_s`` of this process's CPU time, and where ``recorded`` is a list, every request of the tools."""

    routes: list[Route]
    bodies: Bodies
    round_trip_s: float = 0.0
    counts: Counter[str] = field(default_factory=Counter)
    sent_bytes: int = 0
    begun_at_s: float = 0.0
    recorded: list[Asked] | None = None

    async def answer(self, asked: Asked) -> Answer:
        """The answer, a round trip late; the site's own routes below ``/_site`` answer at once and are not counted."""
        if asked.path.startswith("/_site/"):
            return self._made(asked)
        if self.round_trip_s:
            await asyncio.sleep(self.round_trip_s)
        answer = self.bodies.get(asked)
        if answer is None:
            answer = self._made(asked)
            if answer.is_kept:
                self.bodies.keep(asked, answer)
        self.counts[f"{asked.method} {shape_of(asked.path)}"] += 1
        self.sent_bytes += len(answer.body)
        if self.recorded is not None:
            self.recorded.append(asked)
        return answer

    def _made(self, asked: Asked) -> Answer:
        for method, pattern, do in self.routes:
            found = pattern.match(asked.path) if method == asked.method else None
            if found:
                return do(asked, *map(unquote, found.groups()))
        return MISSING


def shape_of(path: str) -> str:
    """The path with a star for each part that names one thing."""
    head, versioned, tail = path.partition("/api/v4")
    if versioned:
        return head + versioned + _VARYING.sub("*", tail)
    parts = re.sub(r"/project/[^/]+", "/project/*", path).split("/")
    return "/".join(parts[:4]) + "".join("/" + _VARYING.sub("*", part) for part in parts[4:])


async def serve(site: Site, *, port: int = 0) -> asyncio.Server:
    """The server, listening on loopback."""

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while asked := await _read(reader):
                _write(writer, await site.answer(asked))
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            return  # the other side went away, or the site ends
        finally:
            writer.close()

    return await asyncio.start_server(connected, "127.0.0.1", port, limit=1 << 20)


async def _read(reader: asyncio.StreamReader) -> Asked | None:
    try:
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    except asyncio.IncompleteReadError:
        return None
    first, _, rest = head.partition("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = dict(line.split(": ", 1) for line in rest.lower().split("\r\n") if line)
    sent = await reader.readexactly(int(headers.get("content-length", 0)))
    return Asked.of(method, target, sent, host=headers.get("host", ""))


def _write(writer: asyncio.StreamWriter, answer: Answer) -> None:
    lines = [
        f"HTTP/1.1 {answer.status} OK",
        f"Date: {_date(int(time.time()))}",
        "Content-Type: application/json",
        f"Content-Length: {len(answer.body)}",
        *(f"{name}: {value}" for name, value in answer.headers.items()),
    ]
    writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
    writer.write(answer.body)


def _date(at_s: int) -> str:
    return formatdate(at_s, usegmt=True)
