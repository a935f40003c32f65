"""Jira's smaller routes: log-in, projects, versions, boards and sprints."""

from __future__ import annotations

from tests.bench.site import people
from tests.bench.site.http import MISSING, Answer, Asked, Route, json_answer, route
from tests.bench.site.jira_gathered import POINTS_FIELD, SPRINT_FIELD
from tests.bench.site.jira_small_bodies import sprint_id, sprint_text, version_id, version_text
from tests.bench.site.jira_world import JiraWorld
from tests.bench.site.size import project_key


class JiraSmallRoutes:
    """What answers for one world."""

    def __init__(self, world: JiraWorld) -> None:
        self._world = world

    def all(self) -> list[Route]:
        """The routes."""
        api, agile = "/rest/api/*", "/rest/agile/1.0"
        return [
            route(method, path, do)
            for method, path, do in (
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
