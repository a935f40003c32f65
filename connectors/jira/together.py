"""Together: what was updated in all mapped projects, asked by one search instead of one for each project.

A project that the search does not name was read with an empty result, which costs it no request of its own. That a project is hidden from the account is told by a
refusal of the whole search; where a site should answer with less instead, it is told by the project's own search, which is made again from time to time.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from itertools import islice
from typing import TypeAlias

from msgspec import Struct

from connectors.errors import ForbiddenError, NotFoundError, RetryableError
from connectors.jira.client import Payload, RefusedError
from connectors.jira.search import Rows
from connectors.parsing import MALFORMED

Histories: TypeAlias = Mapping[str, Iterable[Payload]]
"""Raw changelogs by issue id."""

_MARGIN = timedelta(minutes=5)
"""How much earlier than the first project's window the search begins: the cursors of one run's projects differ by seconds."""
_MOST_PAGES = 3
"""Where more has changed, each project is read by itself, page by page."""
_MOST_PROJECTS = 100
"""Projects named by one search: Data Center takes it as an address, whose length is bounded."""


class Gathered(Struct, frozen=True, kw_only=True):
    """Rows by project key, all that were updated from ``since`` on, as they stood when the search began at ``started_at`` by the tool's clock; and their histories by issue id."""

    started_at: datetime
    since: datetime
    rows: Mapping[str, Rows]
    histories: Histories


def by_project(rows: Iterable[Payload], projects: Iterable[str]) -> Mapping[str, Rows] | None:
    """The rows by the key of their project; None where a row is of none of ``projects``: one was renamed, or the row is malformed."""
    found: defaultdict[str, list[Payload]] = defaultdict(list)
    try:
        for row in rows:
            found[str(row["fields"]["project"]["key"])].append(row)
    except MALFORMED:
        return None
    return {key: tuple(its) for key, its in found.items()} if found.keys() <= set(projects) else None


def companions_of(project: str, projects: tuple[str, ...]) -> tuple[str, ...]:
    """The projects that are searched together with ``project``, itself among them."""
    start = projects.index(project) // _MOST_PROJECTS * _MOST_PROJECTS
    return projects[start : start + _MOST_PROJECTS]


class Together:
    """One search of a run over some projects, made by whoever asks first; for several threads at once.

    ``search`` gives the pages of the search over ``projects`` from an instant on, ``histories`` the changelogs of rows, ``start`` the tool's clock.
    """

    def __init__(
        self,
        projects: tuple[str, ...],
        *,
        search: Callable[[tuple[str, ...], datetime], Iterator[Rows]],
        histories: Callable[[Rows], Histories],
    ) -> None:
        self._projects = projects
        self._search = search
        self._histories = histories
        self._lock = threading.Lock()
        self._is_asked = False
        self._gathered: Gathered | None = None

    def gathered(self, *, since: datetime, start: Callable[[], datetime]) -> Gathered | None:
        """What was updated from ``since`` on, or earlier; None where it cannot be told by one search, so that each project has to be asked.

        Raises a TandemError that concerns the site rather than the search.
        """
        with self._lock:
            if not self._is_asked:
                self._gathered = self._asked(since - _MARGIN, start())
                self._is_asked = True
            found = self._gathered
        return found if found and found.since <= since else None

    def _asked(self, since: datetime, started_at: datetime) -> Gathered | None:
        try:
            pages = tuple(islice(self._search(self._projects, since), _MOST_PAGES + 1))
            rows = tuple(row for page in pages for row in page)
            parted = by_project(rows, self._projects)
            if parted is None or len(pages) > _MOST_PAGES:
                return None
            histories = self._histories(rows)
        except (RefusedError, ForbiddenError, NotFoundError, RetryableError):
            return None
        return Gathered(started_at=started_at, since=since, rows=parted, histories=histories)
