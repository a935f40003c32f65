"""Comments and issue properties of Jira: the only things that are written, and held."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from tests.bench.site import people
from tests.bench.site.http import MISSING, Answer, Asked, Route, json_answer, route
from tests.bench.site.size import at_text

Comment = dict[str, Any]


class CommentRoutes:
    """What answers for the comments and properties of one site; any issue id is taken."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self._now_ms = now_ms
        self._ids = count(1)
        self._comments: dict[str, dict[str, Comment]] = {}
        self._properties: dict[tuple[str, str], object] = {}

    def all(self) -> list[Route]:
        """The routes."""
        issue = "/rest/api/*/issue/*"
        return [
            route("GET", f"{issue}/comment", self._listed),
            route("POST", f"{issue}/comment", self._posted),
            route("GET", f"{issue}/comment/*", self._one),
            route("PUT", f"{issue}/comment/*", self._edited),
            route("DELETE", f"{issue}/comment/*", self._removed),
            route("POST", "/rest/api/*/comment/list", self._by_ids),
            route("GET", f"{issue}/properties/*", self._property),
            route("PUT", f"{issue}/properties/*", self._put),
            route("DELETE", f"{issue}/properties/*", self._dropped),
        ]

    def _listed(self, asked: Asked, _: str, issue: str) -> Answer:
        rows = list(self._comments.get(issue, {}).values())
        start, size = asked.number("startAt", 0), asked.number("maxResults", 100)
        return json_answer(
            {
                "startAt": start,
                "maxResults": size,
                "total": len(rows),
                "comments": rows[start : start + size],
            },
            is_kept=False,
        )

    def _posted(self, asked: Asked, _: str, issue: str) -> Answer:
        at, who = at_text(self._now_ms(), zone="+0000"), people.jira_user(0)
        id_ = str(next(self._ids))
        made = {"id": id_, "author": who, "updateAuthor": who, "created": at, "updated": at, **asked.body}
        self._comments.setdefault(issue, {})[id_] = made
        return json_answer(made, status=201, is_kept=False)

    def _one(self, _: Asked, __: str, issue: str, id_: str) -> Answer:
        found = self._comments.get(issue, {}).get(id_)
        return json_answer(found, is_kept=False) if found else MISSING

    def _edited(self, asked: Asked, _: str, issue: str, id_: str) -> Answer:
        found = self._comments.get(issue, {}).get(id_)
        if found is None:
            return MISSING
        found |= {**asked.body, "updated": at_text(self._now_ms(), zone="+0000")}
        return json_answer(found, is_kept=False)

    def _removed(self, _: Asked, __: str, issue: str, id_: str) -> Answer:
        found = self._comments.get(issue, {}).pop(id_, None)
        return Answer(body=b"", status=204, is_kept=False) if found else MISSING

    def _by_ids(self, asked: Asked, _: str) -> Answer:
        wanted = {str(id_) for id_ in asked.body["ids"]}
        rows = [one for comments in self._comments.values() for id_, one in comments.items() if id_ in wanted]
        return json_answer(
            {"startAt": 0, "maxResults": 1000, "total": len(rows), "isLast": True, "values": rows},
            is_kept=False,
        )

    def _property(self, _: Asked, __: str, issue: str, key: str) -> Answer:
        if (issue, key) not in self._properties:
            return MISSING
        return json_answer({"key": key, "value": self._properties[issue, key]}, is_kept=False)

    def _put(self, asked: Asked, _: str, issue: str, key: str) -> Answer:
        self._properties[issue, key] = asked.body
        return Answer(body=b"", status=201, is_kept=False)

    def _dropped(self, _: Asked, __: str, issue: str, key: str) -> Answer:
        return (
            MISSING
            if self._properties.pop((issue, key), None) is None
            else Answer(body=b"", status=204, is_kept=False)
        )
