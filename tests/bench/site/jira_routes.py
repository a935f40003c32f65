"""Jira's routes: what a pull, a look at comments and a write ask of Jira Cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.bench.site.http import MISSING, Answer, Asked, Route, json_answer, route
from tests.bench.site.jira_bodies import issue_text
from tests.bench.site.jira_gathered import bulk_text, worklog_text
from tests.bench.site.jira_world import FIRST_ISSUE, JiraWorld
from tests.bench.site.size import ms_of, project_key

_PROJECTS = re.compile(r"project\s*(?:=|in)\s*\(?([^)]*?)\)?\s*(?:AND|ORDER|$)", re.IGNORECASE)
_SINCE = re.compile(r'updated\s*>=\s*("[^"]+"|\d+)', re.IGNORECASE)
_BY_UPDATE = re.compile(r"ORDER BY updated", re.IGNORECASE)
_FEED = 1000
_IN_BULK = 1000
"""Issues of one bulk of changelogs."""
_HISTORIES, _MOST_HISTORIES = 1000, 10_000
"""Histories of one of its pages: where nothing is said, and at most."""


class JiraRoutes:
    """What answers for one world."""

    def __init__(self, world: JiraWorld) -> None:
        self._world = world

    def all(self) -> list[Route]:
        """The routes, those first that are asked most. Both versions of the API are one here."""
        api = "/rest/api/*"
        return [
            route(method, path, do)
            for method, path, do in (
                ("POST", f"{api}/search/jql", self._search),
                ("GET", f"{api}/search/jql", self._search),
                ("POST", f"{api}/changelog/bulkfetch", self._histories),
                ("POST", f"{api}/worklog/list", self._worklogs),
                ("GET", f"{api}/worklog/updated", self._updated),
                ("GET", f"{api}/worklog/deleted", self._deleted),
                ("GET", f"{api}/issue/*/worklog", self._worklogs_of),
                ("POST", f"{api}/issue/bulkfetch", self._issues),
                ("GET", f"{api}/issue/*", self._issue),
                ("POST", f"{api}/search/approximate-count", self._count),
            )
        ]

    def _asked_projects(self, jql: str) -> frozenset[int]:
        found = _PROJECTS.search(jql)
        keys = {key.strip().strip('"') for key in found[1].split(",")} if found else set()
        return frozenset(
            p for p in range(self._world.size.jira_projects) if not keys or project_key(p) in keys
        )

    def _search(self, asked: Asked, _: str) -> Answer:
        given: dict[str, Any] = asked.body or dict(asked.query)
        jql, fields = str(given.get("jql", "")), _words(given.get("fields"))
        most = 5000 if set(fields) <= {"id", "key"} else 100
        size = max(1, min(int(given.get("maxResults") or 50), most))
        rows = list(islice(self._rows(jql, str(given.get("nextPageToken") or "")), size + 1))
        page, is_last = rows[:size], len(rows) <= size
        shown = self._shown(page, fields, expand=_words(given.get("expand")))
        token = "" if is_last else f',"nextPageToken":"{self._token(jql, page[-1])}"'
        return Answer(
            body=f'{{"issues":[{",".join(shown)}],"isLast":{str(is_last).lower()}{token}}}'.encode()
        )

    def _rows(self, jql: str, token: str) -> Iterator[int]:
        projects, since = self._asked_projects(jql), _SINCE.search(jql)
        if since is None and not _BY_UPDATE.search(jql):
            return self._world.by_id(projects, after=int(token) if token else -1)
        at_ms, index = map(int, token.split("_")) if token else (_instant(since[1]) if since else 0, -1)
        rows = self._world.since(projects, at_ms)
        return (row for row in rows if not token or (self._world.series.updated(row), row) > (at_ms, index))

    def _token(self, jql: str, index: int) -> str:
        is_timed = _SINCE.search(jql) or _BY_UPDATE.search(jql)
        return f"{self._world.series.updated(index)}_{index}" if is_timed else str(index)

    def _shown(self, page: list[int], fields: list[str], *, expand: list[str]) -> Iterator[str]:
        if set(fields) <= {"id", "key"}:
            return (f'{{"id":"{FIRST_ISSUE + index}","key":"{self._world.key(index)}"}}' for index in page)
        has_worklogs = bool({"worklog", "*all"} & set(fields))
        return (
            issue_text(self._world, index, has_worklogs=has_worklogs, has_histories="changelog" in expand)
            for index in page
        )

    def _count(self, asked: Asked, _: str) -> Answer:
        jql = str(asked.body["jql"])
        since = _SINCE.search(jql)
        count = self._world.count(self._asked_projects(jql), _instant(since[1]) if since else None)
        return json_answer({"count": count})

    def _index(self, name: str) -> int | None:
        """The index of an issue by its id or its key of today."""
        if name.isdecimal():
            index = int(name) - FIRST_ISSUE
        else:
            key, _, number = name.rpartition("-")
            moved = (i for i in self._world.moved if self._world.key(i) == name)
            places = (p for p in range(self._world.size.jira_projects) if project_key(p) == key)
            index = next(
                moved, next(((int(number) - 1) * self._world.size.jira_projects + p for p in places), -1)
            )
        is_there = 0 <= index < self._world.series.base and index not in self._world.deleted
        return index if is_there else None

    def _issue(self, asked: Asked, _: str, name: str) -> Answer:
        index = self._index(name)
        if index is None:
            return MISSING
        has_histories = "changelog" in asked.query.get("expand", "")
        return Answer(
            body=issue_text(self._world, index, has_worklogs=True, has_histories=has_histories).encode()
        )

    def _issues(self, asked: Asked, _: str) -> Answer:
        found = [index for name in asked.body["issueIdsOrKeys"] if (index := self._index(name)) is not None]
        rows = ",".join(issue_text(self._world, index) for index in found)
        return Answer(body=f'{{"issues":[{rows}],"issueErrors":[]}}'.encode())

    def _histories(self, asked: Asked, _: str) -> Answer:
        """Histories of up to 1000 issues, the oldest of all first, page by page; one issue's may be spread over several."""
        given: dict[str, Any] = asked.body
        names = given["issueIdsOrKeys"]
        if not 0 < len(names) <= _IN_BULK:
            return json_answer({"errorMessages": ["Between 1 and 1000 issues are allowed."]}, status=400)
        found = {index for name in names if (index := self._index(name)) is not None}
        rows = sorted(
            (at_ms, index, id_) for index in found for id_, at_ms in self._world.histories_of(index)
        )
        start, size = int(given.get("nextPageToken") or 0), int(given.get("maxResults") or _HISTORIES)
        end = start + max(1, min(size, _MOST_HISTORIES))
        token = f',"nextPageToken":"{end}"' if end < len(rows) else ""
        logs = ",".join(bulk_text(self._world, rows[start:end]))
        return Answer(body=f'{{"issueChangeLogs":[{logs}]{token}}}'.encode())

    def _worklogs_of(self, asked: Asked, _: str, name: str) -> Answer:
        index = self._index(name)
        if index is None:
            return MISSING
        rows = [worklog_text(one) for one in self._world.worklogs_of(index)]
        page = rows[asked.number("startAt", 0) :][: asked.number("maxResults", 5000)]
        head = f'"startAt":{asked.number("startAt", 0)},"maxResults":{asked.number("maxResults", 5000)},"total":{len(rows)}'
        return Answer(body=f'{{{head},"worklogs":[{",".join(page)}]}}'.encode())

    def _worklogs(self, asked: Asked, _: str) -> Answer:
        found = (self._world.worklog(int(id_)) for id_ in asked.body["ids"])
        return Answer(body=f"[{','.join(worklog_text(one) for one in found if one)}]".encode())

    def _updated(self, asked: Asked, _: str) -> Answer:
        rows = ((one.id, one.at_ms) for one in self._world.worklogs_since(asked.number("since", 0)))
        return _feed(asked, rows)

    def _deleted(self, asked: Asked, _: str) -> Answer:
        return _feed(asked, self._world.worklogs_deleted(asked.number("since", 0)))


def _words(value: object) -> list[str]:
    """A list, or a text with commas; only ids where nothing is named."""
    if isinstance(value, str):
        return value.split(",")
    return [str(one) for one in value] if isinstance(value, list) else []


def _instant(literal: str) -> int:
    """Epoch ms of a JQL literal."""
    return int(literal) if literal.isdecimal() else ms_of(literal.strip('"'))


def _feed(asked: Asked, rows: Iterator[tuple[int, int]]) -> Answer:
    since = asked.number("since", 0)
    found = list(islice(rows, _FEED + 1))
    values = [{"worklogId": id_, "updatedTime": at_ms, "properties": []} for id_, at_ms in found[:_FEED]]
    until = values[-1]["updatedTime"] if values else since
    return json_answer({"values": values, "since": since, "until": until, "lastPage": len(found) <= _FEED})
