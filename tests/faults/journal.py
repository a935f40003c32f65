"""Journal: everything that Tandem's account ever said in the sandbox's Jira, caught before it can be overwritten."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from connectors.commands import marked
from connectors.sandbox.state import JiraState, Payload, Sandbox
from sync.core.status_property import PROPERTY_KEY
from tests.faults.measure import Place
from tests.faults.said import Said, said_in_comment, said_in_property


def is_ours(jira: JiraState, who: Payload | None) -> bool:
    """True if ``who`` is the account that Tandem logs in with."""
    return bool(who) and any(
        who.get(name) == jira.me[name] for name in ("accountId", "name") if jira.me.get(name)
    )


def own_comments(jira: JiraState) -> Iterator[tuple[str, Payload]]:
    """(issue id, comment) of every comment that our account made."""
    for issue_id, comments in list(jira.comments.items()):
        yield from ((issue_id, one) for one in list(comments) if is_ours(jira, one.get("author")))


def standing_comments(jira: JiraState) -> dict[Place, list[str | None]]:
    """Digests of our managed comments by slot; the marker property tells the slot where the marker line is gone."""
    found: defaultdict[Place, list[str | None]] = defaultdict(list)
    for issue_id, comment in own_comments(jira):
        marker = marked(comment["body"])
        slot = marker[0] if marker else _slot_by_property(comment)
        if slot and issue_id in jira.issues:
            found[issue_id, slot].append(marker[1] if marker else None)
    return dict(found)


def _slot_by_property(comment: Payload) -> str | None:
    values = {one["key"]: one["value"] for one in comment.get("properties") or ()}
    return (values.get("tandem.marker") or {}).get("slot")


def standing_properties(jira: JiraState) -> dict[str, Any]:
    """Our status property by issue id."""
    return {id_: held[PROPERTY_KEY] for id_, held in list(jira.properties.items()) if PROPERTY_KEY in held}


class Journal(list[str]):
    """The sandbox's log of requests, which looks at Jira before each request to it is answered.

    A write can be undone by the next request at the earliest, so between two looks at most one write happens and none is missed.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        super().__init__()
        self._jira = sandbox.jira
        self._comments: dict[tuple[str, str], str] = {}
        self._properties: dict[str, Any] = {}
        self.said: list[Said] = []
        self._look()
        self.said.clear()

    def append(self, line: str) -> None:
        """Note a request; called under the lock of the tool that it goes to."""
        if line.partition(" ")[2].startswith("/rest/"):
            self._look()
        super().append(line)

    def taken(self) -> tuple[Said, ...]:
        """What was said since the last time that this was asked."""
        self._look()
        found = tuple(self.said)
        self.said.clear()
        return found

    def _look(self) -> None:
        for issue_id, comment in own_comments(self._jira):
            place, body = (issue_id, comment["id"]), comment["body"]
            if self._comments.get(place) != body:
                self._comments[place] = body
                is_planted = comment.get("_planted") and comment["created"] == comment["updated"]
                if is_ours(self._jira, comment.get("updateAuthor")) and not is_planted:
                    self.said.append(said_in_comment(issue_id, body))
        for issue_id, value in standing_properties(self._jira).items():
            former = self._properties.get(issue_id)
            if former != value:
                self.said += said_in_property(issue_id, value, former)
                self._properties[issue_id] = copy.deepcopy(value)
