"""The Alloy history with every issue key blanked out, over the real issues of the Jira archive: what is left for guessing which issue a change is about."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec.structs import replace

from connectors.records import Branch, Commit, Issue, MergeRequest, Record, Ref
from mappings.links import Confidence, links_of
from mappings.observed import Observed
from tests.real import alloy

ISSUES = alloy.FOLDER.parent / "titanium_jira" / "jira" / "issues.jsonl"
_KEY = re.compile(r"\b[A-Za-z]{2,10}[-_ ]?[0-9]+[a-z]?(?![0-9])|(?<=_)[A-Za-z]{2,10}-[0-9]+")
"""Anything that may be a key, in any spelling: rather a word too few than the answer in the question."""
_TELLING = re.compile(
    r"^.*(?:/pull/[0-9]|/commits?/[0-9a-f]|pull request|\bPR\b).*$", re.IGNORECASE | re.MULTILINE
)
"""A line of an issue's description that may hold the address of the change."""


def issues() -> tuple[Issue, ...]:
    """The archive's issues. Comments are not read, and lines that may name a change are cut out of the descriptions."""
    with ISSUES.open(encoding="utf-8") as lines:
        return tuple(_issue(json.loads(line)) for line in lines)


def _issue(row: Mapping[str, Any]) -> Issue:
    fields = row["fields"]
    assignee, reporter = fields.get("assignee") or {}, fields.get("reporter") or {}
    return Issue(
        source="jira",
        id=row["id"],
        key=row["key"],
        project_key=fields["project"]["key"],
        title=fields["summary"],
        type=fields["issuetype"]["name"],
        status=fields["status"]["name"],
        status_category=fields["status"]["statusCategory"]["key"],
        created_at=_instant(fields["created"]),
        updated_at=_instant(fields["updated"]),
        url="",
        resolution=(fields.get("resolution") or {}).get("name"),
        resolved_at=_instant(fields["resolutiondate"]) if fields.get("resolutiondate") else None,
        assignee_id=assignee.get("name"),
        assignee_name=assignee.get("displayName"),
        reporter_id=reporter.get("name"),
        description=_TELLING.sub("", fields.get("description") or ""),
    )


def _instant(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(UTC)


def blank(text: str) -> str:
    """``text`` without keys."""
    return _KEY.sub(" ", text)


def blanked() -> Observed:
    """Every issue of the archive, and every change of the history without keys."""
    changes = (record for record in alloy.observed().records if not isinstance(record, Issue))
    return Observed.of((*issues(), *map(_blanked, changes)))


def _blanked(record: Record) -> Record:
    if isinstance(record, Commit):
        return replace(record, title=blank(record.title), message=blank(record.message), trailers=())
    if isinstance(record, Branch):
        return replace(record, name=blank(record.name))
    if isinstance(record, MergeRequest):
        return replace(
            record,
            title=blank(record.title),
            description=blank(record.description),
            source_branch=blank(record.source_branch),
        )
    return record


def truth() -> Mapping[Ref, frozenset[str]]:
    """Keys of archived issues by change: what people stated on the Jira side, and what the change's own key said before it was blanked out."""
    keys = {issue.key for issue in issues()}
    found: dict[Ref, set[str]] = defaultdict(set)
    observed = alloy.observed()
    for link in links_of(alloy.spec(), observed):
        if link.role.is_work and link.confidence is not Confidence.WEAK:
            found[link.change].add(link.key)
    for change, stated in _stated(observed):
        found[change] |= stated
    return {change: frozenset(named & keys) for change, named in found.items() if named & keys}


def _stated(observed: Observed) -> Iterator[tuple[Ref, set[str]]]:
    of_requests = alloy.truth("truth_mr_issue.csv", "mr_iid")
    of_commits = alloy.truth("truth_commit_issue.csv", "commit")
    for request in observed.all(MergeRequest):
        yield request.ref, of_requests.get(request.reference.removeprefix("!"), set())
    for commit in observed.all(Commit):
        yield commit.ref, of_commits.get(commit.sha, set())
