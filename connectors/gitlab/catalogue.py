"""Catalogue: which projects there are in this run, asked once and shared by all streams."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from datetime import datetime

from connectors.errors import (
    AuthenticationError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
    TandemError,
)
from connectors.gitlab.client import GitlabClient, path_of
from connectors.gitlab.listed import Listed, listed
from connectors.gitlab.listing import Listing, listing_of
from connectors.gitlab.login import Expiry
from connectors.gitlab.parse import Place
from connectors.gitlab.settings import GitlabSelection
from connectors.parsing import parsed
from connectors.records import Project


class Catalogue:
    """The projects of the selection by id, listed once per run; for several threads at once, but for ``begin``.

    ``changed`` collects the ids of projects in which this run saw a change, for streams that are asked only then; ``tips`` the tips of default branches as this
    run saw them, by project id (None: there is no such branch); ``signs`` when merge requests of a project were updated last, as far as this run saw them.
    ``expiry`` is what is known of the token's last day, None before it is. ``is_followed`` is True where merge requests were read by an earlier run, so that this one asks for what is new only.
    """

    def __init__(self, client: GitlabClient, selection: GitlabSelection) -> None:
        self.client = client
        self.selection = selection
        self.changed: set[str] = set()
        self.tips: dict[str, str | None] = {}
        self.signs: dict[str, datetime] = {}
        self.is_followed = False
        self.expiry: Expiry | None = None
        self._listing: Listing | None = None
        self._failure: TandemError | None = None
        self._strays: dict[str, Listed | TandemError | None] = {}
        self._place: Place | None = None
        self._lock = threading.Lock()  # over the strays, and the place that they are part of

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        """Watch these (project path or id, prefix) beside the rest of the selection."""
        self.selection = self.selection.model_copy(update={"paths": paths})

    @property
    def source(self) -> str:
        """The configured name of the site."""
        return self.client.source

    @property
    def place(self) -> Place:
        """Where rows come from, with the paths of all projects known by now."""
        with self._lock:
            if self._place is None:
                self._place = self._placed()
            return self._place

    def _placed(self) -> Place:
        found = {**(self._listing.projects if self._listing else {}), **self._strays}
        return Place(
            source=self.source,
            browse_url=(self.client.site.browse_url or self.client.site.url).rstrip("/"),
            paths={id_: known.record.path for id_, known in found.items() if isinstance(known, Listed)},
        )

    def begin(self) -> None:
        """Begin a run: forget the last one and list the selection. Raises AuthenticationError; any other failure is kept for who asks next."""
        self._listing = self._failure = None
        self._strays, self.changed, self.tips, self._place = {}, set(), {}, None
        self.signs, self.is_followed, self.expiry = {}, False, None
        try:
            listing = listing_of(self.client, self.selection, self.place)
            with self._lock:
                self._listing, self._place = listing, None
        except AuthenticationError as error:
            raise AuthenticationError(f"GitLab {self.source}: {error}") from error
        except TandemError as error:
            self._failure = error

    @property
    def is_listed(self) -> bool:
        """True if the selection was listed, whatever of it was refused."""
        return self._listing is not None

    def now(self, ours: datetime) -> datetime:
        """The tool's own clock, never later than ``ours``."""
        server_at = self.client.server_at
        return min(server_at, ours) if server_at else ours

    def note_sign(self, project_id: str, at: datetime) -> None:
        """Something happened in the project."""
        with self._lock:
            self.signs[project_id] = max(at, self.signs.get(project_id, at))

    def listed(self) -> Listing:
        """What the selection held at the begin of the run. A group or project that is missing or closed is noted; raises what else failed."""
        if self._listing is None and self._failure is None:
            self.begin()
        if self._listing is None:
            raise self._failure or RetryableError("the projects were not listed")
        return self._listing

    def project_partitions(self, known: frozenset[str]) -> tuple[str, ...]:
        """Ids of the listed projects, then of ``known`` those that left the list, then configured ones that could not be resolved."""
        listing = self.listed()
        strays = sorted(id_ for id_ in known - listing.projects.keys() if id_.isdecimal())
        self.note_strays(strays)
        return (*listing.projects, *strays, *self._unresolved(listing))

    def note_strays(self, ids: Iterable[str]) -> None:
        """From now on these projects are read although they left the list."""
        with self._lock:
            for id_ in ids:
                self._strays.setdefault(id_, None)

    def _strays_now(self) -> dict[str, Listed | TandemError | None]:
        with self._lock:
            return dict(self._strays)

    def group_partitions(self) -> tuple[str, ...]:
        """The configured groups by path (a number, which could be a project's too, is resolved)."""
        listing = self.listed()
        return tuple(dict.fromkeys(listing.group_paths.get(str(g), str(g)) for g in self.selection.groups))

    def work_partitions(self) -> tuple[str, ...]:
        """Groups, and the projects that no group's listing covers: single ones and those that left the list."""
        listing = self.listed()
        alone = (id_ for id_ in listing.projects if id_ not in listing.in_groups)
        return (*self.group_partitions(), *alone, *self._strays_now(), *self._unresolved(listing))

    def known_projects(self) -> tuple[str, ...]:
        """Ids of all projects, those included that left the list, and the names of configured ones that could not be read."""
        listing = self.listed()
        return (*listing.projects, *self._strays_now(), *listing.refused)

    def is_group(self, partition: str) -> bool:
        """True if the partition is one of the configured groups."""
        return partition in self.group_partitions()

    def group_path_of(self, group_id: str) -> str | None:
        """The full path of a group that is configured or holds a listed project; None where it is unknown."""
        return self.listed().group_paths.get(group_id)

    def require(self, partition: str) -> Listed:
        """The project of a partition. Raises NotFoundError or ForbiddenError, asked once per run, where it cannot be read."""
        listing = self.listed()
        if partition in listing.refused:
            raise listing.refused[partition]
        found = listing.projects.get(partition) or self._strays_now().get(partition)
        if found is None:
            found = self._asked(partition)
            with self._lock:
                self._strays[partition], self._place = found, None
        if isinstance(found, TandemError):
            raise found
        return found

    def forget(self, id_: str) -> None:
        """Leave out a project that left the list and is gone for certain."""
        with self._lock:
            self._strays.pop(id_, None)
            self._place = None

    def home_of(self, project_id: str) -> str:
        """The partition that the project's merge requests and issues are read in: its group, or the project itself."""
        listing = self.listed()
        if project_id not in listing.in_groups or project_id not in listing.projects:
            return project_id
        path = listing.projects[project_id].record.path.casefold()
        return next((g for g in self.group_partitions() if path.startswith(f"{g.casefold()}/")), project_id)

    def places_in(self, partition: str) -> tuple[tuple[str, str], ...]:
        """(id, path) of the projects whose merge requests and issues the group's listing brings, sorted; none for a project."""
        if not self.is_group(partition):
            return ()
        listing = self.listed()
        return tuple(
            sorted(
                (id_, listing.projects[id_].record.path)
                for id_ in listing.projects
                if self.home_of(id_) == partition
            )
        )

    def known_strays(self) -> tuple[Project, ...]:
        """The projects that left the list and still answer, as far as they were asked."""
        return tuple(known.record for known in self._strays_now().values() if isinstance(known, Listed))

    def is_stray(self, partition: str) -> bool:
        """True for a project that is read although the listing does not hold it."""
        return partition not in self.listed().projects

    def _asked(self, id_: str) -> Listed | TandemError:
        try:
            row = self.client.get(path_of("projects", id_))
        except NotFoundError as error:
            return NotFoundError(
                f"GitLab project {id_} answers 404: it was deleted, or is hidden from the account ({error})"
            )
        except ForbiddenError as error:
            return ForbiddenError(f"GitLab project {id_} answers 403: it is closed to the account ({error})")
        good, bad = parsed((row,), lambda r: listed(r, self.place), what="project")
        return good[0] if good else RetryableError(f"GitLab project {id_}: {bad[0].reason}")

    def _unresolved(self, listing: Listing) -> Iterator[str]:
        return (str(p) for p in self.selection.projects if str(p) in listing.refused)
