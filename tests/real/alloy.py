"""The Alloy history as records: a small reader of the payloads in the folder beside the checkout. Not the connectors' parsers."""

from __future__ import annotations

import csv
import gzip
import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from connectors.records import Branch, Commit, Issue, MergeRequest, Record
from mappings.observed import Observed
from mappings.schema import MappingSpec

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "links_alloy"
GITLAB = "gitlab"


def spec() -> MappingSpec:
    projects = sorted({key.rpartition("-")[0] for key in known_keys()})
    return MappingSpec.model_validate({"version": 1, "sources": {"jira": [{"projects": projects}]}})


def known_keys() -> frozenset[str]:
    return frozenset((FOLDER / "known_issue_keys.txt").read_text().split())


def truth(name: str, column: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with (FOLDER / name).open(newline="") as rows:
        for row in csv.DictReader(rows):
            found[row[column]].add(row["issue_key"])
    return found


def observed() -> Observed:
    return Observed.of([*map(_issue, sorted(known_keys())), *_commits(), *_branches(), *_requests()])


def _issue(key: str) -> Issue:
    return Issue(
        source="jira",
        id=key,
        key=key,
        project_key=key.rpartition("-")[0],
        title=key,
        type="Bug",
        status="Open",
        status_category="new",
        created_at=datetime(2012, 1, 1, tzinfo=UTC),
        updated_at=datetime(2012, 1, 1, tzinfo=UTC),
        url="",
    )


def _commits() -> Iterator[Record]:
    """Both lists: the mainline's and the merge requests' hold each other's commits only in part."""
    payloads = {row["id"]: row for row in (*_lines("commits.jsonl.gz"), *_lines("mr_commits.jsonl.gz"))}
    for row in payloads.values():
        yield Commit(
            source=GITLAB,
            id=f"{row['_project']}/{row['id']}",
            project_id=str(row["_project"]),
            sha=row["id"],
            title=row["title"],
            message=row["message"],
            author_name=row["author_name"],
            author_email="",
            authored_at=_instant(row["authored_date"]),
            committed_at=_instant(row["committed_date"]),
            url=row["web_url"],
            parent_shas=tuple(row["parent_ids"]),
            trailers=tuple(sorted(row["trailers"].items())),
        )


def _branches() -> Iterator[Record]:
    for row in _lines("branches.jsonl"):
        yield Branch(
            source=GITLAB,
            id=f"{row['_project']}/{row['name']}",
            project_id=str(row["_project"]),
            name=row["name"],
            sha=row["commit"]["id"],
            committed_at=datetime(2012, 1, 1, tzinfo=UTC),
            url="",
            is_default=row["name"] == "master",
        )


def _requests() -> Iterator[Record]:
    for row in _lines("merge_requests.jsonl"):
        yield MergeRequest(
            source=GITLAB,
            id=str(row["id"]),
            project_id=str(row["project_id"]),
            reference=f"!{row['iid']}",
            title=row["title"],
            state=row["state"],
            source_branch=row["source_branch"] or "",
            target_branch=row["target_branch"] or "",
            created_at=_instant(row["created_at"]),
            updated_at=_instant(row["merged_at"]),
            merged_at=_instant(row["merged_at"]),
            url=row["web_url"],
            description=row["description"] or "",
            sha=row.get("sha"),
            merge_commit_sha=row.get("merge_commit_sha"),
            squash_commit_sha=row.get("squash_commit_sha"),
        )


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = FOLDER / "gitlab" / name
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as lines:
        yield from map(json.loads, lines)


def messages() -> dict[str, str]:
    """Commit messages by sha."""
    return {row["id"]: row["message"] for row in _lines("commits.jsonl.gz")}


def commits_of_requests() -> dict[str, set[str]]:
    """The shas that each merge request carries, by its number, as the history's own list gives them."""
    found: dict[str, set[str]] = defaultdict(set)
    for row in _lines("mr_commits.jsonl.gz"):
        found[str(row["_mr_iid"])].add(row["id"])
    return found
