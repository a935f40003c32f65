"""Censuses: which issues and versions exist now, to find deletions, which no search of changes can show."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from connectors.errors import ForbiddenError, NotFoundError
from connectors.jira.client import CLOUD, CORE, JiraClient, path_of
from connectors.jira.facts import Connection
from connectors.jira.search import Query, cloud_pages, id_of, require_visible, rows_in, server_pages
from connectors.jira.streams import versions_in
from connectors.parsing import parsed

_CLOUD_PAGE = 5000  # granted where only the id is asked for
_SERVER_PAGE = 1000
_BULK = 100


class IssueCensus:
    """Ids of the issues of each mapped project.

    An issue that was hidden from the account by issue security looks deleted to any reader; a project that was hidden does not.
    """

    kind = "issue"

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
        query = Query(project=partition, fields=("id",), page_size=size)
        pages = cloud_pages(client, query) if is_cloud else server_pages(client, query)
        return frozenset(id_ for rows in pages for row in rows if (id_ := id_of(row)))

    def confirmed_gone(self, partition: str, ids: frozenset[str]) -> frozenset[str]:
        """Those of ``ids`` that a read by id does not find, while the project itself is visible and not archived.

        Raises ForbiddenError where the project cannot be seen: then nothing is known of its issues.
        """
        _require_in_reach(self._connection.client, partition)
        if self._connection.facts.is_cloud:
            return frozenset(id_ for chunk in _chunks(sorted(ids)) for id_ in self._absent(chunk))
        return frozenset(id_ for id_ in sorted(ids) if _is_absent(self._connection.client, "issue", id_))

    def _absent(self, ids: tuple[str, ...]) -> frozenset[str]:
        """Of up to 100 ids, those that bulkfetch leaves out without calling them an error. It finds moved issues too."""
        answer = self._connection.client.post(
            path_of(CLOUD, "issue", "bulkfetch"), {"issueIdsOrKeys": list(ids), "fields": ["project"]}
        )
        found = {id_of(row) for row in rows_in(answer, "issues")}
        unsure = {str(row.get("id")) for row in answer.get("issueErrors") or ()}
        return frozenset(ids) - found - unsure


class VersionCensus:
    """Ids of the versions of each mapped project: one request, and one for each that is missing."""

    kind = "version"

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

    def confirmed_gone(self, partition: str, ids: frozenset[str]) -> frozenset[str]:
        """Those of ``ids`` that do not exist any more. Raises ForbiddenError where the project cannot be seen."""
        _require_in_reach(self._connection.client, partition)
        return frozenset(id_ for id_ in sorted(ids) if _is_absent(self._connection.client, "version", id_))


def _require_in_reach(client: JiraClient, project: str) -> None:
    try:
        payload = require_visible(client, project)
    except NotFoundError as error:
        raise ForbiddenError(str(error)) from error
    if payload.get("archived"):
        raise ForbiddenError(f"Jira project {project} is archived: its issues are out of reach, not deleted")


def _is_absent(client: JiraClient, kind: str, id_: str) -> bool:
    try:
        client.get(path_of(CORE, kind, id_))
    except NotFoundError:
        return True
    return False


def _chunks(ids: Iterable[str]) -> Iterator[tuple[str, ...]]:
    rest = iter(ids)
    while chunk := tuple(islice(rest, _BULK)):
        yield chunk
