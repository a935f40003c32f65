from __future__ import annotations

import pytest

from mappings.commitments import PathIn
from mappings.touched import Touches, is_below

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("prefix", "watched", "answer"),
    [
        ("src/rules", "src/rules", True),
        ("src/rules/deep", "src/rules/", True),
        ("src/rulesets", "src/rules", False),
        ("src", "src/rules", False),
        ("anything", "", True),
    ],
)
def test_a_path_lies_below_another_by_whole_names(prefix, watched, answer):
    assert is_below(prefix, watched) is answer


def changes(make, records, **path):
    return sorted(str(ref) for ref in Touches(make.observed(records)).changes_below(PathIn(**path)))


def test_a_touching_commit_is_found_by_path_or_id_of_its_project(make):
    records = [make.project("1", "payments/Core"), make.touch("a", "src")]
    assert changes(make, records, project="payments/core", prefix="src") == ["gitlab:commit:1/a"]
    assert changes(make, records, project=1, prefix="src") == ["gitlab:commit:1/a"]
    assert changes(make, records, project="payments", prefix="src") == []


def test_a_fast_forwarded_merge_request_is_found_by_its_head(make):
    records = [
        make.project("1", "payments/core"),
        make.touch("a", "src"),
        make.merge_request("10", state="merged", sha="a"),
    ]
    assert "gitlab:merge_request:10" in changes(make, records, project=1, prefix="src")


def test_nothing_touched_means_nothing_found(make):
    records = [make.project("1", "payments/core"), make.merge_request("10", sha="a")]
    assert changes(make, records, project=1, prefix="src") == []
