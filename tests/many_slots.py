"""Many slots: a Jira with so many issues, and for each a commitment's comment and a status property to be written."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from connectors.commands import Announce, Command, CommentCommand, PropertyCommand, Slot, marked, marker_of
from connectors.jira.connector import JiraConnector, open_site
from connectors.port import Policy, Site
from connectors.sandbox.state import GitlabState, JiraState, Sandbox

KEY = "tandem.status"
WRITES = r"^(POST|PUT|DELETE) /rest/.*/issue/.*/(comment|properties)"


def now() -> datetime:
    """The host's clock."""
    return datetime.now(UTC)


def sandbox_of(number: int, flavour: Any = "cloud") -> Sandbox:
    """A Jira with so many issues, and a GitLab with nothing."""
    me = {"accountId": "bot", "name": "bot", "key": "bot", "displayName": "Bot", "timeZone": "UTC"}
    jira = JiraState(clock=now, flavour=flavour, me=me, users={"bot": me})
    jira.projects["PAY"] = {"id": "1", "key": "PAY", "name": "Pay"}
    stamp = now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    for id_ in issue_ids(number):
        fields = {"project": {"id": "1", "key": "PAY"}, "summary": "Retry", "updated": stamp}
        jira.issues[id_] = {"id": id_, "key": f"PAY-{id_}", "fields": fields}
    return Sandbox(jira=jira, gitlab=GitlabState(clock=now))


def issue_ids(number: int) -> list[str]:
    """The ids of the issues."""
    return [str(10_000 + one) for one in range(number)]


def commands_for(
    number: int, digest: str, *, announce: Announce = Announce.SILENT, has_properties: bool = True
) -> Iterator[Command]:
    """What is to be said on each issue; ``digest`` (16 hexadecimal digits) tells one saying from another."""
    for id_ in issue_ids(number):
        key = f"pay-{id_}"
        body = "\n".join(["*AT RISK* · drifting", *["| a row | of a table | 2026-12-01 |"] * 30])
        yield CommentCommand(
            slot=Slot(source="jira", issue_id=id_, commitment_key=key),
            body=f"{body} {digest}\n{marker_of(key, digest)}",
            digest=digest,
            announce=announce,
        )
        if has_properties:
            yield PropertyCommand(
                slot=Slot(source="jira", issue_id=id_, commitment_key="*"),
                key=KEY,
                value=json.dumps({"said": digest}),
                digest=digest,
            )


def standing(jira: JiraState) -> dict[str, tuple[list[str], str | None]]:
    """By issue: the digests of its comments, and what its property says."""
    return {
        id_: (
            [found[1] for one in jira.comments[id_] if (found := marked(one["body"]))],
            jira.properties[id_].get(KEY, {}).get("said"),
        )
        for id_ in jira.issues
    }


def connector_to(url: str, policy: Policy | None = None) -> JiraConnector:
    """The connector to the Jira, logged in."""
    site = Site(
        source="jira", url=url, token="sandbox-jira-token", policy=policy or Policy()
    )  # the sandbox's
    connector = open_site(site, {"name": "jira", "projects": ("PAY",)})
    connector.connect()
    return connector
