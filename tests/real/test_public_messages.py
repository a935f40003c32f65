"""Keys in the commit messages of some forty public projects: none is overlooked, and nearly all are read as what the commit works on."""

from __future__ import annotations

import csv
import gzip
import re
from collections import Counter

import pytest

from mappings.links import links_of
from mappings.observed import Observed
from mappings.schema import MappingSpec
from tests.mappings.link_builders import commit, issue
from tests.real import alloy

TABLE = alloy.FOLDER.parent / "satd" / "commit_messages.csv.gz"
KEY = re.compile(r"(?<![A-Za-z0-9])([A-Z][A-Z0-9]+)-([1-9][0-9]*)(?![0-9])(?!\.[0-9xX])")
ANY_CASE = re.compile(r"(?<![A-Za-z0-9])([A-Za-z][A-Za-z0-9]+)-([1-9][0-9]*)(?![0-9])")
NO_PROJECTS = frozenset({"UTF", "SHA", "ISO", "RFC", "CVE", "JSR", "MD", "JDK", "TLS", "AES", "PR"})

pytestmark = pytest.mark.skipif(
    not TABLE.is_file(), reason="the real data is not there: satd in ../shared/data beside the checkout"
)


@pytest.fixture(scope="module")
def messages():
    with gzip.open(TABLE, "rt", encoding="utf-8", newline="") as rows:
        return {row["sha"]: row["text"] for row in csv.DictReader(rows)}


@pytest.fixture(scope="module")
def projects(messages):
    """Project keys that stand in at least three messages."""
    named = Counter(project for text in messages.values() for project, _ in KEY.findall(text))
    return frozenset(project for project, count in named.items() if count > 2) - NO_PROJECTS


@pytest.fixture(scope="module")
def roles(messages, projects):
    """Roles by (sha, key). Every issue that a message may name in any spelling exists, so that existence alone corrects nothing."""
    spec = MappingSpec.model_validate({"version": 1, "sources": {"jira": [{"projects": sorted(projects)}]}})
    named = {(p.upper(), n) for text in messages.values() for p, n in ANY_CASE.findall(text)}
    issues = (issue(f"{project}-{number}") for project, number in sorted(named) if project in projects)
    commits = (commit(sha, message=text) for sha, text in messages.items())
    found: dict[tuple[str, str], set[str]] = {}
    for link in links_of(spec, Observed.of((*issues, *commits))):
        found.setdefault((link.change.id.partition("/")[2], link.key), set()).add(link.role)
    return found


def test_no_key_in_a_message_is_overlooked_but_for_what_a_merge_quotes(messages, projects, roles, tell):
    named = {
        (sha, f"{project}-{number}")
        for sha, text in messages.items()
        for project, number in KEY.findall(text)
        if project in projects
    }
    own = {(sha, key) for sha, key in named if not messages[sha].startswith("Merge")}
    work = {at for at in own if roles.get(at, set()) & {"implements", "closes", "reverts"}}
    tell(
        f"Public commit messages: {len(named & roles.keys())} of {len(named)} written keys found in {len(projects)} projects, "
        f"{len(work)} of {len(own)} outside merges read as work or its revert"
    )
    assert len(named) > 700
    assert own - roles.keys() == set()
    assert len(work) / len(own) >= 0.98


def test_what_is_found_stands_in_the_message_in_some_spelling(messages, roles):
    for sha, key in roles:
        written = {f"{project.upper()}-{number}" for project, number in ANY_CASE.findall(messages[sha])}
        assert key in written, messages[sha]
