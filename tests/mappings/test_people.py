from __future__ import annotations

import pytest

from mappings.people import (
    People,
    assignee_of,
    is_same_person,
    person_by_gitlab,
    person_by_jira,
    unmapped,
)

pytestmark = pytest.mark.pure


def test_a_person_is_found_by_either_account_whatever_the_case(make):
    spec = make.spec()
    assert person_by_jira(spec, "LI").name == "Li Wei"
    assert person_by_gitlab(spec, "@LiWei").name == "Li Wei"


@pytest.mark.parametrize("account", [None, "", "nobody", "liwei"])
def test_an_account_that_the_mapping_does_not_name_is_nobody(make, account):
    assert person_by_jira(make.spec(), account) is None


def test_a_person_without_an_account_is_not_everybody(make):
    spec = make.spec(people=[{"name": "Li Wei"}])
    assert person_by_jira(spec, None) is None
    assert person_by_gitlab(spec, "") is None


def test_two_accounts_are_one_person_only_if_the_mapping_says_so(make):
    spec = make.spec()
    assert is_same_person(spec, jira="li", gitlab="liwei")
    assert not is_same_person(spec, jira="li", gitlab="zhangmin")
    assert not is_same_person(spec, jira="ann", gitlab="ann")
    assert not is_same_person(spec, jira=None, gitlab=None)


def test_a_known_name_is_kept_and_an_unknown_one_dropped(make):
    people = People.of(make.spec())
    assert people.known("Li Wei") == "Li Wei"
    assert people.known("Ann") is None
    assert people.known(None) is None


def test_the_assignee_of_a_gitlab_issue_is_the_first_known_one(make):
    people = People.of(make.spec())
    assert assignee_of(people, make.gitlab_issue("1", assignee_ids=("x", "zhangmin"))).name == "Zhang Min"
    assert assignee_of(people, make.gitlab_issue("1")) is None


def test_unknown_accounts_are_reported_with_how_often_they_are_seen(make):
    observed = make.observed(
        [
            make.issue("PAY-1", assignee_id="ann", assignee_name="Ann"),
            make.issue("PAY-2", assignee_id="ann", assignee_name="Ann"),
            make.issue("PAY-3", assignee_id="li"),
            make.merge_request("1", author_id="bob", author_name="Li Wei"),
        ]
    )
    found = unmapped(make.spec(), observed)
    assert [(u.tool, u.account, u.name, u.seen) for u in found] == [
        ("gitlab", "bob", "Li Wei", 1),
        ("jira", "ann", "Ann", 2),
    ]


def test_bots_inactive_accounts_and_known_user_names_are_not_reported(make):
    observed = make.observed(
        [
            make.issue("PAY-1", assignee_id="gone", is_assignee_active=False),
            make.merge_request("1", author_id="7", author_name="bot", is_author_bot=True),
            make.merge_request("2", author_id="renovate", author_name="renovate"),
            make.merge_request("3", author_id="zhangmin", author_name="Min"),
        ]
    )
    assert unmapped(make.spec(vocabulary={"bots": ["renovate"]}), observed) == ()
