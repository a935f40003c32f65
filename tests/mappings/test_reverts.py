from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import Project
from mappings.graph import carried_commits
from mappings.observed import Observed
from mappings.reverts import reverts_of
from tests.mappings.link_builders import START, at, branch, commit, observed, request

pytestmark = pytest.mark.pure

SHA = {name: name * 10 for name in ("a1b2", "c3d4", "e5f6", "0a0b", "1c1d", "2e2f", "3a3b")}
BASE, ONE, TWO, MERGE, BACK, AGAIN, LAST = SHA.values()


def reverts(*records) -> list[tuple[str, str, bool]]:
    view = observed(*records)
    return [(r.of.id, r.by.id, r.is_partial) for r in reverts_of(view, carried_commits(view))]


FIRST = (
    commit(BASE),
    commit(ONE, BASE, minute=1),
    commit(TWO, ONE, minute=2),
    commit(MERGE, f"{BASE} {TWO}", minute=3, message="Merge branch 'x' into 'main'"),
    request(1, "first", merged=3, sha=TWO, merge_commit_sha=MERGE),
)


@pytest.mark.parametrize("named", [MERGE, MERGE[:8], MERGE.upper()])
def test_a_commit_that_reverts_the_merge_commit_takes_the_request_back(named):
    back = commit(
        BACK, MERGE, minute=5, message=f'Revert "x"\n\nThis reverts commit {named}, reversing\nchanges'
    )
    assert reverts(*FIRST, back, branch("main", BACK)) == [("101", f"1/{BACK}", False)]


def test_a_prefix_of_seven_digits_and_an_unknown_sha_name_nothing():
    for named in (MERGE[:7], "f" * 40):
        back = commit(BACK, MERGE, minute=5, message=f"x\n\nThis reverts commit {named}.")
        assert reverts(*FIRST, back, branch("main", BACK)) == []


def test_a_revert_outside_the_default_branch_does_not_count():
    back = commit(BACK, MERGE, minute=5, message=f"x\n\nThis reverts commit {MERGE}.")
    assert reverts(*FIRST, back, branch("main", MERGE), branch("other", BACK)) == []


def test_one_of_two_carried_commits_is_partial_and_both_are_all():
    some = commit(BACK, MERGE, minute=5, message=f"x\n\nThis reverts commit {ONE}.")
    rest = commit(AGAIN, BACK, minute=6, message=f"x\n\nThis reverts commit {TWO}.")
    assert reverts(*FIRST, some, branch("main", BACK)) == [("101", f"1/{BACK}", True)]
    assert reverts(*FIRST, some, rest, branch("main", AGAIN)) == [("101", f"1/{AGAIN}", False)]


@pytest.mark.parametrize(
    ("title", "description"),
    [
        ('Revert "first"', ""),
        ('Draft: Revert "first"', ""),
        ("back", "This reverts merge request !1"),
        ("back", "This reverts merge request group/pay!1"),
        ("back", f"This reverts commit {MERGE}"),
    ],
)
def test_a_merged_request_takes_back_what_its_text_names(title, description):
    project = Project(source="gitlab", id="1", path="Group/pay", name="pay", url="")
    back = request(2, title, merged=5, description=description)
    assert reverts(*FIRST, branch("main", MERGE), project, back) == [("101", "102", False)]


@pytest.mark.parametrize(
    "back",
    [
        request(2, 'Revert "first"'),
        request(2, 'Revert "First"', merged=5),
        request(2, 'Revert "first"', merged=2),
        request(2, "back", merged=5, description="This reverts merge request other/repo!1"),
        request(2, 'Revert "first"', merged=5, project_id="2"),
    ],
)
def test_what_is_open_other_earlier_or_elsewhere_takes_nothing_back(back):
    assert reverts(*FIRST, branch("main", MERGE), back) == []


def test_the_newest_request_of_that_title_is_meant():
    again = request(3, "first", merged=4)
    assert reverts(*FIRST, again, request(2, 'Revert "first"', merged=5)) == [("103", "102", False)]


@pytest.mark.parametrize("title", ['Revert "Revert "first""', 'Reapply "first"'])
def test_a_revert_of_the_revert_leaves_the_first_standing(title):
    records = (*FIRST, request(2, 'Revert "first"', merged=5), request(3, title, merged=6))
    assert reverts(*records) == [("102", "103", False)]
    third = request(4, f'Revert "{title}"', merged=7)
    assert ("101", "102", False) in reverts(*records, third)


def test_a_reverting_commit_acts_as_the_request_that_carries_it():
    records = (
        *FIRST,
        commit(BACK, MERGE, minute=4, message=f"x\n\nThis reverts commit {MERGE}."),
        commit(AGAIN, f"{MERGE} {BACK}", minute=5, message="land"),
        branch("main", AGAIN),
        request(2, "take it back", merged=5, sha=BACK, merge_commit_sha=AGAIN),
    )
    assert reverts(*records) == [("101", "102", False)]


def test_a_lone_commit_on_the_default_branch_can_be_taken_back():
    back = commit(BACK, BASE, minute=5, message=f"x\n\nThis reverts commits {BASE} and {ONE}.")
    assert reverts(commit(BASE), back, branch("main", BACK)) == [(f"1/{BASE}", f"1/{BACK}", False)]


def test_the_instant_is_that_of_the_merge_or_commit():
    view = observed(*FIRST, request(2, 'Revert "first"', merged=9))
    assert [r.at for r in reverts_of(view, carried_commits(view))] == [at(9)]
    assert at(0) == START


MANY = (
    *FIRST,
    commit(BACK, MERGE, minute=5, message=f"x\n\nThis reverts commit {ONE}."),
    commit(LAST, BACK, minute=6, message=f'Revert "x"\n\nThis reverts commit {BACK}.'),
    branch("main", LAST),
    request(2, 'Revert "first"', merged=7),
    request(3, 'Reapply "first"', merged=8),
)


@settings(max_examples=40)
@given(st.permutations(MANY))
def test_the_order_of_records_does_not_matter(shuffled):
    view, plain = Observed.of(shuffled), Observed.of(MANY)
    assert reverts_of(view, carried_commits(view)) == reverts_of(plain, carried_commits(plain))
