"""Kinds about comments: what people and other programs do in the place where Tandem writes."""

from __future__ import annotations

from random import Random

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import BY_LOGIN, jira_user
from connectors.sandbox.world.truth import Company
from tests.faults import changes
from tests.faults.journal import own_comments
from tests.faults.kind import Kind
from tests.faults.world_steps import DAY, both


def _ours(company: Company, chance: Random) -> tuple[str, Payload]:
    return chance.choice(sorted(own_comments(company.sandbox.jira), key=lambda one: int(one[1]["id"])))


def _delete_ours(company: Company, chance: Random) -> None:
    issue_id, comment = _ours(company, chance)
    company.sandbox.jira.comments[issue_id].remove(comment)


def _edit_ours(company: Company, chance: Random) -> None:
    """A person changes the text above our marker line."""
    _, comment = _ours(company, chance)
    first, _, rest = comment["body"].partition("\n")
    comment["body"] = f"{first} (I do not believe this. Emma)\n{rest}"
    comment["updateAuthor"] = jira_user(BY_LOGIN["emma.larsen"], company.flavour)
    comment["updated"] = changes.jira_time(company.clock.now())


def _paste(company: Company, chance: Random) -> None:
    """A person pastes a whole comment of ours, marker and all, into the same issue and another one."""
    issue_id, comment = _ours(company, chance)
    other = changes.issue_in(company, chance)["id"]
    for place in (issue_id, other):
        changes.add_comment(company, place, body=comment["body"], who="emma.larsen")


def _double(company: Company, chance: Random) -> None:
    """A second comment of our own with the same marker stands in the slot."""
    issue_id, comment = _ours(company, chance)
    twin = changes.add_comment(company, issue_id, body=comment["body"], who=None)
    twin["properties"] = comment.get("properties") or []


def _integration(company: Company, chance: Random) -> None:
    """GitLab's own Jira integration comments on an issue, with the account that Tandem uses."""
    key = changes.issue_in(company, chance)
    body = f"[Chen Jie|https://gitlab.example/chen.jie] mentioned this issue in [a commit|https://gitlab.example/c/{chance.randrange(999)}] of nova / mes:\n{{quote}}{key['key']}: mend{{quote}}"
    changes.add_comment(company, key["id"], body=body, who=None)


_DAILY = "our comments are looked at once a day, or when there is something to say"
KINDS = (
    Kind(
        name="person deletes our comment",
        does="it is put back once, then left alone",
        steps=both(_delete_ours),
        patience=DAY,
        note=_DAILY,
    ),
    Kind(
        name="person edits our comment",
        does="it is reported, not fought",
        steps=both(_edit_ours),
        patience=DAY,
        note=_DAILY,
    ),
    Kind(
        name="marker pasted by a person",
        does="a copy of our comment by somebody else is not ours",
        steps=both(_paste),
    ),
    Kind(
        name="duplicate of our own comment",
        does="the one with the lowest id stays",
        steps=both(_double),
        patience=DAY,
        note=_DAILY,
    ),
    Kind(
        name="GitLab integration's comment",
        does="a comment without a marker by the same account is left alone",
        steps=both(_integration),
    ),
)
