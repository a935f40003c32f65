"""HTTP vocabulary of the sandbox: a request, an answer, and a table of routes. No sockets here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar
from urllib.parse import parse_qs, unquote, urlsplit

from msgspec import Struct, field

S = TypeVar("S")
UNREADABLE = "\x00 no JSON"
"""The body (this very object) of a request whose text is no JSON."""


class Request(Struct, frozen=True, kw_only=True):
    """One request as the handlers see it: ``path`` still quoted, ``headers`` in lower case, ``args`` the parts of the path that the route names."""

    method: str
    path: str
    query: Mapping[str, list[str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    base: str = "http://127.0.0.1"
    args: Mapping[str, str] = field(default_factory=dict)

    def text(self, name: str, default: str = "") -> str:
        """The last value of a query parameter, or of the same key in a JSON body."""
        if name in self.query:
            return self.query[name][-1]
        value = self.body.get(name) if isinstance(self.body, dict) else None
        return default if value is None else str(value)

    def number(self, name: str, default: int) -> int:
        """A parameter as a number; ``ReplyError`` 400 if it is none."""
        text = self.text(name)
        try:
            return int(text) if text else default
        except ValueError as error:
            raise ReplyError(
                400, {"errorMessages": [f"{name} is not a number"], "message": "400 Bad request"}
            ) from error

    def flag(self, name: str, *, default: bool = False) -> bool:
        """A parameter as yes or no."""
        return self.text(name, str(default)).lower() in {"true", "1", "yes"}

    def words(self, name: str) -> list[str]:
        """A list parameter: repeated, comma-joined, ``name[]``, or a JSON list in the body."""
        given = self.query.get(name) or self.query.get(f"{name}[]")
        if given is None:
            value = self.body.get(name) if isinstance(self.body, dict) else None
            if isinstance(value, list):
                return [str(one) for one in value]
            given = [] if value is None else [str(value)]
        return [word.strip() for text in given for word in text.split(",") if word.strip()]


class Response(Struct, frozen=True, kw_only=True):
    """One answer; ``body`` is JSON unless it is bytes."""

    status: int = 200
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> bytes:
        """The body as it goes over the wire, keys that begin with ``_`` left out."""
        if isinstance(self.body, bytes):
            return self.body
        if self.status in {204, 304}:
            return b""
        return json.dumps(public(self.body), ensure_ascii=False, separators=(",", ":")).encode()


class ReplyError(Exception):
    """Ends a request with this status and body."""

    def __init__(self, status: int, body: object, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(status, body)
        self.response = Response(status=status, body=body, headers=headers or {})


def public(value: Any) -> Any:  # noqa: ANN401  # any JSON value
    """The value without keys that begin with ``_``."""
    if isinstance(value, dict):
        return {key: public(one) for key, one in value.items() if not key.startswith("_")}
    return [public(one) for one in value] if isinstance(value, list) else value


class Route(Struct, Generic[S], frozen=True):
    """One line of a routing table. In ``template`` a ``{name}`` stands for one quoted part of the path."""

    method: str
    template: str
    answer: Callable[[S, Request], Response]

    def pattern(self) -> re.Pattern[str]:
        """The expression that the whole path must match."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.template) + "/?")


class Router(Generic[S]):
    """Finds the route of a path; the first line that fits wins."""

    def __init__(self, routes: tuple[Route[S], ...]) -> None:
        self.routes = routes
        self._routes = [(route.pattern(), route) for route in routes]

    def find(self, method: str, path: str) -> tuple[Route[S], dict[str, str]] | None:
        """The route and its unquoted arguments; None if no path fits, ``ReplyError`` 405 if only the method is wrong."""
        fits = False
        for pattern, route in self._routes:
            if match := pattern.fullmatch(path):
                fits = True
                if route.method == method:
                    return route, {name: unquote(text) for name, text in match.groupdict().items()}
        if fits:
            raise ReplyError(
                405, {"message": "405 Method Not Allowed", "errorMessages": ["Method Not Allowed"]}
            )
        return None


def split_target(target: str) -> tuple[str, dict[str, list[str]]]:
    """The quoted path and the decoded query of a request line's target."""
    parts = urlsplit(target)
    return parts.path, parse_qs(parts.query, keep_blank_values=True)
