"""Issue pages: what the rows of a search, and changelogs, become: issues with their changes and former keys."""

from __future__ import annotations

from connectors.cursor import Cursor
from connectors.jira.facts import Connection
from connectors.jira.parse_changelog import aliases_of, changes_in, cut_changelog
from connectors.jira.parse_issue import SYSTEM_FIELDS, IssueContext, parse_issue
from connectors.jira.search import Rows, cloud_histories, id_of, ids_of
from connectors.jira.together import Histories
from connectors.parsing import parsed
from connectors.port import Page
from connectors.records import KeyAlias


class IssueReader:
    """Makes pages of what a site tells of issues."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._context = IssueContext(
            source=connection.source, browse_url=connection.browse_url, fields=connection.facts.fields
        )

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields that an issue is read with."""
        return (*SYSTEM_FIELDS, *self._connection.facts.fields.ids)

    def page(self, rows: Rows, cursor: Cursor) -> Page:
        """A page of these issues with their changes and former keys. Rows of Data Center carry their changelogs; Cloud's are asked for."""
        return self.whole(rows, self.histories(rows), cursor)

    def whole(self, rows: Rows, histories: Histories, cursor: Cursor) -> Page:
        """A page of these issues and of their histories."""
        issues, changes = self.issues(rows, cursor), self.changes(histories, cursor)
        cut = () if self._connection.facts.is_cloud else tuple(filter(None, map(cut_changelog, rows)))
        return Page(
            records=(*issues.records, *changes.records),
            cursor=cursor,
            skipped=(*issues.skipped, *cut, *changes.skipped),
            aliases=tuple(dict.fromkeys((*issues.aliases, *changes.aliases))),
        )

    def issues(self, rows: Rows, cursor: Cursor) -> Page:
        """A page of these issues without changes, with their keys."""
        issues, bad = parsed(rows, lambda row: parse_issue(row, self._context), what="issue")
        keys = tuple(KeyAlias(source=issue.source, key=issue.key, issue_id=issue.id) for issue in issues)
        return Page(records=issues, cursor=cursor, skipped=bad, aliases=keys)

    def histories(self, rows: Rows) -> Histories:
        """The changelogs of these issues, which Cloud is asked for."""
        if self._connection.facts.is_cloud:
            return cloud_histories(self._connection.client, ids_of(rows))
        return {
            id_: (row.get("changelog") or {}).get("histories") or () for row in rows if (id_ := id_of(row))
        }

    def changes(self, histories: Histories, cursor: Cursor) -> Page:
        """A page of changes with the former keys that they name."""
        context = self._context
        results = [
            changes_in(payloads, source=context.source, issue_id=issue_id, fields=context.fields)
            for issue_id, payloads in histories.items()
        ]
        changes = tuple(change for found, _ in results for change in found)
        return Page(
            records=changes,
            cursor=cursor,
            skipped=tuple(skipped for _, bad in results for skipped in bad),
            aliases=aliases_of(changes),
        )
