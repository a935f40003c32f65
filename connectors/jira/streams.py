"""Streams of the small listings: versions, sprints and worklogs. Issues have a file of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import partial

from connectors.cursor import Cursor
from connectors.errors import FatalError, ForbiddenError, NotFoundError
from connectors.jira.agile import EVERY_STATE, boards_of, sprints_of
from connectors.jira.client import AGILE, CORE, Payload, path_of
from connectors.jira.facts import Connection
from connectors.jira.parse import parse_sprint, parse_version
from connectors.jira.search import require_visible
from connectors.jira.stream_issues import walk_start
from connectors.parsing import parsed
from connectors.port import Order, Page, Request
from connectors.records import Ref, Sprint


class VersionStream:
    """Versions, one partition per project key. The listing is one request and has no filter, so every walk is a full one."""

    name = "versions"
    order = Order()

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # the mapping is the list
        """The mapped project keys."""
        return self._connection.selection.projects

    def pages(self, request: Request) -> Iterator[Page]:
        """One page with all versions of the project; none while those that were read may stand."""
        if request.may_stand:
            return
        project = request.scope.partition
        cursor = request.cursor.begun(walk_start(self._connection, request.now))
        versions, bad = parsed(
            versions_in(self._connection, project),
            partial(
                parse_version,
                source=self._connection.source,
                project_key=project,
                browse_url=self._connection.browse_url,
            ),
            what="version",
        )
        yield Page(records=versions, cursor=cursor.finished(), skipped=bad)


def versions_in(connection: Connection, project: str) -> tuple[object, ...]:
    """Raw versions of the project. Raises NotFoundError or ForbiddenError for one that cannot be seen."""
    try:
        answer = connection.client.get(path_of(CORE, "project", project, "versions"))
    except (ForbiddenError, NotFoundError):
        require_visible(connection.client, project)
        raise
    if not isinstance(answer, list):
        raise FatalError(
            f"versions of {project}: the answer is no list; this version of Jira may have changed its format"
        )
    return tuple(answer)


class SprintStream:
    """Sprints of all boards of the mapped projects, one partition for the site.

    The first walk reads all of them; later ones read active and future sprints, and by its id each sprint that was open before and is no longer
    listed: it was closed or deleted. The cursor's tips are the open sprints as (id, state). A site without a sprint field has no sprints.
    """

    name = "sprints"
    order = Order(may_name_paths=False)

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def partitions(self, known: frozenset[str]) -> Iterable[str]:  # noqa: ARG002  # there is one
        """``*``, or nothing where sprints are not mapped."""
        return ("*",) if self._connection.facts.fields.sprint else ()

    def pages(self, request: Request) -> Iterator[Page]:
        """One page per walk: a sprint is on many boards, and only the whole says which ones are no longer open. None while those that were read may stand."""
        if request.may_stand:
            return
        cursor = request.cursor.begun(walk_start(self._connection, request.now))
        is_full = request.is_full or cursor.read_to is None
        boards, unseen = boards_of(self._connection)
        states = EVERY_STATE if is_full else "active,future"
        listed = sprints_of(self._connection, boards, states=states)
        former, gone = self._no_longer_listed(cursor, frozenset(listed))
        sprints, bad = parsed(
            (*listed.values(), *former), partial(parse_sprint, source=self._connection.source), what="sprint"
        )
        yield Page(
            records=sprints,
            cursor=cursor.finished(tips=_open_tips(sprints)),
            skipped=(*unseen, *bad),
            gone=gone,
        )

    def _no_longer_listed(
        self, cursor: Cursor, listed: frozenset[str]
    ) -> tuple[tuple[Payload, ...], tuple[Ref, ...]]:
        payloads: list[Payload] = []
        gone: list[Ref] = []
        for id_, _ in cursor.tips:
            if id_ in listed:
                continue
            try:
                payloads.append(self._connection.client.get(path_of(AGILE, "sprint", id_)))
            except NotFoundError:
                gone.append(Ref(source=self._connection.source, kind=Sprint.kind, id=id_))
        return tuple(payloads), tuple(gone)


def _open_tips(sprints: Iterable[Sprint]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((sprint.id, sprint.state) for sprint in sprints if sprint.state != "closed"))
