"""Tool: a Jira made of values that implements the production port. It can change, fail and lose issues at any moment of a run."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.port import Order, Page, Request, Settled
from connectors.records import Issue
from tests.engine_fakes import an_issue

PROJECTS = ("OPS", "PAY")
PAGE = 2
OVERLAP = timedelta(minutes=1)
"""As in Jira: times are cut to the minute, so a window begins a minute early."""


@dataclass
class Tool:
    """Issues by id, and the time. ``moment`` is called with a name before each answer: what it raises is the answer, what it changes is seen."""

    now: datetime
    issues: dict[str, Issue] = field(default_factory=dict)
    moment: Callable[[str], None] = lambda _: None

    def put(self, project: str, number: int, **given: object) -> None:
        """Create or change an issue."""
        id_ = f"{PROJECTS.index(project) + 1}{number:02}"
        former = self.issues.get(id_) or an_issue(
            id_,
            key=f"{project}-{number}",
            project_key=project,
            created_at=self.now,
            url=f"https://jira.example/{id_}",
        )
        self.issues[id_] = replace(former, updated_at=self.now, **given)

    def lose(self, project: str, number: int) -> Issue | None:
        """Delete an issue; what it was."""
        return self.issues.pop(f"{PROJECTS.index(project) + 1}{number:02}", None)

    def in_project(self, project: str) -> dict[str, Issue]:
        """The issues of one project, by id."""
        return {id_: one for id_, one in self.issues.items() if one.project_key == project}


@dataclass
class IssuesOfTool:
    """The stream of issues: keyset pages by (updated, id), so that a change during the walk moves an issue to its end and hides nothing."""

    tool: Tool
    name: str = "issues"
    order: Order = field(default_factory=Order)

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        self.tool.moment("list")
        return PROJECTS

    def pages(self, request: Request) -> Iterator[Page]:
        cursor = request.cursor.begun(request.now)
        since = (
            None if request.is_full or cursor.read_to is None else cursor.read_to - OVERLAP - request.reach
        )
        place = ("", "")
        while True:
            self.tool.moment(request.scope.partition)
            rows = self._after(request.scope.partition, since, place)
            if not rows:
                yield Page(records=(), cursor=cursor.finished())
                return
            place = _place(rows[-1])
            yield Page(records=tuple(rows), cursor=cursor)

    def _after(self, project: str, since: datetime | None, place: tuple[str, str]) -> list[Issue]:
        found = [
            one
            for one in self.tool.in_project(project).values()
            if _place(one) > place and (since is None or one.updated_at >= since)
        ]
        return sorted(found, key=_place)[:PAGE]


def _place(issue: Issue) -> tuple[str, str]:
    return (issue.updated_at.isoformat(), issue.id)


@dataclass
class CensusOfTool:
    """The ids that are there; a direct read confirms what is gone."""

    tool: Tool
    kind: str = "issue"
    stream: str = "issues"

    def partitions(self) -> Iterable[str]:
        return PROJECTS

    def ids(self, partition: str) -> frozenset[str]:
        self.tool.moment(f"census of {partition}")
        return frozenset(self.tool.in_project(partition))

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        self.tool.moment(f"census of {partition}")
        return Settled(gone=missing - self.tool.issues.keys())


def first_cursor(now: datetime) -> Cursor:
    """The cursor of a walk that began and ended at ``now``."""
    return Cursor().begun(now).finished()
