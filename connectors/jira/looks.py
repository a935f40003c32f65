"""Looks: comments and issue properties asked for together, which Jira Cloud alone offers. What such an answer leaves out is not known to be missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import AuthenticationError, BlockedError, FatalError
from connectors.jira.client import CLOUD, CORE, JiraClient, Payload, path_of
from connectors.jira.search import id_of, rows_in
from connectors.steps import Look

COMMENT, PROPERTY = "comment", "property"
_MOST = {COMMENT: 1000, PROPERTY: 100}
"""As many comments, and issues, the tool takes in one request."""


def comment_look(comment_id: str) -> Look:
    """The look at a comment; what is told of it is its payload."""
    return Look(kind=COMMENT, key=comment_id)


def property_look(issue_id: str, key: str) -> Look:
    """The look at an issue's property; what is told of it is the issue's ``properties``, by key."""
    return Look(kind=PROPERTY, key=f"{issue_id}/{key}")


class Looks:
    """What stands at several places, for several threads at once. A site that refuses to be asked so is not asked so again."""

    def __init__(self, client: JiraClient, *, is_offered: bool) -> None:
        self._client = client
        self.is_offered = is_offered

    def told(self, looks: Sequence[Look]) -> Mapping[Look, Payload]:
        """The payload of each look that is answered. Raises a TandemError where the site does not answer, or answers nobody."""
        found: dict[Look, Payload] = {}
        for kind, ask in ((COMMENT, self._comments), (PROPERTY, self._properties)):
            for some in _chunks([look for look in looks if look.kind == kind], of=_MOST[kind]):
                found |= self._answered(ask, some)
        return found

    def _answered(self, ask: Any, looks: Sequence[Look]) -> Mapping[Look, Payload]:  # noqa: ANN401  # one of the two below
        if not self.is_offered:
            return {}
        try:
            answer: Mapping[Look, Payload] = ask(looks)
        except (AuthenticationError, BlockedError):
            raise
        except FatalError:  # a missing scope, or an answer of another shape: each place is asked for alone
            self.is_offered = False
            return {}
        return answer

    def _comments(self, looks: Sequence[Look]) -> Mapping[Look, Payload]:
        body = {"ids": sorted(int(look.key) for look in looks)}
        answer = self._client.post(path_of(CORE, "comment", "list"), body, {"expand": "properties"})
        rows = {id_of(row): row for row in rows_in(answer, "values")}
        return {look: rows[look.key] for look in looks if look.key in rows}

    def _properties(self, looks: Sequence[Look]) -> Mapping[Look, Payload]:
        places = {look: look.key.partition("/") for look in looks}
        body = {
            "issueIdsOrKeys": sorted({issue_id for issue_id, _, _ in places.values()}),
            "fields": ["id"],
            "properties": sorted({key for _, _, key in places.values()}),
        }
        answer = self._client.post(path_of(CLOUD, "issue", "bulkfetch"), body)
        held = {id_of(row): row.get("properties") for row in rows_in(answer, "issues")}
        told = {look: held.get(issue_id) for look, (issue_id, _, _) in places.items()}
        return {look: values for look, values in told.items() if isinstance(values, dict)}


def _chunks(looks: Sequence[Look], *, of: int) -> Iterator[Sequence[Look]]:
    return (looks[start : start + of] for start in range(0, len(looks), of))
