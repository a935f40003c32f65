"""Link extraction on the history of a real project, against links that people stated on the Jira side."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pytest

from connectors.records import MergeRequest
from mappings.graph import carried_commits
from mappings.links import Link, links_of
from tests.real import alloy

pytestmark = pytest.mark.skipif(
    not alloy.FOLDER.is_dir(), reason=f"the real data is not there: {alloy.FOLDER.name} beside the checkout"
)


@pytest.fixture(scope="module")
def observed():
    return alloy.observed()


@pytest.fixture(scope="module")
def links(observed):
    return links_of(alloy.spec(), observed)


def _found(links: tuple[Link, ...], names: Mapping[str, str]) -> dict[str, set[str]]:
    """Keys of existing issues by the name of the change, for work links, which are those that a status rests on."""
    found: dict[str, set[str]] = defaultdict(set)
    for link in links:
        if link.issue and link.role.is_work and link.change.id in names:
            found[names[link.change.id]].add(link.key)
    return found


def _measured(found: Mapping[str, set[str]], truth: Mapping[str, set[str]]) -> tuple[float, float, float]:
    """Precision, recall and F1 over the changes that have at least one row of truth."""
    right = sum(len(found.get(name, set()) & keys) for name, keys in truth.items())
    said = sum(len(found.get(name, set())) for name in truth)
    precision, recall = right / said, right / sum(map(len, truth.values()))
    return precision, recall, 2 * precision * recall / (precision + recall)


def test_links_of_merge_requests_agree_with_what_people_stated(observed, links, tell):
    truth = alloy.truth("truth_mr_issue.csv", "mr_iid")
    names = {r.id: r.reference.removeprefix("!") for r in observed.all(MergeRequest)}
    precision, recall, f1 = _measured(_found(links, names), truth)
    tell(
        f"Alloy, MR-to-issue links: precision {precision:.4f}, recall {recall:.4f}, F1 {f1:.4f} ({len(truth)} MRs)"
    )
    assert f1 >= 0.93


def test_links_of_commits_reach_what_their_text_can_tell(links, tell):
    """The truth names issues that the messages do not; what a message does name must be found."""
    truth = alloy.truth("truth_commit_issue.csv", "commit")
    names = {
        link.change.id: link.change.id.partition("/")[2] for link in links if link.change.kind == "commit"
    }
    found = _found(links, names)
    right = sum(len(found.get(sha, set()) & keys) for sha, keys in truth.items())
    total = sum(map(len, truth.values()))
    tell(f"Alloy, commit-to-issue links: recall {right / total:.4f} ({right} of {total} rows)")
    messages = alloy.messages()
    named = {(sha, key) for sha, keys in truth.items() for key in keys if key in messages.get(sha, "")}
    assert named
    assert {(sha, key) for sha, key in named if key not in found.get(sha, set())} == set()


def test_the_graph_gives_every_merge_request_exactly_its_commits(observed):
    carried = carried_commits(observed)
    expected = alloy.commits_of_requests()
    assert len(expected) == 769
    for request in observed.all(MergeRequest):
        told = carried[request.source, request.id]
        assert told is not None
        assert set(told) == expected[request.reference.removeprefix("!")]
