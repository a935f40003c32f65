"""Listing: pages of GitLab's listings, and the order and bounds that they are asked for in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from typing import Any, TypeAlias
from urllib.parse import urlencode

from tests.bench.site.gitlab_world import GitlabWorld
from tests.bench.site.http import Answer, Asked, json_answer
from tests.bench.site.size import Series, aligned, ms_of

_COUNTED = 10_000
"""Above so many rows GitLab gives no totals."""
Rows: TypeAlias = tuple[int | None, Callable[[int, int], list[str]]]
"""How many rows there are (None: not told), and what gives those from one place up to another."""


def ordered(asked: Asked, series: Series, *, step: int, offset: int, order: str) -> tuple[int, Iterator[int]]:
    """(how many, the indices in the order asked for) of the records within the bounds asked for."""
    by = asked.query.get("order_by", order)
    is_down = asked.query.get("sort", "desc") == "desc"
    since = asked.query.get("updated_after")
    if by != "updated_at" and not since:
        first = (
            series.first_created(ms_of(asked.query["created_after"])) if "created_after" in asked.query else 0
        )
        rows = range(aligned(first, step, offset), series.count, step)
        return len(rows), iter(rows[::-1] if is_down else rows)
    old, new = series.since(ms_of(since) if since else 0, step=step, offset=offset)
    moved = sum(1 for index in series.touched if index in old)
    if by == "updated_at" and not is_down:
        return len(old) - moved + len(new), chain((i for i in old if i not in series.touched), new)
    found = sorted(
        {*old, *new}, key=(lambda i: (series.updated(i), i)) if by == "updated_at" else None, reverse=is_down
    )
    return len(found), iter(found)


def paged(asked: Asked, rows: Rows, *, is_counted: bool = True) -> Answer:
    """A page with the headers by which GitLab tells of the others."""
    count, part = rows
    at, size = max(1, asked.number("page", 1)), max(1, min(asked.number("per_page", 20), 100))
    last = max(1, -(-count // size))
    headers = {
        "X-Page": str(at),
        "X-Per-Page": str(size),
        "X-Next-Page": str(at + 1) if at < last else "",
        "X-Prev-Page": str(at - 1) if at > 1 else "",
    }
    if is_counted and count <= _COUNTED:
        headers |= {"X-Total": str(count), "X-Total-Pages": str(last)}
    places = {"next": at + 1 if at < last else 0, "first": 1}
    headers["Link"] = ", ".join(_link(asked, name, page=n, per_page=size) for name, n in places.items() if n)
    return Answer(body=f"[{','.join(part((at - 1) * size, at * size))}]".encode(), headers=headers)


def _link(asked: Asked, name: str, **changed: int) -> str:
    query = urlencode({**asked.query, **changed})
    return f'<http://{asked.host}{asked.path}?{query}>; rel="{name}"'


def in_memory(rows: list[Any]) -> Rows:
    return len(rows), lambda a, b: [json_answer(row).body.decode() for row in rows[a:b]]


def dumped(made: Callable[[GitlabWorld, int], dict[str, Any]]) -> Callable[[GitlabWorld, int], str]:
    return lambda world, index: json_answer(made(world, index)).body.decode()
