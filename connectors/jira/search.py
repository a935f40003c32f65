"""Search: issue searches page by page, on both products, complete or an error.

Cloud walks by page token (never kept across runs), Data Center by the last row's id, because offsets beyond 10,000 fail and drift. Neither
trusts a page's size: Cloud ends without a token, Data Center with an empty page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from msgspec import Struct
from msgspec.structs import replace

from connectors.errors import FatalError, ForbiddenError, NotFoundError, RetryableError
from connectors.jira.client import CLOUD, CORE, JiraClient, Payload, path_of
from connectors.jira.seen import SeenIds, SeenPages

T = TypeVar("T")

Rows: TypeAlias = tuple[Payload, ...]
"""The issues of one page, in the order of the search."""

_HISTORIES_PER_PAGE = 2_500
"""The tool gives four times as many; a page is held as a whole, once for each project that is being read."""


class Query(Struct, frozen=True, kw_only=True):
    """Issues of some projects: all of them after the row ``after_id``, or those updated since ``updated_since`` (a JQL literal)."""

    projects: tuple[str, ...]
    fields: tuple[str, ...]
    page_size: int
    updated_since: str | None = None
    after_id: str | None = None
    has_changelog: bool = False

    @property
    def where(self) -> str:
        """The conditions in JQL."""
        quoted = [f'"{project}"' for project in self.projects]
        terms = [f"project = {quoted[0]}" if len(quoted) == 1 else f"project in ({', '.join(quoted)})"]
        if self.updated_since:
            terms.append(f"updated >= {self.updated_since}")
        if self.after_id:
            terms.append(f"id > {self.after_id}")
        return " AND ".join(terms)

    @property
    def home(self) -> str:
        """The projects, for people."""
        return ", ".join(self.projects)


def epoch_literal(at: datetime) -> str:
    """``at`` for JQL in epoch milliseconds: exact, and free of the account's zone."""
    return str(int(at.timestamp() * 1000))


def zone_literal(at: datetime, zone: str) -> str:
    """``at`` for JQL as a date and time in the account's zone, rounded down to the minute that JQL knows.

    Where the zone is unknown, the text is written for the zone furthest behind UTC: read in any other zone it is an earlier instant, so
    nothing is missed.
    """
    try:
        local = at.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        local = at.astimezone(ZoneInfo("Etc/GMT+12"))
    return f'"{local:%Y-%m-%d %H:%M}"'


def pages_of(client: JiraClient, query: Query, read: Callable[[Rows], T], *, is_cloud: bool) -> Iterator[T]:
    """What ``read`` makes of each page of a search; the rows themselves, which take ten times the room, are let go before the next step. Raises as the product's own search."""
    return (_cloud_pages if is_cloud else _server_pages)(client, query, read)


def _cloud_pages(client: JiraClient, query: Query, read: Callable[[Rows], T]) -> Iterator[T]:
    """Pages of search/jql, complete or RetryableError.

    That is raised where a page token or a page comes twice, or the listing breaks off without being the last page. In a walk by id no row may come
    twice; in one by time a row that changes meanwhile comes again, in its new state.
    """
    order = "updated ASC, id ASC" if query.updated_since else "id ASC"
    body: dict[str, object] = {
        "jql": f"{query.where} ORDER BY {order}",
        "fields": list(query.fields),
        "maxResults": query.page_size,
    }
    ids, pages = SeenIds(), SeenPages()

    def checked(answer: Any) -> tuple[T, ...]:  # noqa: ANN401
        rows = rows_in(answer, "issues")
        if not rows:
            return ()
        if not (pages.take(rows) if query.updated_since else ids.take(ids_of(rows))):
            raise RetryableError(
                f"search in {query.home}: the same rows came twice; the listing was given up"
            )
        return (read(rows),)

    for found in _by_token(client, path_of(CORE, "search", "jql"), body, checked):
        yield from found


def _server_pages(client: JiraClient, query: Query, read: Callable[[Rows], T]) -> Iterator[T]:
    """Pages of search by the last row's id, up to the first empty one.

    Raises RetryableError if a page does not lead further, repeats a row, or is empty although the tool counts rows behind it.
    """
    seen = SeenIds()
    while rows := _server_page(client, query):
        ids = ids_of(rows)
        if not ids or not seen.take(ids):
            raise RetryableError(
                f"search in {query.home}: the page after id {query.after_id} leads no further"
            )
        found, query = read(rows), replace(query, after_id=last_id(rows))
        del rows
        yield found


def id_of(row: Payload) -> str | None:
    """The row's id as text; None for a malformed row."""
    return str(row["id"]) if row.get("id") else None


def ids_of(rows: Rows) -> tuple[str, ...]:
    """The ids of the rows that have one, in their order."""
    return tuple(filter(None, map(id_of, rows)))


def last_id(rows: Rows) -> str | None:
    """The id of the last row that has one."""
    return next(reversed(ids_of(rows)), None)


def _server_page(client: JiraClient, query: Query) -> Rows:
    params: dict[str, str | int] = {
        "jql": f"{query.where} ORDER BY id ASC",
        "fields": ",".join(query.fields),
        "startAt": 0,
        "maxResults": query.page_size,
    }
    if query.has_changelog:
        params["expand"] = "changelog"
    answer = client.get(path_of(CORE, "search"), params)
    rows = rows_in(answer, "issues")
    total = answer.get("total")
    if not rows and isinstance(total, int) and total > 0:
        raise RetryableError(
            f"search in {query.home}: an empty page after id {query.after_id} although {total} rows follow; the listing was given up"
        )
    return rows


def cloud_histories(client: JiraClient, issue_ids: Iterable[str]) -> dict[str, list[Payload]]:
    """Changelogs by issue id, oldest first. An issue's histories may be spread over pages: they are joined."""
    asked = list(issue_ids)
    histories: dict[str, list[Payload]] = {id_: [] for id_ in asked}
    for page in history_pages(client, asked, read=lambda found: found):
        for id_, found in page.items():
            histories.setdefault(id_, []).extend(found)
    return histories


def history_pages(
    client: JiraClient, issue_ids: Sequence[str], read: Callable[[dict[str, Rows]], T]
) -> Iterator[T]:
    """What ``read`` makes of changelogs by issue id, page by page, before the page is let go; those of one issue may be spread over several.

    No filter by field is sent: the tool's filter works by field id, and changes of key and of parent carry none, so it would lose them.
    """
    if not issue_ids:
        return
    body: dict[str, object] = {"issueIdsOrKeys": [*issue_ids], "maxResults": _HISTORIES_PER_PAGE}
    yield from _by_token(
        client, path_of(CLOUD, "changelog", "bulkfetch"), body, lambda answer: read(_histories_in(answer))
    )


def _histories_in(answer: Any) -> dict[str, Rows]:  # noqa: ANN401
    found: dict[str, Rows] = {}
    for log in rows_in(answer, "issueChangeLogs"):
        id_ = str(log["issueId"])
        found[id_] = (*found.get(id_, ()), *rows_in(log, "changeHistories"))
    return found


def _by_token(
    client: JiraClient, path: str, body: dict[str, object], read: Callable[[Any], T]
) -> Iterator[T]:
    tokens: set[str] = set()
    while True:
        found, token, is_last = _page_of(client.post(path, body), read)
        yield found
        if not token:
            if is_last is False:
                raise RetryableError(f"{path}: the listing breaks off before its last page")
            return
        if token in tokens:
            raise RetryableError(f"{path}: the same page token came twice; the listing was given up")
        tokens.add(token)
        body = {**body, "nextPageToken": token}


def _page_of(answer: Any, read: Callable[[Any], T]) -> tuple[T, str | None, bool | None]:  # noqa: ANN401
    """What was read of a page, the token of the next one, and whether it calls itself the last."""
    return read(answer), answer.get("nextPageToken"), answer.get("isLast")


def rows_in(answer: Any, name: str) -> Rows:  # noqa: ANN401
    """The list ``name`` of an answer. Raises FatalError if there is none: a listing of unknown shape is not an empty one."""
    rows = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise FatalError(
            f'the answer holds no list "{name}"; this version of Jira may have changed its format'
        )
    return tuple(rows)


def require_visible(client: JiraClient, project: str) -> Payload:
    """The project itself, which tells better than a search why it cannot be read.

    Raises NotFoundError or ForbiddenError with the project's key and what to do.
    """
    advice = f"Jira project {project} of {client.site.source}"
    try:
        payload = client.get(path_of(CORE, "project", project))
    except NotFoundError as error:
        raise NotFoundError(
            f"{advice} does not exist or is not visible to the account: give it Browse Projects, or drop {project} from the mapping"
        ) from error
    except ForbiddenError as error:
        raise ForbiddenError(f"{advice} is closed to the account: give it Browse Projects") from error
    if not isinstance(payload, dict):
        raise FatalError(
            f"{advice}: the answer is no object; this version of Jira may have changed its format"
        )
    return payload
