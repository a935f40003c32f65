"""Jira's routes: what a pull, a look at comments and a write ask of Jira Cloud."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Any

from tests.bench.site import people
from tests.bench.site.http import MISSING, Answer, Asked, Route, json_answer, route
from tests.bench.site.jira_bodies import (
    POINTS_FIELD,
    SPRINT_FIELD,
    histories_text,
    issue_text,
    sprint_id,
    sprint_text,
    version_id,
    version_text,
    worklog_text,
)
from tests.bench.site.jira_world import FIRST_ISSUE, JiraWorld
from tests.bench.site.size import ms_of, project_key

_PROJECTS = re.compile(r"project\s*(?:=|in)\s*\(?([^)]*?)\)?\s*(?:AND|ORDER|$)", re.IGNORECASE)
_SINCE = re.compile(r'updated\s*>=\s*("[^"]+"|\d+)', re.IGNORECASE)
_BY_UPDATE = re.compile(r"ORDER BY updated", re.IGNORECASE)
_FEED = 1000


class JiraRoutes:
    """What answers for one world."""

    def __init__(self, world: JiraWorld) -> None:
        self._world = world

    def all(self) -> list[Route]:
        """The routes, those first that are asked most. Both versions of the API are one here."""
        api, agile = r"/rest/api/*", "/rest/agile/1.0"
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
                ("GET", f"{api}/project/*/versions", self._versions),
                ("GET", f"{api}/version/*", self._version),
                ("GET", f"{api}/project/*", self._project),
                ("GET", f"{api}/serverInfo", self._server),
                ("GET", f"{api}/myself", self._myself),
                ("GET", f"{api}/field", self._fields),
                ("GET", f"{agile}/board", self._boards),
                ("GET", f"{agile}/board/*/sprint", self._sprints),
                ("GET", f"{agile}/sprint/*", self._sprint),
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
        found = (index for name in asked.body["issueIdsOrKeys"] if (index := self._index(name)) is not None)
        rows = (
            f'{{"issueId":"{FIRST_ISSUE + index}","changeHistories":[{",".join(histories_text(self._world, index, is_epoch=True))}]}}'
            for index in found
        )
        return Answer(body=f'{{"issueChangeLogs":[{",".join(rows)}]}}'.encode())

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

    def _versions(self, _: Asked, __: str, key: str) -> Answer:
        project, size = self._project_number(key), self._world.size
        if project is None:
            return MISSING
        rows = (version_text(self._world, project, number) for number in range(size.versions_each))
        return Answer(body=f"[{','.join(rows)}]".encode())

    def _version(self, _: Asked, __: str, id_: str) -> Answer:
        project, number = divmod(int(id_) - int(version_id(0, 0)), 1000)
        is_there = project < self._world.size.jira_projects and number < self._world.size.versions_each
        return Answer(body=version_text(self._world, project, number).encode()) if is_there else MISSING

    def _project_number(self, key: str) -> int | None:
        return next(
            (p for p in range(self._world.size.jira_projects) if key in {project_key(p), str(10000 + p)}),
            None,
        )

    def _project(self, _: Asked, __: str, key: str) -> Answer:
        project = self._project_number(key)
        if project is None:
            return MISSING
        return json_answer(
            {
                "id": str(10000 + project),
                "key": project_key(project),
                "name": f"Product {project_key(project)}",
                "archived": False,
            }
        )

    def _server(self, _: Asked, __: str) -> Answer:
        return json_answer(
            {
                "baseUrl": people.JIRA,
                "version": "1001.0.0-SNAPSHOT",
                "versionNumbers": [1001, 0, 0],
                "deploymentType": "Cloud",
                "buildNumber": 100300,
            }
        )

    def _myself(self, _: Asked, __: str) -> Answer:
        return json_answer(people.jira_user(0) | {"timeZone": "UTC"})

    def _fields(self, _: Asked, __: str) -> Answer:
        custom = (
            (SPRINT_FIELD, "Sprint", "com.pyxis.greenhopper.jira:gh-sprint"),
            (POINTS_FIELD, "Story Points", "com.atlassian.jira.plugin.system.customfieldtypes:float"),
        )
        return json_answer(
            [
                {"id": id_, "key": id_, "name": name, "custom": True, "schema": {"custom": kind}}
                for id_, name, kind in custom
            ]
            + [
                {"id": id_, "key": id_, "name": id_.title(), "custom": False, "schema": {"system": id_}}
                for id_ in ("summary", "status", "duedate")
            ]
        )

    def _boards(self, asked: Asked) -> Answer:
        project = self._project_number(asked.query.get("projectKeyOrId", ""))
        boards = (
            []
            if project is None
            else [{"id": project + 1, "name": f"Board {project_key(project)}", "type": "scrum"}]
        )
        return json_answer(
            {"maxResults": 50, "startAt": 0, "total": len(boards), "isLast": True, "values": boards}
        )

    def _sprints(self, asked: Asked, board: str) -> Answer:
        start, size, states = (
            asked.number("startAt", 0),
            asked.number("maxResults", 50),
            asked.query.get("state", "").split(","),
        )
        rows = (
            sprint_text(self._world, int(board) - 1, number)
            for number in range(self._world.size.sprints_each)
        )
        fit = [row for row in rows if any(f'"state":"{state}"' in row for state in states)]
        page = ",".join(fit[start : start + size])
        is_last = str(start + size >= len(fit)).lower()
        return Answer(
            body=f'{{"maxResults":{size},"startAt":{start},"total":{len(fit)},"isLast":{is_last},"values":[{page}]}}'.encode()
        )

    def _sprint(self, _: Asked, id_: str) -> Answer:
        project, number = divmod(int(id_) - sprint_id(0, 0), 1000)
        is_there = project < self._world.size.jira_projects and number < self._world.size.sprints_each
        return Answer(body=sprint_text(self._world, project, number).encode()) if is_there else MISSING


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
