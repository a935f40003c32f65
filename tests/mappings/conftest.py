"""Builders for the tests of the mapping layer: one small record or mapping each, everything defaulted but what the test is about."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from connectors.errors import ConfigError
from connectors.records import (
    Branch,
    Commit,
    GitlabIssue,
    Issue,
    MergeRequest,
    Milestone,
    PathTouch,
    Project,
    Ref,
    Version,
)
from mappings.links import Confidence, Link, Place, Role
from mappings.load import parsed
from mappings.observed import Observed
from mappings.schema import MappingSpec

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def issue(key, **given):
    number = key.rpartition("-")[2]
    project = key.rpartition("-")[0]
    facts = {
        "source": "jira",
        "id": f"{sum(map(ord, project))}{number}",
        "key": key,
        "project_key": project,
        "title": f"Title of {key}",
        "type": "Story",
        "status": "Open",
        "status_category": "new",
        "created_at": AT,
        "updated_at": AT,
        "url": f"https://jira.example/browse/{key}",
    }
    return Issue(**facts | given)


def version(id_, name, **given):
    facts = {"source": "jira", "id": id_, "project_key": "PAY", "name": name, "url": "https://jira.example/v"}
    return Version(**facts | given)


def project(id_, path, **given):
    facts = {
        "source": "gitlab",
        "id": id_,
        "path": path,
        "name": path,
        "url": f"https://gitlab.example/{path}",
    }
    return Project(**facts | given)


def milestone(id_, title, **given):
    facts = {
        "source": "gitlab",
        "id": id_,
        "title": title,
        "state": "active",
        "updated_at": AT,
        "url": f"https://gitlab.example/groups/payments/-/milestones/{id_}",
    }
    home = {} if "project_id" in given else {"group_id": "70"}
    return Milestone(**facts | home | given)


def merge_request(id_, **given):
    facts = {
        "source": "gitlab",
        "id": id_,
        "project_id": "1",
        "reference": f"!{id_}",
        "title": "Change",
        "state": "opened",
        "source_branch": "feature",
        "target_branch": "main",
        "created_at": AT,
        "updated_at": AT,
        "url": "https://gitlab.example/mr",
    }
    return MergeRequest(**facts | given)


def gitlab_issue(id_, **given):
    facts = {
        "source": "gitlab",
        "id": id_,
        "project_id": "1",
        "reference": f"payments/core#{id_}",
        "title": "GitLab issue",
        "state": "opened",
        "created_at": AT,
        "updated_at": AT,
        "url": "https://gitlab.example/issue",
    }
    return GitlabIssue(**facts | given)


def commit(sha, *parents, **given):
    facts = {
        "source": "gitlab",
        "id": f"1/{sha}",
        "project_id": "1",
        "sha": sha,
        "title": "t",
        "message": "t",
        "author_name": "a",
        "author_email": "a@example.com",
        "authored_at": AT,
        "committed_at": AT,
        "url": "https://gitlab.example/c",
        "parent_shas": parents,
    }
    return Commit(**facts | given)


def branch(name, sha, **given):
    facts = {"source": "gitlab", "id": f"1/{name}", "project_id": "1", "name": name, "sha": sha}
    return Branch(**facts | {"committed_at": AT, "url": "https://gitlab.example/b"} | given)


def touch(sha, prefix):
    return PathTouch(source="gitlab", id=f"1/{sha}/{prefix}", project_id="1", prefix=prefix, sha=sha)


def link(change, issue_record, **given):
    facts = {
        "change": change if isinstance(change, Ref) else change.ref,
        "key": issue_record.key,
        "issue": issue_record.ref,
        "place": Place.TITLE,
        "role": Role.IMPLEMENTS,
        "confidence": Confidence.CERTAIN,
        "reason": "key in title",
    }
    return Link(**facts | given)


def spec(**given):
    """A mapping of two Jira projects and one GitLab group with two people."""
    whole = {
        "version": 1,
        "sources": {
            "jira": [{"projects": ["PAY", "RISK"], "fields": {"others": ["Customer", "Until", "Modules"]}}],
            "gitlab": [{"groups": ["payments"]}],
        },
        "people": [
            {"name": "Li Wei", "jira": "li", "gitlab": "liwei"},
            {"name": "Zhang Min", "jira": "zhang", "gitlab": "zhangmin"},
        ],
    }
    return MappingSpec.model_validate(whole | given)


HEAD = """\
version: 1
sources:
  jira: [{projects: [PAY, RISK], fields: {others: [Customer, Modules]}}]
  gitlab: [{groups: [payments]}]
people: [{name: Li Wei, jira: li, gitlab: liwei}, {name: Zhang Min, jira: zhang}]
"""
"""Five lines of a good mapping; the sixth is the test's first."""


def problems(text, *, head=HEAD, rule_codes=None):
    """The problem lines of ``text`` behind a good head; line numbers count from the text's own first line."""
    try:
        parsed(head + text, name="m", rule_codes=rule_codes)
    except ConfigError as error:
        return [_renumbered(line, head.count("\n")) for line in error.problems]
    return []


def _renumbered(line, offset):
    name, number, rest = line.split(":", 2)
    return f"{name}:{int(number) - offset}:{rest}"


@pytest.fixture(scope="session")
def make():
    """The builders above, as attributes."""
    return SimpleNamespace(
        at=AT,
        issue=issue,
        version=version,
        project=project,
        milestone=milestone,
        merge_request=merge_request,
        gitlab_issue=gitlab_issue,
        commit=commit,
        branch=branch,
        touch=touch,
        link=link,
        spec=spec,
        observed=Observed.of,
        problems=problems,
        head=HEAD,
    )
