from __future__ import annotations

import random
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import KeyAlias
from mappings.code import Code
from mappings.commitments import CommitmentKind, ScopeRule
from mappings.discovery import commitments_of
from mappings.links import Role
from mappings.scope import Memberships, memberships_of
from mappings.slots import with_slots

pytestmark = pytest.mark.pure


def found(make, records, *entries, links=(), aliases=(), **more):
    observed = make.observed(records, aliases=aliases)
    mapping = make.spec(milestones=list(entries), **more)
    bare = commitments_of(mapping, observed)
    memberships = Memberships(memberships_of(mapping, bare, observed, links))
    return with_slots(bare, spec=mapping, observed=observed, memberships=memberships, code=Code(links=links))


def one(make, records, entry, **more):
    (commitment,) = found(make, records, entry, **more)
    return commitment


def named(**given):
    return {
        "key": "core",
        "title": "Core",
        "slot": {"issue": "PAY-1"},
        "scope": {"fix_version": "2.0"},
    } | given


# Named milestones


def test_a_named_milestone_is_what_the_file_says(make):
    entry = named(due="2026-12-15", technical_owner="Li Wei", repositories=["payments/core"])
    made = one(make, [], entry)
    assert (made.key, made.kind, made.title, made.origin) == (
        "core",
        CommitmentKind.MILESTONE,
        "Core",
        "milestones[0]",
    )
    assert (made.due_on, made.technical_owner, made.engineering_owner) == (date(2026, 12, 15), "Li Wei", None)
    assert (made.slot_issue_keys, made.repositories) == (("PAY-1",), ("payments/core",))
    assert (made.anchors, made.is_closed, made.debt) == ((), False, None)


def test_an_owner_whom_the_mapping_does_not_know_is_no_owner(make):
    assert one(make, [], named(technical_owner="Ann")).technical_owner is None


def test_without_a_slot_the_first_epic_that_the_scope_names_carries_the_comment(make):
    scope = {"any": [{"label": "x"}, {"epic": ["PAY-8", "PAY-9"]}], "not": {"epic": "PAY-7"}}
    assert one(make, [], {"key": "a", "title": "T", "scope": scope}).slot_issue_keys == ("PAY-8",)


def test_several_slots_are_kept_in_order(make):
    assert one(make, [], named(slot={"issue": ["PAY-5", "PAY-2"]})).slot_issue_keys == ("PAY-5", "PAY-2")


def anchors(make):
    return [
        make.version("1", "2.0", release_on=date(2026, 12, 1)),
        make.version("2", "2.0", project_key="RISK"),
        make.issue("PAY-8", type="Epic", due_on=date(2026, 12, 2)),
        make.project("1", "payments/core"),
        make.milestone("5", "2.0", due_on=date(2026, 12, 3)),
        make.milestone("6", "2.0", project_id="1"),
        make.milestone("7", "2.1"),
    ]


@pytest.mark.parametrize(
    ("scope", "ids"),
    [
        ({"fix_version": "2.0"}, ["1", "2"]),
        ({"fix_version": "2.0", "project": "RISK"}, ["2"]),
        ({"project": "RISK", "any": [{"fix_version": "2.0"}]}, ["2"]),
        ({"all": [{"fix_version": "2.0"}], "not": {"gitlab_milestone": "2.1"}}, ["1", "2"]),
        ({"gitlab_milestone": "2.0"}, ["5", "6"]),
        ({"gitlab_milestone": "2.0", "gitlab_project": "payments/core"}, ["5", "6"]),
        ({"gitlab_milestone": "2.0", "gitlab_project": "other"}, []),
        ({"any": [{"gitlab_milestone": "2.1"}, {"fix_version": "2.0", "project": "PAY"}]}, ["1", "7"]),
        ({"label": "x"}, []),
    ],
)
def test_the_anchors_of_a_named_milestone_are_what_its_scope_affirms(make, scope, ids):
    assert [ref.id for ref in one(make, anchors(make), named(scope=scope)).anchors] == ids


def test_an_epic_is_an_anchor_by_its_former_key_too(make):
    epic = make.issue("RISK-8", type="Epic")
    alias = KeyAlias(source="jira", key="PAY-8", issue_id=epic.id)
    assert one(make, [epic], named(scope={"epic": "PAY-8"}), aliases=[alias]).anchors == (epic.ref,)


@pytest.mark.parametrize(
    ("scope", "day"),
    [
        (
            {"any": [{"gitlab_milestone": "2.0"}, {"epic": "PAY-8"}, {"fix_version": "2.0"}]},
            date(2026, 12, 1),
        ),
        ({"any": [{"gitlab_milestone": "2.0"}, {"epic": "PAY-8"}]}, date(2026, 12, 2)),
        (
            {"any": [{"gitlab_milestone": "2.0"}, {"fix_version": "2.0", "project": "RISK"}]},
            date(2026, 12, 3),
        ),
        ({"label": "x"}, None),
    ],
)
def test_without_a_date_in_the_file_the_first_anchor_with_one_gives_it(make, scope, day):
    assert one(make, anchors(make), named(scope=scope)).due_on == day


@pytest.mark.parametrize(
    ("states", "is_closed"),
    [((True, True), True), ((True, False), False), ((False, False), False)],
)
def test_a_named_milestone_is_closed_once_every_anchor_is(make, states, is_closed):
    records = [make.version(str(n), "2.0", project_key=f"P{n}", is_released=s) for n, s in enumerate(states)]
    assert one(make, records, named()).is_closed is is_closed


# Versions


def test_each_open_version_is_a_milestone(make):
    records = [
        make.version("10", "2.0", project_key="IMP", release_on=date(2026, 12, 1)),
        make.version("9", "1.0", project_key="IMP", is_released=True),
        make.version("8", "0.9", project_key="IMP", is_archived=True),
    ]
    made = one(make, records, {"from": "jira_versions"})
    assert (made.key, made.title, made.due_on) == ("imp-2.0", "2.0", date(2026, 12, 1))
    assert made.scope == ScopeRule(fix_version=("2.0",), project=("IMP",))
    assert [ref.id for ref in made.anchors] == ["10"]


def test_closed_versions_are_found_where_they_are_asked_for(make):
    records = [make.version("9", "1.0", is_released=True)]
    assert one(make, records, {"from": "jira_versions", "where": {"open_only": False}}).is_closed


def test_a_filter_asks_for_project_and_name(make):
    records = [
        make.version("1", "2.0"),
        make.version("2", "Backlog"),
        make.version("3", "2.0", project_key="RISK"),
    ]
    entry = {"from": "jira_versions", "where": {"project": "PAY", "name": r"^\d"}}
    assert one(make, records, entry).key == "pay-2.0"


def test_an_override_says_better(make):
    override = {
        "title": "Payment core 2.0",
        "due": "2026-12-24",
        "technical_owner": "Zhang Min",
        "slot": {"issue": "PAY-3"},
    }
    entry = {
        "from": "jira_versions",
        "technical_owner": "Li Wei",
        "engineering_owner": "Li Wei",
        "overrides": {"2.0": override},
    }
    made = one(make, [make.version("1", "2.0", release_on=date(2026, 1, 1))], entry)
    assert (made.title, made.due_on, made.slot_issue_keys) == (
        "Payment core 2.0",
        date(2026, 12, 24),
        ("PAY-3",),
    )
    assert (made.technical_owner, made.engineering_owner) == ("Zhang Min", "Li Wei")


def test_the_lowest_numbered_epic_inside_carries_the_comment(make):
    records = [
        make.version("1", "2.0"),
        make.issue("PAY-2", fix_version_ids=("1",)),
        make.issue("PAY-10", type="Epic", fix_version_ids=("1",)),
        make.issue("PAY-9", type="史诗", fix_version_ids=("1",)),
    ]
    assert one(make, records, {"from": "jira_versions"}).slot_issue_keys == ("PAY-9",)


def test_without_an_epic_the_lowest_numbered_issue_carries_the_comment(make):
    records = [
        make.version("1", "2.0"),
        *(make.issue(f"PAY-{n}", fix_version_ids=("1",)) for n in (10, 9, 100)),
    ]
    assert one(make, records, {"from": "jira_versions"}).slot_issue_keys == ("PAY-9",)


def test_a_version_without_issues_has_no_slot(make):
    assert one(make, [make.version("1", "2.0")], {"from": "jira_versions"}).slot_issue_keys == ()


# Epics


def test_each_open_epic_is_a_milestone_owned_by_its_assignee(make):
    records = [
        make.issue("PAY-8", type="Epic", title="Core", assignee_id="zhang", due_on=date(2026, 12, 2)),
        make.issue("PAY-9", type="Epic", status_category="done"),
        make.issue("PAY-10"),
    ]
    made = one(make, records, {"from": "jira_epics", "owners_from": "assignee", "technical_owner": "Li Wei"})
    assert (made.key, made.title, made.slot_issue_keys) == ("pay-8", "Core", ("PAY-8",))
    assert (made.technical_owner, made.engineering_owner) == ("Li Wei", "Zhang Min")
    assert (made.scope, made.due_on) == (ScopeRule(epic=("PAY-8",)), date(2026, 12, 2))


def test_an_assignee_is_no_owner_unless_the_form_says_so(make):
    records = [make.issue("PAY-8", type="Epic", assignee_id="zhang")]
    assert one(make, records, {"from": "jira_epics"}).engineering_owner is None


def test_an_unknown_assignee_is_no_owner(make):
    records = [make.issue("PAY-8", type="Epic", assignee_id="ann")]
    assert one(make, records, {"from": "jira_epics", "owners_from": "assignee"}).engineering_owner is None


def test_an_owner_in_the_file_wins_over_the_assignee(make):
    records = [make.issue("PAY-8", type="Epic", assignee_id="zhang")]
    entry = {"from": "jira_epics", "owners_from": "assignee", "engineering_owner": "Li Wei"}
    assert one(make, records, entry).engineering_owner == "Li Wei"


def test_epics_are_filtered_by_label_and_project_and_overridden_by_key(make):
    records = [
        make.issue("PAY-8", type="Epic", labels=("milestone",)),
        make.issue("PAY-9", type="Epic"),
        make.issue("RISK-1", type="Epic", labels=("milestone",)),
    ]
    where = {"project": "PAY", "label": "milestone"}
    made = one(make, records, {"from": "jira_epics", "where": where, "overrides": {"PAY-8": {"title": "X"}}})
    assert (made.key, made.title) == ("pay-8", "X")


# GitLab milestones


def test_milestones_of_one_title_are_one_commitment(make):
    records = [
        make.project("1", "payments/core"),
        make.milestone("7", "2.0", due_on=date(2026, 12, 3)),
        make.milestone("6", "2.0", project_id="1", state="closed"),
    ]
    made = one(make, records, {"from": "gitlab_milestones"})
    assert (made.key, made.title, made.is_closed) == ("2.0", "2.0", False)
    assert [ref.id for ref in made.anchors] == ["6", "7"]
    assert (made.due_on, made.scope) == (date(2026, 12, 3), ScopeRule(gitlab_milestone=("2.0",)))


def test_a_milestone_that_is_closed_everywhere_is_not_found(make):
    records = [make.milestone("7", "2.0", state="closed")]
    assert found(make, records, {"from": "gitlab_milestones"}) == ()


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [("payments", ["5", "7"]), ("payments/core", ["5", "7"]), ("other", ["6"]), ("70", ["7"]), ("2", ["6"])],
)
def test_gitlab_milestones_are_filtered_by_project_or_group(make, wanted, ids):
    records = [
        make.project("1", "payments/core"),
        make.project("2", "other/app"),
        make.milestone("5", "2.0", project_id="1"),
        make.milestone("6", "2.0", project_id="2"),
        make.milestone("7", "2.0", url="https://gitlab.example/groups/payments/-/milestones/7"),
    ]
    made = one(make, records, {"from": "gitlab_milestones", "where": {"project": wanted}})
    assert [ref.id for ref in made.anchors] == ids
    assert made.scope.gitlab_project == (() if wanted.isdigit() else (wanted,))


def test_a_gitlab_milestone_finds_its_slot_through_the_work_of_its_merge_requests(make):
    request = make.merge_request("10", milestone_id="7")
    issues = [make.issue("PAY-4"), make.issue("PAY-3"), make.issue("PAY-2")]
    links = [
        make.link(request, issues[0]),
        make.link(request, issues[1]),
        make.link(request, issues[2], role=Role.MENTIONS),
    ]
    records = [make.milestone("7", "2.0"), request, *issues]
    assert one(make, records, {"from": "gitlab_milestones"}, links=links).slot_issue_keys == ("PAY-3",)
    assert one(make, records, {"from": "gitlab_milestones"}).slot_issue_keys == ()


# Keys


def test_keys_are_unique_and_named_ones_never_change(make):
    records = [make.version("1", "2.0"), make.version("2", "2,0"), make.version("3", "2-0")]
    keys = [c.key for c in found(make, records, {"from": "jira_versions"}, named(key="pay-2.0"))]
    assert keys == ["pay-2.0-1", "pay-2-0", "pay-2-0-3", "pay-2.0"]


def test_two_forms_that_find_the_same_record_make_two_commitments_with_their_own_keys(make):
    records = [make.version("1", "2.0")]
    keys = [c.key for c in found(make, records, {"from": "jira_versions"}, {"from": "jira_versions"})]
    assert keys == ["pay-2.0", "pay-2.0-1"]


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 999))
def test_the_order_of_records_does_not_matter(make, seed):
    records = [
        *(make.version(str(n), f"2.{n % 4}", project_key=f"P{n % 3}") for n in range(20)),
        *(
            make.issue(f"PAY-{n}", type="Epic", fix_version_ids=(str(n),), labels=("debt",))
            for n in range(20)
        ),
        *(make.milestone(str(n), f"M{n % 3}") for n in range(6)),
    ]
    shuffled = random.Random(seed).sample(records, len(records))
    entries = [{"from": kind} for kind in ("jira_versions", "jira_epics", "gitlab_milestones")]
    debt = [{"label": "debt"}]
    made = found(make, records, *entries, debt=debt)
    assert made == found(make, shuffled, *entries, debt=debt)
    assert len({c.key for c in made}) == len(made)
