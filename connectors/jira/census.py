"""Censuses: which issues, versions and sprints exist now, to find deletions, which no search of changes can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from connectors.cursor import Cursor
from connectors.errors import ForbiddenError, NotFoundError
from connectors.jira.agile import EVERY_STATE, boards_of, sprints_of
from connectors.jira.client import AGILE, CLOUD, CORE, JiraClient, Payload, path_of
from connectors.jira.facts import Connection
from connectors.jira.issue_pages import IssueReader
from connectors.jira.search import (
    Query,
    Rows,
    id_of,
    ids_of,
    pages_of,
    require_visible,
    rows_in,
)
from connectors.jira.streams import versions_in
from connectors.parsing import MALFORMED, parsed
from connectors.port import Settled

_CLOUD_PAGE = 5000  # granted where only the id is asked for
_SERVER_PAGE = 1000
_BULK = 100


class IssueCensus:
    """Ids of the issues of each mapped project.

    An issue that was hidden from the account by issue security looks deleted to any reader; a project that was hidden does not.
    """

    kind = "issue"
    stream = "issues"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def partitions(self) -> Iterable[str]:
        """The mapped project keys."""
        return self._connection.selection.projects

    def ids(self, partition: str) -> frozenset[str]:
        """Ids of all issues of the project. Raises NotFoundError or ForbiddenError where it cannot be seen."""
        client = self._connection.client
        _require_in_reach(client, partition)
        is_cloud = self._connection.facts.is_cloud
        size = _CLOUD_PAGE if is_cloud else _SERVER_PAGE
        query = Query(projects=(partition,), fields=("id",), page_size=size)
        pages = pages_of(client, query, ids_of, is_cloud=is_cloud)
        return frozenset(id_ for ids in pages for id_ in ids)

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        """By a read of each id, while the project itself is visible and not archived: gone, or moved to another project with its new key.

        Raises ForbiddenError where the project cannot be seen: then nothing is known of its issues.
        """
        _require_in_reach(self._connection.client, partition)
        read = self._in_bulk if self._connection.facts.is_cloud else self._one_by_one
        rows, gone = read(sorted(missing))
        reader = IssueReader(self._connection)
        homes = {_project_of(row) for row in rows} - {partition, None}
        moved = (
            (home, tuple(row for row in rows if _project_of(row) == home))
            for home in sorted(filter(None, homes))
        )
        return Settled(gone=gone, moved=tuple((home, reader.page(its, Cursor())) for home, its in moved))

    def _in_bulk(self, ids: list[str]) -> tuple[Rows, frozenset[str]]:
        """(rows found, ids that bulkfetch leaves out without calling them an error), 100 at a time."""
        found: list[Payload] = []
        gone: set[str] = set()
        fields = list(IssueReader(self._connection).fields)
        for chunk in _chunks(ids):
            body = {"issueIdsOrKeys": list(chunk), "fields": fields}
            answer = self._connection.client.post(path_of(CLOUD, "issue", "bulkfetch"), body)
            rows = rows_in(answer, "issues")
            unsure = {str(error.get("id")) for error in answer.get("issueErrors") or ()}
            gone |= set(chunk) - set(map(id_of, rows)) - unsure
            found += (row for row in rows if id_of(row) in chunk)
        return tuple(found), frozenset(gone)

    def _one_by_one(self, ids: list[str]) -> tuple[Rows, frozenset[str]]:
        """(rows found with their changelogs, ids that answer 404)."""
        found: list[Payload] = []
        gone: set[str] = set()
        params = {"fields": ",".join(IssueReader(self._connection).fields), "expand": "changelog"}
        for id_ in ids:
            try:
                row = self._connection.client.get(path_of(CORE, "issue", id_), params)
            except NotFoundError:
                gone.add(id_)
                continue
            found += [row] if isinstance(row, dict) and id_of(row) == id_ else []
        return tuple(found), frozenset(gone)


def _project_of(row: Payload) -> str | None:
    """The key of the project that an issue is in; None for a malformed row."""
    try:
        return str(row["fields"]["project"]["key"])
    except MALFORMED:
        return None


class VersionCensus:
    """Ids of the versions of each mapped project: one request, and one for each that is missing."""

    kind = "version"
    stream = "versions"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def partitions(self) -> Iterable[str]:
        """The mapped project keys."""
        return self._connection.selection.projects

    def ids(self, partition: str) -> frozenset[str]:
        """Ids of all versions of the project. Raises a TandemError where they cannot be listed."""
        versions, _ = parsed(
            versions_in(self._connection, partition), lambda row: str(row["id"]), what="version"
        )
        return frozenset(versions)

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:
        """Those that do not exist any more. Raises ForbiddenError where the project cannot be seen."""
        _require_in_reach(self._connection.client, partition)
        return Settled(gone=_absent(self._connection.client, (CORE, "version"), missing))


class SprintCensus:
    """Ids of all sprints of the mapped projects' boards, closed ones too, which later walks of the stream leave out."""

    kind = "sprint"
    stream = "sprints"

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def partitions(self) -> Iterable[str]:
        """``*``, or nothing where sprints are not mapped."""
        return ("*",) if self._connection.facts.fields.sprint else ()

    def ids(self, partition: str) -> frozenset[str]:  # noqa: ARG002  # there is one
        """Ids of all sprints. Raises ForbiddenError where a project's boards cannot be seen: the count would be short."""
        boards, unseen = boards_of(self._connection)
        if unseen:
            raise ForbiddenError(f"{unseen[0].what}: {unseen[0].reason}; the sprints cannot be counted")
        return frozenset(sprints_of(self._connection, boards, states=EVERY_STATE))

    def settled(self, partition: str, missing: frozenset[str]) -> Settled:  # noqa: ARG002
        """Those that a read by id does not find. A sprint that is there but on no board of the mapped projects stays as it is."""
        return Settled(gone=_absent(self._connection.client, (AGILE, "sprint"), missing))


def _require_in_reach(client: JiraClient, project: str) -> None:
    try:
        payload = require_visible(client, project)
    except NotFoundError as error:
        raise ForbiddenError(str(error)) from error
    if payload.get("archived"):
        raise ForbiddenError(f"Jira project {project} is archived: its issues are out of reach, not deleted")


def _absent(client: JiraClient, where: tuple[str, str], ids: Iterable[str]) -> frozenset[str]:
    """Those of ``ids`` that answer 404."""
    gone: set[str] = set()
    for id_ in sorted(ids):
        try:
            client.get(path_of(*where, id_))
        except NotFoundError:
            gone.add(id_)
    return frozenset(gone)


def _chunks(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(ids)
    while chunk := tuple(islice(rest, _BULK)):
        yield chunk
