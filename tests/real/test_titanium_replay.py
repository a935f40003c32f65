"""A whole Jira archive, served and pulled over HTTP as Data Center and as Cloud: nothing lost, nothing twice, nothing changed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.records import Issue, Version
from connectors.sandbox.replay import sandbox_of
from tests.real.pulled import NOW, pulled

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "titanium_jira"
PROJECTS = ("ALOY", "MOD", "DAEMON")

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(),
    reason="the Jira archive (../shared/data/titanium_jira beside the checkout) is absent",
)


@pytest.fixture(scope="module")
def archived():
    """What the payloads say: (key, status, category, names of the fix versions) by id."""
    with (FOLDER / "jira" / "issues.jsonl").open(encoding="utf-8") as lines:
        issues = [json.loads(line) for line in lines]
    return {str(i["id"]): _facts(i["key"], i["fields"]) for i in issues}


def _facts(key, fields):
    versions = frozenset(v["name"] for v in fields.get("fixVersions") or ())
    return key, fields["status"]["name"], fields["status"]["statusCategory"]["key"], versions


@pytest.mark.parametrize("flavour", ["datacenter", "cloud"])
def test_every_issue_of_the_archive_arrives_once_and_as_it_was(tmp_path, tell, archived, flavour):
    sandbox = sandbox_of(FOLDER, clock=lambda: NOW)
    sandbox.jira.flavour = flavour
    found = pulled(sandbox, tmp_path, {"jira": {"projects": PROJECTS}})
    versions = found.all(Version)
    issues = found.observed.all(Issue)
    tell(
        f"Titanium archive as {flavour}: {len(issues)} issues and {len(versions)} versions in {found.seconds:.1f} s, {found.requests} requests"
    )
    assert [verdict for verdict in found.verdicts if not verdict.is_complete] == []
    assert found.skipped == ()
    assert len(issues) == len(archived) == 2183
    assert sum(page.kinds.count("issue") for page in found.landed) == 2183
    ours = {
        i.id: (i.key, i.status, i.status_category, frozenset(versions[v].name for v in i.fix_version_ids))
        for i in issues
    }
    assert ours == archived
