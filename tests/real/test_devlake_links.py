"""Links from merge requests to issues, on what DevLake's recordings and its case of linked pull requests allow.

DevLake ties a pull request to an issue by ``#N``, the number of an issue in the same repository. Tandem ties changes to Jira issues, and a bare number
is no Jira key: without a project it names an issue of the code host, or nothing. So the pattern is not Tandem's, by choice; the places that it
looks in are, which shows once each ``#N`` is written as a key.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from connectors.records import Issue, MergeRequest
from mappings.links import links_of
from mappings.observed import Observed
from mappings.schema import MappingSpec
from tests.real import devlake
from tests.real.columns import pairs
from tests.real.compared import compared
from tests.real.devlake import last, table

pytestmark = devlake.NEEDED

CASE = "linker/snapshot_tables"
AT = datetime(2024, 4, 12, 5, 31, 43, tzinfo=UTC)
SPEC = MappingSpec.model_validate({"version": 1, "sources": {"jira": [{"projects": ["LAKE"]}]}})


def _issue(row):
    return Issue(
        source="jira",
        id=last(row["id"]),
        key=f"LAKE-{row['issue_key']}",
        project_key="LAKE",
        title=row["title"],
        type="Task",
        status="Open",
        status_category="new",
        created_at=AT,
        updated_at=AT,
        url="",
    )


def _request(row):
    return MergeRequest(
        source="gitlab",
        id=last(row["id"]),
        project_id="1",
        reference=f"!{row['pull_request_key']}",
        title=row["title"],
        description=row["description"],
        state=row["original_status"],
        source_branch=row["head_ref"],
        target_branch=row["base_ref"],
        created_at=AT,
        updated_at=AT,
        url="",
    )


def _as_keys(request):
    """The same merge request with every ``#N`` written as the Jira key ``LAKE-N``."""
    written = {
        "title": re.sub(r"#(\d+)", r"LAKE-\1", request.title),
        "description": re.sub(r"#(\d+)", r"LAKE-\1", request.description),
        "source_branch": re.sub(r"#(\d+)", r"/LAKE-\1", request.source_branch),
    }
    return replace(request, **written)


@pytest.fixture(scope="module")
def case():
    """(issues, merge requests) of the case, each issue once."""
    issues = {last(row["id"]): _issue(row) for row in table(f"{CASE}/issues", "cases")}
    return tuple(issues.values()), tuple(_request(row) for row in table(f"{CASE}/pull_requests", "cases"))


def test_a_bare_number_is_no_key(case):
    issues, requests = case
    assert any("#" in request.title for request in requests)
    assert links_of(SPEC, Observed.of([*issues, *requests])) == ()


def test_numbers_written_as_keys_give_exactly_the_expected_links(case, agree):
    issues, requests = case
    observed = Observed.of([*issues, *map(_as_keys, requests)])
    ours = pairs((link.change.id, link.issue.id) for link in links_of(SPEC, observed) if link.issue)
    rows = table(f"{CASE}/pull_request_issues", "cases")
    theirs = pairs((last(row["pull_request_id"]), last(row["issue_id"])) for row in rows)
    agree(compared("DevLake links of pull requests, #N as a key", ours, theirs))


def test_recorded_merge_requests_name_issues_of_gitlab_only(recorded):
    """Their ``Closes #4`` and branches like ``4-config-..`` mean GitLab's own issues; none may be taken for one of the recorded Jira projects."""
    spec = MappingSpec.model_validate({"version": 1, "sources": {"jira": [{"projects": ["EE", "K5"]}]}})
    requests = recorded.observed.all(MergeRequest)
    assert any("Closes #" in request.description for request in requests)
    assert links_of(spec, recorded.observed) == ()
