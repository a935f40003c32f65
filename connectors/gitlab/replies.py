"""Replies: what an answer of the GraphQL endpoint is worth. Pure.

It tells failures with status 200: ``errors`` alone, or beside data that lacks what failed (docs.gitlab.com/api/graphql). Of such data only the nodes
that no error touches are believed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from msgspec import Struct

from connectors.gitlab.queries import id_of
from connectors.parsing import MALFORMED

_TOO_MUCH = re.compile(r"(?i)complexity|max depth|timeout|timed out|too large")
_NODES = ("project", "mergeRequests", "nodes")


class Told(Struct, frozen=True, kw_only=True):
    """The nodes that were told without an error, by the numeric id of the merge request."""

    nodes: Mapping[str, Any]


class TooMuch(Struct, frozen=True, kw_only=True):
    """The query was above a limit of the site: fewer merge requests at once may be below it."""

    reason: str


class Unusable(Struct, frozen=True, kw_only=True):
    """No such query is answered here, with the reason in words: a version or an edition without these fields, or no GraphQL at all."""

    reason: str


Reply: TypeAlias = Told | TooMuch | Unusable


def reply_of(payload: Mapping[str, Any]) -> Reply:
    """What a decoded answer to ``queries.document`` means. A project that is not found there has no nodes."""
    errors = payload.get("errors") or []
    reason = "; ".join(_messages(errors))[:200]
    if _TOO_MUCH.search(reason):
        return TooMuch(reason=reason)
    data = payload.get("data")
    if not isinstance(data, dict):
        return Unusable(reason=reason or "the answer holds neither data nor errors")
    places = tuple(_place(error) for error in errors)
    if None in places:
        return Told(nodes={})
    return Told(nodes=dict(_named(node for number, node in enumerate(_in(data)) if number not in places)))


def _messages(errors: Any) -> Iterator[str]:  # noqa: ANN401
    for error in errors if isinstance(errors, list) else [errors]:
        yield str(error.get("message") if isinstance(error, dict) else error)


def _place(error: Any) -> int | None:  # noqa: ANN401
    """The number of the node that an error touches; None where it touches more than one."""
    path = error.get("path") if isinstance(error, dict) else None
    if (
        not isinstance(path, list)
        or tuple(path[:3]) != _NODES
        or len(path) == 3
        or not isinstance(path[3], int)
    ):
        return None
    return path[3]


def _in(data: Any) -> list[Any]:  # noqa: ANN401
    for name in _NODES:
        data = data.get(name) if isinstance(data, dict) else None
    return data if isinstance(data, list) else []


def _named(nodes: Iterator[Any]) -> Iterator[tuple[str, Any]]:
    for node in nodes:
        try:
            yield id_of(node), node
        except MALFORMED:
            continue  # whichever it was, it is asked by REST like any that is lacking
