"""Jira's records by number: issues with their histories and worklogs. Held are only what was changed since, and what was written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import merge
from itertools import chain

from tests.bench.site.size import DAY_MS, Series, Size, aligned, project_key

FIRST_ISSUE, FIRST_HISTORY, FIRST_WORKLOG, FIRST_LATE_WORKLOG = (
    100_000,
    1_000_000_000,
    50_000_000,
    4_000_000_000,
)
_DONE, _BEGUN = 0.95, 0.98
"""What was made before this share of the time is done, and begun."""
_MANY_WORKLOGS = 25
"""More than an issue shows of itself, on every fiftieth."""
_PER_ISSUE = 32
"""Numbers of histories and of worklogs that one issue takes up."""
LATE, MOVE = 16, _PER_ISSUE - 1
"""The numbers of the first history of an issue that came by a change, and of the one that a move left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worklog:
    """Time logged on the issue ``index``; instants in epoch ms."""

    id: int
    index: int
    at_ms: int
    spent_s: int


@dataclass(slots=True, kw_only=True)
class JiraWorld:
    """The site. An issue is told by its ``index``; project ``p`` holds every index that is ``p`` modulo their number, but for those that were moved."""

    size: Size
    series: Series
    revisions: dict[int, list[int]] = field(default_factory=dict)
    """By index, the instants of its changes."""
    moved: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """By index, the project and number that it has now, and since when."""
    deleted: dict[int, int] = field(default_factory=dict)
    """By index, when."""
    late_worklogs: list[Worklog] = field(default_factory=list)

    @classmethod
    def of(cls, size: Size, now_ms: int) -> JiraWorld:
        """The site as it stands before anything was changed."""
        return cls(size=size, series=Series.until(now_ms, size.issues, lag_ms=2 * DAY_MS))

    def project_of(self, index: int) -> int:
        """The project that holds the issue now."""
        return self.moved[index][0] if index in self.moved else index % self.size.jira_projects

    def key(self, index: int) -> str:
        """The issue's key now."""
        if index in self.moved:
            project, number, _ = self.moved[index]
            return f"{project_key(project)}-{number}"
        return self.first_key(index)

    def first_key(self, index: int) -> str:
        """The issue's key before any move."""
        return f"{project_key(index % self.size.jira_projects)}-{index // self.size.jira_projects + 1}"

    def stage(self, index: int) -> int:
        """0 to do, 1 in progress, 2 done."""
        age = index / self.series.base
        return 2 if age < _DONE else 1 if age < _BEGUN else 0

    def version_of(self, index: int) -> int | None:
        """The number of the version that the issue is planned for, the newest issues for the last one; None where it is older than all."""
        if index in self.moved:
            return None
        from_end = (self.series.base - 1 - index) // self.size.jira_projects // self.size.issues_each_version
        return self.size.versions_each - 1 - from_end if from_end < self.size.versions_each else None

    def by_id(self, projects: frozenset[int], *, after: int = -1) -> Iterator[int]:
        """Indices behind ``after``, in the order of ids."""
        count, base = self.size.jira_projects, self.series.base
        ranges = (range(aligned(after + 1, count, project), base, count) for project in sorted(projects))
        arrived = sorted(
            index for index, (project, _, _) in self.moved.items() if project in projects and index > after
        )
        rows: Iterator[int] = (
            merge(*ranges, arrived) if len(projects) < count else iter(range(after + 1, base))
        )
        yield from _each_once(
            index for index in rows if index not in self.deleted and self.project_of(index) in projects
        )

    def since(self, projects: frozenset[int], since_ms: int) -> Iterator[int]:
        """Indices of the issues updated at or after the instant, by it."""
        old, new = self.series.since(since_ms)
        rows = chain((index for index in old if index not in self.series.touched), new)
        return (index for index in rows if index not in self.deleted and self.project_of(index) in projects)

    def count(self, projects: frozenset[int], since_ms: int | None) -> int:
        """How many issues there are, or were updated at or after the instant."""
        if since_ms is not None:
            return sum(1 for _ in self.since(projects, since_ms))
        first = sum(len(range(project, self.series.base, self.size.jira_projects)) for project in projects)
        left = sum(1 for index in {*self.moved, *self.deleted} if index % self.size.jira_projects in projects)
        here = sum(
            1 for index in self.moved.keys() - self.deleted.keys() if self.project_of(index) in projects
        )
        return first - left + here

    def worklogs_of(self, index: int) -> list[Worklog]:
        """All worklogs of an issue, oldest first."""
        count = _MANY_WORKLOGS if index % 50 == 0 else 1 + index % 3
        first, created = FIRST_WORKLOG + index * _PER_ISSUE, self.series.created(index)
        own = [
            Worklog(id=first + n, index=index, at_ms=created + n, spent_s=1800 * (1 + (index + n) % 8))
            for n in range(count)
        ]
        return (
            own + [late for late in self.late_worklogs if late.index == index]
            if index in self.revisions
            else own
        )

    def worklog(self, id_: int) -> Worklog | None:
        """The worklog of that id, of an issue that is still there."""
        if id_ >= FIRST_LATE_WORKLOG:
            number = id_ - FIRST_LATE_WORKLOG
            found = self.late_worklogs[number] if number < len(self.late_worklogs) else None
        else:
            index, number = divmod(id_ - FIRST_WORKLOG, _PER_ISSUE)
            rows = self.worklogs_of(index) if 0 <= index < self.series.base else []
            found = rows[number] if number < len(rows) else None
        return found if found and found.index not in self.deleted else None

    def worklogs_since(self, since_ms: int) -> Iterator[Worklog]:
        """Worklogs changed at or after the instant, oldest first."""
        first = max(0, self.series.first_created(since_ms - _MANY_WORKLOGS))
        for index in range(first, self.series.base):
            if index not in self.deleted:
                yield from (
                    one
                    for one in self.worklogs_of(index)
                    if one.id < FIRST_LATE_WORKLOG and one.at_ms >= since_ms
                )
        yield from (
            late for late in self.late_worklogs if late.at_ms >= since_ms and late.index not in self.deleted
        )

    def worklogs_deleted(self, since_ms: int) -> Iterator[tuple[int, int]]:
        """(id, epoch ms) of worklogs that went with their issues."""
        for index, at_ms in self.deleted.items():
            if at_ms >= since_ms:
                yield from ((one.id, at_ms) for one in self.worklogs_of(index))

    def histories(self, index: int) -> int:
        """How many histories an issue had before any change."""
        return (2, 3, 5)[self.stage(index)]

    def histories_of(self, index: int) -> list[tuple[int, int]]:
        """(id, epoch ms) of an issue's histories, oldest first."""
        made = self.series.created(index)
        first = [(history_id(index, n), made + (n + 1) * DAY_MS // 3) for n in range(self.histories(index))]
        late = [(late_history(index, n), at_ms) for n, at_ms in enumerate(self.revisions.get(index, ()))]
        moves = [(move_history(index), self.moved[index][2])] if index in self.moved else []
        return first + late + moves

    def touch(self, index: int, at_ms: int) -> None:
        """Change the issue's due date and log half an hour on it. Raises ValueError where it has no number for one more history."""
        revisions = self.revisions.setdefault(index, [])
        if len(revisions) == MOVE - LATE:
            raise ValueError(f"{self.key(index)} was changed {len(revisions)} times, and cannot be once more")
        self.series.touched[index] = at_ms
        revisions.append(at_ms)
        self.late_worklogs.append(
            Worklog(id=FIRST_LATE_WORKLOG + len(self.late_worklogs), index=index, at_ms=at_ms, spent_s=1800)
        )

    def move(self, index: int, at_ms: int) -> None:
        """Move the issue to the next project, under that one's next number."""
        project = (self.project_of(index) + 1) % self.size.jira_projects
        number = self.size.issues // self.size.jira_projects + 1 + len(self.moved)
        self.moved[index] = (project, number, at_ms)
        self.series.touched[index] = at_ms

    def delete(self, index: int, at_ms: int) -> None:
        """Delete the issue."""
        self.deleted[index] = at_ms


def late_history(index: int, revision: int) -> int:
    """The id of the history that the change of that number left."""
    return FIRST_HISTORY + index * _PER_ISSUE + LATE + revision


def history_id(index: int, number: int) -> int:
    """The id of one of the first histories."""
    return FIRST_HISTORY + index * _PER_ISSUE + number


def move_history(index: int) -> int:
    """The id of the history that a move left."""
    return FIRST_HISTORY + index * _PER_ISSUE + MOVE


def number_of_history(id_: int) -> int:
    """The number of a history among those of its issue: from 0 on, those that came by changes from ``LATE`` on, ``MOVE``."""
    return (id_ - FIRST_HISTORY) % _PER_ISSUE


def _each_once(rows: Iterator[int]) -> Iterator[int]:
    before = -1
    for row in rows:
        if row != before:
            yield row
        before = row
