"""Small records of one repository for the tests of links, graph and reverts. Times count minutes from one start."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from connectors.records import Branch, Commit, Issue, KeyAlias, MergeRequest, Record
from mappings.observed import Observed
from mappings.schema import MappingSpec

START = datetime(2026, 10, 1, tzinfo=UTC)
PROJECTS = frozenset({"PAY", "RISK"})


def at(minute: int) -> datetime:
    return START + timedelta(minutes=minute)


def spec(**links) -> MappingSpec:
    return MappingSpec.model_validate(
        {"version": 1, "sources": {"jira": [{"projects": sorted(PROJECTS)}]}, "links": links}
    )


def issue(key: str, **more) -> Issue:
    fields = {"id": key, "title": key, "type": "Story", "status": "Open", "status_category": "new", "url": ""}
    project = key.rpartition("-")[0]
    return Issue(
        **{"source": "jira", "key": key, "project_key": project, "created_at": START, "updated_at": START}
        | fields
        | more
    )


def commit(sha: str, parents: str = "", *, message: str = "work", minute: int = 0, **more) -> Commit:
    """``parents`` are shas with blanks between them."""
    return Commit(
        **{
            "source": "gitlab",
            "id": f"1/{sha}",
            "project_id": "1",
            "sha": sha,
            "title": message.partition("\n")[0],
            "message": message,
            "author_name": "",
            "author_email": "",
            "authored_at": at(minute),
            "committed_at": at(minute),
            "url": "",
            "parent_shas": tuple(parents.split()),
        }
        | more
    )


def branch(name: str, sha: str, **more) -> Branch:
    return Branch(
        **{
            "source": "gitlab",
            "id": f"1/{name}",
            "project_id": "1",
            "name": name,
            "sha": sha,
            "committed_at": START,
            "url": "",
            "is_default": name == "main",
        }
        | more
    )


def request(number: int, title: str = "work", *, merged: int | None = None, **more) -> MergeRequest:
    """A merge request into ``main``; merged in minute ``merged`` where that is given, else open."""
    return MergeRequest(
        **{
            "source": "gitlab",
            "id": str(100 + number),
            "project_id": "1",
            "reference": f"!{number}",
            "title": title,
            "state": "opened" if merged is None else "merged",
            "source_branch": f"topic-{number}",
            "target_branch": "main",
            "created_at": START,
            "updated_at": START,
            "merged_at": None if merged is None else at(merged),
            "url": "",
        }
        | more
    )


def observed(*records: Record, aliases: tuple[KeyAlias, ...] = ()) -> Observed:
    return Observed.of(records, aliases=aliases)
