"""Size: how large the company is, and the instants at which its records were made."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

DAY_MS = 86_400_000
_AGE_MS, _REST_MS = 700 * DAY_MS, 3 * DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Numbers of records of the whole company, spread evenly over the projects; ``open_each`` are open merge requests, with a branch each, of one GitLab project.

    What is open or planned does not grow with the company's history, so ``scaled`` leaves it, the projects, versions and sprints as they are.
    """

    issues: int = 10_000
    commits: int = 50_000
    requests: int = 8_000
    pipelines: int = 25_000
    deployments: int = 1_000
    gitlab_issues: int = 200
    jira_projects: int = 5
    gitlab_projects: int = 10
    open_each: int = 30
    versions_each: int = 20
    issues_each_version: int = 50
    sprints_each: int = 40
    releases_each: int = 10

    def __post_init__(self) -> None:
        numbers = (self.commits, self.requests, self.pipelines, self.deployments, self.gitlab_issues)
        if self.issues % self.jira_projects or any(number % self.gitlab_projects for number in numbers):
            raise ValueError("the numbers of records must be multiples of the numbers of projects")
        merged, main = self.requests_each - self.open_each, self.main_each
        if merged < 1 or main < 1 + 2 * merged:
            raise ValueError("each merged merge request needs a commit and its merge on the default branch")

    @property
    def requests_each(self) -> int:
        """Merge requests of one GitLab project."""
        return self.requests // self.gitlab_projects

    @property
    def main_each(self) -> int:
        """Commits on the default branch of one GitLab project."""
        return self.commits // self.gitlab_projects - OPEN_COMMITS * self.open_each


OPEN_COMMITS = 3
"""Commits on the branch of an open merge request."""


def scaled(size: Size, *, by: float) -> Size:
    """The company with ``by`` times the history."""

    def whole(number: int, projects: int) -> int:
        return round(number * by / projects) * projects

    of_gitlab = {
        name: whole(getattr(size, name), size.gitlab_projects)
        for name in ("commits", "requests", "pipelines", "deployments")
    }
    return replace(size, issues=whole(size.issues, size.jira_projects), **of_gitlab)


@dataclass(slots=True, kw_only=True)
class Series:
    """Records in the order in which they were made, one each ``step_ms`` from ``begin_ms`` on, updated ``lag_ms`` later unless they were touched since.

    ``touched`` are instants (epoch ms) of the last change by index, ``added`` those at which later ones were made. Touched ones are newer than all that were not.
    """

    base: int
    begin_ms: int
    step_ms: int
    lag_ms: int
    touched: dict[int, int]
    added: list[int]

    @classmethod
    def until(cls, now_ms: int, count: int, *, lag_ms: int) -> Series:
        """``count`` records over the 700 days up to three days before ``now_ms``."""
        step_ms = max(1, (_AGE_MS - _REST_MS) // max(1, count))
        return cls(
            base=count, begin_ms=now_ms - _AGE_MS, step_ms=step_ms, lag_ms=lag_ms, touched={}, added=[]
        )

    @property
    def count(self) -> int:
        """How many there are now."""
        return self.base + len(self.added)

    def created(self, index: int) -> int:
        """When the record was made, epoch ms."""
        return self.begin_ms + index * self.step_ms if index < self.base else self.added[index - self.base]

    def updated(self, index: int) -> int:
        """When the record was changed last, epoch ms."""
        return self.touched.get(index) or self.created(index) + (self.lag_ms if index < self.base else 0)

    def first_created(self, since_ms: int) -> int:
        """The index of the first record made at or after the instant."""
        return self._first(since_ms, lag_ms=0)

    def since(self, since_ms: int, *, step: int = 1, offset: int = 0) -> tuple[range, list[int]]:
        """(indices of untouched and of touched ones that are in here too, those touched or added since) of the records updated at or after the instant.

        Only indices that are ``offset`` modulo ``step``; both parts in the order of their updates, the first one before the second. Touched ones in the first part stand there
        no longer: leave them out.
        """
        first = min(self._first(since_ms, lag_ms=self.lag_ms), self.base)
        old = range(aligned(first, step, offset), self.base, step)
        late = {**dict(zip(range(self.base, self.count), self.added, strict=True)), **self.touched}
        new = sorted((at, index) for index, at in late.items() if at >= since_ms and index % step == offset)
        return old, [index for _, index in new]

    def _first(self, since_ms: int, *, lag_ms: int) -> int:
        first = max(0, -(-(since_ms - lag_ms - self.begin_ms) // self.step_ms))
        if first < self.base:
            return first
        return next((self.base + n for n, at in enumerate(self.added) if at >= since_ms), self.count)


def aligned(index: int, step: int, offset: int) -> int:
    """The first number from ``index`` on that is ``offset`` modulo ``step``."""
    return index + (offset - index) % step


def project_key(project: int) -> str:
    """The key of a Jira project: two letters behind a P."""
    return f"P{chr(65 + project // 26 % 26)}{chr(65 + project % 26)}"


def at_text(ms: int, *, zone: str = "Z") -> str:
    """An instant as the tools write it: GitLab with Z, Jira with +0000."""
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")[:23] + zone


def ms_of(text: str) -> int:
    """Epoch ms of an instant as a query names it; one without a zone is UTC."""
    at = datetime.fromisoformat(text.replace(" ", "T") if "T" not in text else text)
    return round((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1000)
