"""From changes to candidates for the debt register."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mappings.admitted import candidates_of
from mappings.graph import carried_commits
from mappings.links import Role, links_of
from mappings.observed import Observed

pytestmark = pytest.mark.pure

DEBT = "Remove dead code"
WORK = "Add login page"


def found(make, *records, **given):
    observed = Observed.of(records)
    carried = carried_commits(observed)
    return candidates_of(observed, links_of(make.spec(), observed, carried=carried), carried=carried, **given)


def commit(make, sha, message, *parents, **given):
    return make.commit(sha, *parents, title=message.split("\n")[0], message=message, **given)


def test_a_commit_that_admits_debt_is_a_candidate_with_kind_words_and_issues(make):
    record = commit(make, "a" * 40, f"PAY-7 {DEBT}")
    (one,) = found(make, record, commit(make, "b" * 40, WORK), make.issue("PAY-7"))
    assert one.record == record
    assert one.said_in == record.ref
    assert one.admission.kind == "code"
    assert "dead code" in one.admission.because
    assert one.issue_keys == ("PAY-7",)


def test_a_merge_request_that_admits_debt_is_one_candidate_and_its_squash_commit_none(make):
    squash = commit(make, "b" * 40, DEBT, "a" * 40)
    request = make.merge_request(
        "5", title=DEBT, state="merged", merged_at=make.at, squash_commit_sha="b" * 40
    )
    (one,) = found(make, squash, commit(make, "a" * 40, WORK), request)
    assert one.record == request


def test_a_merge_request_is_a_candidate_once_for_the_commits_that_it_carries(make):
    records = (
        commit(make, "a" * 40, WORK),
        commit(make, "b" * 40, DEBT, "a" * 40),
        commit(make, "c" * 40, "Clean up unused imports", "b" * 40),
        commit(make, "d" * 40, "Merge branch 'feature'", "a" * 40, "c" * 40),
        make.branch("main", "d" * 40, is_default=True),
        make.merge_request(
            "5", title=WORK, state="merged", merged_at=make.at, sha="c" * 40, merge_commit_sha="d" * 40
        ),
    )
    (one,) = found(make, *records)
    assert one.record.kind == "merge_request"
    assert one.said_in.kind == "commit"


def test_a_commit_with_the_title_of_a_merge_request_whose_commits_are_not_known_repeats_it(make):
    request = make.merge_request("5", title=DEBT, state="merged", merged_at=make.at)
    elsewhere = commit(make, "b" * 40, DEBT, id="2/b", project_id="2")
    listed = found(make, request, commit(make, "a" * 40, DEBT), elsewhere)
    assert {c.record for c in listed} == {request, elsewhere}


def test_the_words_of_a_merge_request_include_its_description_but_not_a_bots(make):
    def request(id_, **given):
        return make.merge_request(
            id_, title=WORK, description="TODO: remove this ugly hack, unused code", **given
        )

    assert [c.record.id for c in found(make, request("5"), request("6", is_author_bot=True))] == ["5"]


def test_closed_requests_reverts_merge_commits_and_unreachable_commits_admit_nothing(make):
    records = (
        make.merge_request("5", title=DEBT, state="closed"),
        make.merge_request("6", title=f'Revert "{DEBT}"'),
        commit(make, "a" * 40, f'Revert "{DEBT}"'),
        commit(make, "b" * 40, DEBT, "1" * 40, "2" * 40),
        commit(make, "c" * 40, DEBT, is_reachable=False),
    )
    assert found(make, *records) == ()


def test_the_same_commit_in_a_fork_is_one_candidate(make):
    sha = "a" * 40
    records = (commit(make, sha, DEBT), commit(make, sha, DEBT, id=f"2/{sha}", project_id="2"))
    assert len(found(make, *records)) == 1


def test_the_likeliest_stands_first_and_among_equals_the_newest(make):
    old = commit(make, "a" * 40, DEBT, committed_at=make.at - timedelta(days=2))
    new = commit(make, "b" * 40, DEBT)
    sure = commit(
        make,
        "c" * 40,
        "Clean up: remove unused, redundant dead code",
        committed_at=make.at - timedelta(days=9),
    )
    listed = found(make, old, new, sure)
    assert [c.record.sha[0] for c in listed] == ["c", "b", "a"]
    assert (
        listed[0].admission.probability > listed[1].admission.probability == listed[2].admission.probability
    )


@pytest.mark.parametrize(("days", "count"), [(-1, 1), (0, 1), (1, 0)])
def test_only_changes_since_the_given_instant_count(make, days, count):
    assert len(found(make, commit(make, "a" * 40, DEBT), since=make.at + timedelta(days=days))) == count


def test_a_bar_that_is_given_replaces_the_learned_one(make):
    records = (commit(make, "a" * 40, DEBT), commit(make, "b" * 40, WORK))
    assert len(found(make, *records, at_least=0.0)) == 2
    assert found(make, *records, at_least=1.0) == ()


def test_an_issue_that_the_change_takes_back_is_not_one_of_its_issues(make):
    record = commit(make, "a" * 40, DEBT)
    observed = Observed.of((record, make.issue("PAY-7")))
    link = make.link(record, make.issue("PAY-7"), role=Role.REVERTS)
    (one,) = candidates_of(observed, (link,), carried=carried_commits(observed))
    assert one.issue_keys == ()
