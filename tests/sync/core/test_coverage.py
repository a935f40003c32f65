from __future__ import annotations

import pytest

from connectors.port import Completeness
from connectors.records import IssueLink, LinkDirection, Milestone, Version
from mappings.commitments import CommitmentKind, PathIn, ScopeRule
from mappings.links import Role
from mappings.terms import Debt
from sync.core.coverage import (
    JUDGED_STREAMS,
    blind_spots_of,
    dependence_of,
    is_touched,
    unknown_of,
    verdicts_for,
)

pytestmark = pytest.mark.pure
FORBIDDEN = Completeness.FORBIDDEN


@pytest.fixture(scope="session")
def blind(make):
    """The blind partitions on which the first commitment depends, of the given (source, stream, partition) failures."""

    def partitions(failures, records=None, **more):
        if records is None:
            records, more = _linked(make, more)
        verdicts = [make.verdict(stream, part, FORBIDDEN, source=source) for source, stream, part in failures]
        world = make.world(records, verdicts=verdicts, **more)
        return [v.scope.partition for v in blind_spots_of(world, world.commitments[0])]

    return partitions


def _linked(make, more):
    item, change = make.issue("PAY-118"), make.merge_request(412, "11")
    records = [item, change, make.project("11", "acme/pay"), make.project("12", "acme/web")]
    role = more.pop("role", Role.IMPLEMENTS)
    return records, more | {"links": (make.link(change, item, role),)}


def test_the_jira_project_of_a_member_counts_and_another_does_not(blind):
    assert blind([("jira", "issues", "PAY"), ("jira", "issues", "WEB")]) == ["PAY"]


def test_the_gitlab_project_that_holds_linked_work_counts_and_another_does_not(blind):
    assert blind([("gitlab", "merge_requests", "11"), ("gitlab", "merge_requests", "12")]) == ["11"]


def test_a_change_that_only_mentions_an_item_is_no_known_work_so_everything_counts(blind):
    failures = [("gitlab", "merge_requests", "11"), ("gitlab", "merge_requests", "12")]
    assert blind(failures, role=Role.MENTIONS) == ["11", "12"]


def test_the_whole_site_counts_where_any_project_of_it_is_used(blind):
    assert blind([("gitlab", "projects", "*"), ("jira", "issues", "*")]) == ["*", "*"]


def test_a_site_that_did_not_answer_at_all_counts(blind):
    assert blind([("gitlab", "*", "*")]) == ["*"]
    assert blind([("jira", "*", "*")]) == ["*"]
    assert blind([("gitlab_eu", "*", "*")]) == []


def test_paths_have_no_case(blind, make):
    assert blind([("gitlab", "milestones", "Acme")]) == ["Acme"]
    records = [make.issue("PAY-118"), make.project("11", "Acme/Pay"), make.project("12", "acme/web")]
    own = (make.commitment(repositories=("acme/PAY",)),)
    assert blind([("gitlab", "commits", "11"), ("gitlab", "commits", "12")], records, commitments=own) == [
        "11"
    ]


def test_another_site_of_the_same_kind_does_not_count(blind):
    assert blind([("gitlab_eu", "projects", "*"), ("gitlab_eu", "commits", "77")]) == []


def test_a_group_counts_by_path_when_it_contains_a_used_project(blind):
    failures = [
        ("gitlab", "milestones", "acme"),
        ("gitlab", "milestones", "ac"),
        ("gitlab", "milestones", "other"),
    ]
    assert blind(failures) == ["acme"]


def test_the_path_of_a_used_project_counts(blind):
    assert blind([("gitlab", "projects", "acme/pay"), ("gitlab", "projects", "acme/web")]) == ["acme/pay"]


def test_the_id_of_a_configured_group_counts_because_its_projects_are_not_known(blind, make):
    sources = make.spec().sources.model_copy(
        update={"gitlab": (make.spec().sources.gitlab[0].model_copy(update={"groups": (7,)}),)}
    )
    spec = make.spec().model_copy(update={"sources": sources})
    assert blind([("gitlab", "milestones", "7"), ("gitlab", "milestones", "8")], spec=spec) == ["7"]


def test_streams_that_no_status_rests_on_leave_the_commitment_judged(blind):
    assert blind([("jira", "worklogs", "*"), ("jira", "sprints", "*"), ("gitlab", "deployments", "11")]) == []
    assert "worklogs" not in JUDGED_STREAMS


def test_without_known_git_work_every_gitlab_scope_counts(blind, make):
    failures = [("gitlab", "commits", "12"), ("gitlab", "commits", "99"), ("jira", "issues", "WEB")]
    assert blind(failures, [make.issue("PAY-118")]) == ["12", "99"]


def test_declared_repositories_narrow_what_counts_even_without_links(blind, make):
    records = [make.issue("PAY-118"), make.project("11", "acme/pay"), make.project("12", "acme/web")]
    own = (make.commitment(repositories=("acme/pay",)),)
    assert blind([("gitlab", "commits", "11"), ("gitlab", "commits", "12")], records, commitments=own) == [
        "11"
    ]


def test_a_declared_repository_that_was_never_read_makes_every_unread_project_count(blind, make):
    records = [make.issue("PAY-118"), make.project("12", "acme/web")]
    own = (make.commitment(repositories=("acme/pay",)),)
    assert blind([("gitlab", "commits", "11"), ("gitlab", "commits", "12")], records, commitments=own) == [
        "11"
    ]


@pytest.mark.parametrize(
    "scope",
    [
        ScopeRule(gitlab_project=("12",)),
        ScopeRule(any=(ScopeRule(path=PathIn(project="acme/web", prefix="src")),)),
        ScopeRule(all=(ScopeRule(path=PathIn(project=12, prefix="src")),)),
    ],
)
def test_projects_named_in_the_scope_rule_count(blind, make, scope):
    records, more = _linked(make, {})
    own = (make.commitment(scope=scope),)
    failures = [("gitlab", "commits", "11"), ("gitlab", "commits", "12"), ("gitlab", "commits", "13")]
    assert blind(failures, records, commitments=own, **more) == ["11", "12"]


def test_a_project_that_the_scope_rule_excludes_does_not_count(blind, make):
    records, more = _linked(make, {})
    excluding = ScopeRule.model_validate({"label": "x", "not": {"gitlab_project": "12", "project": "WEB"}})
    own = (make.commitment(scope=excluding),)
    failures = [("gitlab", "commits", "12"), ("jira", "issues", "WEB")]
    assert blind(failures, records, commitments=own, **more) == []


def test_jira_projects_named_by_scope_slot_anchor_and_debt_count(blind, make):
    version = Version(source="jira", id="9", project_key="WEB", name="2.0", url="https://jira.example/v/9")
    own = (
        make.commitment(
            kind=CommitmentKind.DEBT,
            scope=ScopeRule(epic=("RISK-9",)),
            anchors=(version.ref,),
            debt=Debt(issue_key="PAY-7"),
            slot_issue_keys=(),
        ),
    )
    failures = [("jira", "issues", key) for key in ("PAY", "RISK", "WEB", "ZZZ")]
    assert blind(failures, [version], commitments=own, members={}) == ["PAY", "RISK", "WEB"]


def test_the_project_of_what_blocks_an_item_counts(blind, make):
    def item(type_):
        link = IssueLink(type=type_, direction=LinkDirection.INWARD, other_id="9", other_key="WEB-9")
        return make.issue("PAY-118", links=(link,))

    failures = [("jira", "issues", "WEB")]
    assert blind(failures, [item("Blocks")]) == ["WEB"]
    assert blind(failures, [item("Relates")]) == []


def test_the_project_of_debt_that_defers_an_item_counts(blind, make):
    debt = make.commitment(
        key="debt", kind=CommitmentKind.DEBT, debt=Debt(issue_key="WEB-9", deferred_features=("PAY-118",))
    )
    own = (make.commitment(), debt)
    assert blind([("jira", "issues", "WEB")], [make.issue("PAY-118")], commitments=own) == ["WEB"]
    assert blind([("jira", "issues", "WEB")], [make.issue("PAY-119")], commitments=own) == []


def test_without_any_known_jira_project_every_jira_scope_counts(blind, make):
    own = (make.commitment(slot_issue_keys=()),)
    assert blind([("jira", "issues", "WEB")], [], commitments=own, members={}) == ["WEB"]


def test_the_project_of_a_milestone_anchor_counts(blind, make):
    anchor = Milestone(
        source="gitlab",
        id="3",
        title="2.0",
        state="active",
        updated_at=make.NOW,
        url="https://x",
        project_id="12",
    )
    own = (make.commitment(anchors=(anchor.ref,)),)
    failures = [("gitlab", "milestones", "12"), ("gitlab", "milestones", "11")]
    assert blind(failures, [anchor, make.issue("PAY-118")], commitments=own) == ["12"]


def test_unknown_are_exactly_the_commitments_with_blind_spots(make):
    pay, web = make.issue("PAY-118"), make.issue("WEB-3")
    change = make.merge_request(412, "11")
    both = (
        make.commitment("pay", slot_issue_keys=()),
        make.commitment("web", slot_issue_keys=(), repositories=("12",)),
    )
    world = make.world(
        [pay, web, change, make.project("11", "acme/pay"), make.project("12", "acme/web")],
        members={"pay": [pay], "web": [web]},
        commitments=both,
        links=(make.link(change, pay),),
        verdicts=[make.verdict("commits", "12", FORBIDDEN), make.verdict("commits", "11")],
    )
    assert unknown_of(world) == {"web"}
    assert [v.scope.partition for v in verdicts_for(world, both[0])] == ["11"]


@pytest.mark.parametrize(
    ("source", "place", "expected"),
    [
        ("jira", "PAY", True),
        ("jira", "WEB", False),
        ("jira", "sprints of board 7", True),
        ("gitlab", "11", True),
        ("gitlab", "12", False),
        ("gitlab", "acme", True),
    ],
)
def test_a_change_touches_what_depends_on_its_place_and_in_doubt_everything(make, source, place, expected):
    records, more = _linked(make, {})
    world = make.world(records, **more)
    on = dependence_of(world, world.commitments[0])
    assert is_touched(world, on, source=source, place=place) is expected


def test_a_gitlab_project_touches_nothing_that_has_no_work_in_gitlab(make):
    world = make.world([make.issue("PAY-118"), make.project("11", "acme/pay")])
    on = dependence_of(world, world.commitments[0])
    assert not is_touched(world, on, source="gitlab", place="11")
    assert is_touched(world, on, source="gitlab", place="a group")
