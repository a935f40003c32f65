"""Deletions: issues that vanish from Jira, and come back."""

from __future__ import annotations

from random import Random

from connectors.sandbox.state import Payload
from connectors.sandbox.world.truth import Company
from tests.faults.changes import issue_in


def delete_issue(company: Company, chance: Random) -> None:
    """An issue is deleted for good."""
    jira = company.sandbox.jira
    gone = issue_in(company, chance)
    links = [(id_, list(one["fields"].get("issuelinks") or ())) for id_, one in jira.issues.items()]
    take_issue(company, gone["id"])
    jira.trash[gone["id"]] = {
        "issue": gone,
        "links": [(id_, held) for id_, held in links if id_ != gone["id"] and held != _links(company, id_)],
    }
    for key, id_ in list(jira.old_keys.items()):
        if id_ == gone["id"]:
            del jira.old_keys[key]


def _links(company: Company, issue_id: str) -> list[Payload]:
    return company.sandbox.jira.issues[issue_id]["fields"].get("issuelinks") or []


def undelete_issues(company: Company) -> None:
    """All that ``delete_issue`` took is there again with the links to it, as for a reader who has not missed it yet."""
    jira = company.sandbox.jira
    for id_, taken in reversed(list(jira.trash.items())):
        jira.issues[id_] = taken["issue"]
        for other, links in taken["links"]:
            if other in jira.issues:
                jira.issues[other]["fields"]["issuelinks"] = links
    jira.trash.clear()


def take_issue(company: Company, issue_id: str) -> list[Payload]:
    """An issue vanishes with all that hung on it, which is returned."""
    jira = company.sandbox.jira
    parts = (jira.histories, jira.worklogs, jira.comments, jira.properties)
    held: list[Payload] = [jira.issues.pop(issue_id)]
    held += [part.pop(issue_id, None) for part in parts]  # type: ignore[attr-defined]
    for other in jira.issues.values():  # Jira drops the links to what is gone
        links = other["fields"].get("issuelinks") or []
        links[:] = [
            one
            for one in links
            if (one.get("inwardIssue") or one.get("outwardIssue") or {}).get("id") != issue_id
        ]
    return held
