from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.records import GitlabIssue, Issue, KeyAlias, MergeRequest
from mappings.commitments import Commitment, CommitmentKind, ScopeRule
from mappings.links import Confidence, Role
from mappings.scope import memberships_of
from mappings.terms import Debt

pytestmark = pytest.mark.pure


def milestone(rule, key="m", origin="milestones[0]"):
    scope = rule if isinstance(rule, ScopeRule) else ScopeRule.model_validate(rule)
    return Commitment(key=key, kind=CommitmentKind.MILESTONE, title="T", origin=origin, scope=scope)


def named(make, rule):
    """A mapping whose first milestone is a named one, so that rules have a place in the file."""
    return make.spec(milestones=[{"key": "m", "title": "T", "slot": {"issue": "PAY-1"}, "scope": rule}])


def member_names(make, rule, records, *, links=(), aliases=()):
    observed = make.observed(records, aliases=aliases)
    found = memberships_of(make.spec(), [milestone(rule)], observed, links)
    shown = (observed.by_ref[m.record] for m in found)
    return sorted(r.key if isinstance(r, Issue) else r.reference for r in shown)


def why(make, rule, records, *, links=()):
    (found,) = memberships_of(named(make, rule), [milestone(rule)], make.observed(records), links)
    return found.rule, found.because


def test_a_fix_version_picks_the_issues_planned_for_it(make):
    records = [make.version("1", "2.0"), make.issue("PAY-1", fix_version_ids=("1",)), make.issue("PAY-2")]
    assert member_names(make, {"fix_version": "2.0"}, records) == ["PAY-1"]


def test_a_version_name_is_compared_without_the_blanks_around_it(make):
    records = [make.version("1", " 2.0 "), make.issue("PAY-1", fix_version_ids=("1",))]
    assert member_names(make, {"fix_version": "2.0"}, records) == ["PAY-1"]


def test_a_version_name_is_compared_exactly(make):
    records = [make.version("1", "2.0.0"), make.issue("PAY-1", fix_version_ids=("1",))]
    assert member_names(make, {"fix_version": "2.0"}, records) == []


def two_versions(make):
    return [
        make.version("1", "2.0"),
        make.version("2", "2.0", project_key="RISK"),
        make.issue("PAY-1", fix_version_ids=("1",)),
        make.issue("RISK-1", fix_version_ids=("2",)),
    ]


def test_versions_of_one_name_in_two_projects_both_count(make):
    assert member_names(make, {"fix_version": "2.0"}, two_versions(make)) == ["PAY-1", "RISK-1"]


def test_a_project_beside_it_narrows_a_version_name(make):
    assert member_names(make, {"fix_version": "2.0", "project": "RISK"}, two_versions(make)) == ["RISK-1"]


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ({"label": ["a", "b"]}, {"labels": ("x", "b")}),
        ({"component": "engine"}, {"components": ("engine",)}),
        ({"type": ["Bug"]}, {"type": "Bug"}),
        ({"field": {"name": "Customer", "is": ["A", "B"]}}, {"fields": (("Customer", ("B",)),)}),
    ],
)
def test_a_fact_of_an_issue_picks_it(make, rule, facts):
    assert member_names(make, rule, [make.issue("PAY-1", **facts), make.issue("PAY-2")]) == ["PAY-1"]


def family(make):
    return [
        make.issue("PAY-1", type="Epic"),
        make.issue("PAY-2", epic_key="PAY-1"),
        make.issue("PAY-3", parent_key="PAY-1"),
        make.issue("PAY-4", parent_key="PAY-2", is_subtask=True, type="Sub-task"),
        make.issue("PAY-5", epic_key="PAY-9"),
        make.issue("PAY-6", parent_key="PAY-5", is_subtask=True),
    ]


def test_an_epic_picks_itself_its_children_and_their_sub_tasks(make):
    assert member_names(make, {"epic": "PAY-1"}, family(make)) == ["PAY-1", "PAY-2", "PAY-3", "PAY-4"]


def test_an_epic_that_was_not_read_still_picks_its_children(make):
    assert member_names(make, {"epic": "PAY-9"}, family(make)) == ["PAY-5", "PAY-6"]


def test_an_epic_is_found_by_its_former_key_and_so_are_its_children(make):
    epic = make.issue("RISK-1", type="Epic")
    alias = KeyAlias(source="jira", key="PAY-1", issue_id=epic.id)
    records = [epic, make.issue("PAY-2", epic_key="PAY-1"), make.issue("PAY-3", parent_key="RISK-1")]
    for key in ("PAY-1", "RISK-1"):
        assert member_names(make, {"epic": key}, records, aliases=[alias]) == ["PAY-2", "PAY-3", "RISK-1"]


def test_a_key_finds_a_moved_issue(make):
    moved = make.issue("RISK-1")
    alias = KeyAlias(source="jira", key="PAY-1", issue_id=moved.id)
    assert member_names(make, {"key": "PAY-1"}, [moved], aliases=[alias]) == ["RISK-1"]


def test_a_key_that_nothing_has_picks_nothing(make):
    assert member_names(make, {"key": "PAY-7"}, [make.issue("PAY-1")]) == []


def gitlab(make):
    return [
        make.project("1", "payments/core"),
        make.project("2", "platform/Engine"),
        make.milestone("5", "2.0"),
        make.merge_request("10", milestone_id="5", labels=("x",)),
        make.merge_request("11", project_id="2"),
        make.gitlab_issue("20", milestone_id="5"),
        make.issue("PAY-1", labels=("x",)),
    ]


@pytest.mark.parametrize(
    ("rule", "members"),
    [
        ({"gitlab_milestone": "2.0"}, ["!10", "payments/core#20"]),
        ({"gitlab_label": "x"}, ["!10"]),
        ({"gitlab_project": "payments/core"}, ["!10", "payments/core#20"]),
        ({"gitlab_project": "payments"}, ["!10", "payments/core#20"]),
        ({"gitlab_project": "2"}, ["!11"]),
        ({"gitlab_project": "platform/engine/"}, ["!11"]),
        ({"gitlab_project": "pay"}, []),
        ({"gitlab_milestone": "2.0", "project": "PAY"}, []),
        ({"label": "x"}, ["PAY-1"]),
    ],
)
def test_rules_speak_of_the_records_of_their_tool_only(make, rule, members):
    assert member_names(make, rule, gitlab(make)) == members


def repository(make):
    """Two merged branches: one touches ``src/rules``, the other ``src/rulesets``."""
    return [
        make.project("1", "payments/core"),
        make.branch("main", "m2", is_default=True),
        make.commit("m0"),
        make.commit("a1", "m0"),
        make.commit("a2", "a1"),
        make.commit("m1", "m0", "a2"),
        make.commit("b1", "m0"),
        make.commit("m2", "m1", "b1"),
        make.touch("a1", "src/rules/deep"),
        make.touch("b1", "src/rulesets"),
        make.merge_request("10", state="merged", sha="a2", merge_commit_sha="m1"),
        make.merge_request("11", state="merged", sha="b1", merge_commit_sha="m2"),
        make.issue("PAY-1"),
        make.issue("PAY-2"),
    ]


PATH = {"path": {"project": "payments/core", "prefix": "src/rules/"}}


def test_a_path_picks_the_merge_requests_that_carry_a_touching_commit(make):
    assert member_names(make, PATH, repository(make)) == ["!10"]


def test_a_path_picks_the_issues_whose_work_touches_it(make):
    records = repository(make)
    by_key = {r.key: r for r in records if isinstance(r, Issue)}
    links = [
        make.link(next(r for r in records if isinstance(r, MergeRequest)), by_key["PAY-1"]),
        make.link(next(r for r in records if getattr(r, "sha", "") == "b1"), by_key["PAY-2"]),
    ]
    assert member_names(make, PATH, records, links=links) == ["!10", "PAY-1"]


@pytest.mark.parametrize(
    "given", [{"role": Role.MENTIONS}, {"confidence": Confidence.WEAK}, {"role": Role.REVERTS}]
)
def test_a_mention_or_a_guess_is_no_work_on_a_path(make, given):
    records = repository(make)
    change = next(r for r in records if getattr(r, "sha", "") == "a1")
    issue = next(r for r in records if isinstance(r, Issue))
    assert member_names(make, PATH, records, links=[make.link(change, issue, **given)]) == ["!10"]


def test_the_whole_of_a_rule_must_hold(make):
    records = [make.issue("PAY-1", labels=("a",)), make.issue("PAY-2", labels=("a",), components=("c",))]
    assert member_names(make, {"label": "a", "component": "c"}, records) == ["PAY-2"]


def test_any_all_and_not_combine(make):
    records = [
        make.issue(f"PAY-{n}", labels=tuple(marks)) for n, marks in enumerate(["", "a", "ab", "b", "abc"])
    ]
    rule = {"any": [{"label": "a"}, {"label": "b"}], "not": {"label": "c"}}
    assert member_names(make, rule, records) == ["PAY-1", "PAY-2", "PAY-3"]
    rule = {"all": [{"label": "a"}, {"label": "b"}], "not": {"label": "c"}}
    assert member_names(make, rule, records) == ["PAY-2"]


def test_a_rule_that_says_nothing_picks_nothing(make):
    assert member_names(make, {}, [make.issue("PAY-1")]) == []


def test_the_reason_names_the_value_that_matched_and_the_place_in_the_file(make):
    records = [make.version("1", "2.0"), make.issue("PAY-1", fix_version_ids=("1",))]
    rule = {"any": [{"label": "x"}, {"fix_version": ["1.9", "2.0"], "project": "PAY"}]}
    assert why(make, rule, records) == ("milestones[0].scope.any[1]", "fix_version = 2.0 and project = PAY")


def test_of_two_rules_that_match_the_first_is_named(make):
    records = [make.issue("PAY-1", labels=("x", "y"))]
    assert why(make, {"any": [{"label": "y"}, {"label": "x"}]}, records) == (
        "milestones[0].scope.any[0]",
        "label = y",
    )


def test_what_stands_beside_any_is_part_of_the_reason(make):
    rule = {"project": "PAY", "any": [{"label": "y"}], "not": {"type": ["Bug", "Spike"], "label": "z"}}
    assert why(make, rule, [make.issue("PAY-1", labels=("y",))]) == (
        "milestones[0].scope",
        "project = PAY and label = y and not (label = z and type = Bug or Spike)",
    )


def test_all_parts_of_all_are_part_of_the_reason(make):
    rule = {"all": [{"label": "y"}, {"field": {"name": "Customer", "is": "A"}}]}
    record = make.issue("PAY-1", labels=("y",), fields=(("Customer", ("A",)),))
    assert why(make, rule, [record]) == ("milestones[0].scope", "label = y and Customer = A")


def test_a_path_is_named_with_its_project(make):
    assert why(make, PATH, repository(make)) == ("milestones[0].scope", "path = payments/core:src/rules/")


def test_the_rule_of_a_discovered_commitment_is_its_entry(make):
    spec = make.spec(milestones=[{"from": "jira_versions"}])
    observed = make.observed([make.issue("PAY-1", labels=("x",))])
    (found,) = memberships_of(spec, [milestone({"label": "x"})], observed)
    assert (found.rule, found.because) == ("milestones[0]", "label = x")


def debt(issue_key):
    return Commitment(
        key="d", kind=CommitmentKind.DEBT, title="T", origin="debt[0]", scope=ScopeRule(), debt=Debt(issue_key=issue_key)
    )  # fmt: skip


@pytest.mark.parametrize("key", ["PAY-1", "payments/core#20"])
def test_the_member_of_a_debt_item_is_its_issue(make, key):
    observed = make.observed([make.issue("PAY-1"), make.issue("PAY-2"), make.gitlab_issue("20")])
    (found,) = memberships_of(make.spec(), [debt(key)], observed)
    record = observed.by_ref[found.record]
    assert key == (record.reference if isinstance(record, GitlabIssue) else record.key)
    assert (found.rule, found.because) == ("debt[0]", f"issue = {key}")


def test_a_debt_item_whose_issue_was_not_read_has_no_member(make):
    assert memberships_of(make.spec(), [debt("PAY-1")], make.observed([])) == ()


def test_an_issue_may_belong_to_two_commitments(make):
    observed = make.observed([make.issue("PAY-1", labels=("x",))])
    two = [milestone({"label": "x"}, key="b"), milestone({"label": "x"}, key="a")]
    assert [m.commitment_key for m in memberships_of(make.spec(), two, observed)] == ["a", "b"]


# Laws: a small world in which every predicate matches something, and rules drawn at random over it.

LEAVES = st.one_of(
    st.builds(lambda v: {"label": v}, st.lists(st.sampled_from("abc"), min_size=1, max_size=2)),
    st.builds(lambda v: {"component": v}, st.sampled_from("xy")),
    st.builds(lambda v: {"project": v}, st.sampled_from(["PAY", "RISK"])),
    st.builds(lambda v: {"type": v}, st.sampled_from(["Bug", "Story"])),
    st.builds(lambda v: {"fix_version": v}, st.sampled_from(["1", "2"])),
    st.builds(lambda v: {"gitlab_label": v}, st.sampled_from("ab")),
    st.builds(lambda a, b: {"label": a, "component": b}, st.sampled_from("ab"), st.sampled_from("xy")),
)
RULES = st.recursive(
    LEAVES,
    lambda inner: st.one_of(
        st.builds(lambda parts: {"any": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda parts: {"all": parts}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda part: {"not": part}, inner),
        st.builds(lambda leaf, part: leaf | {"not": part}, LEAVES, inner),
        st.builds(lambda leaf, parts: leaf | {"any": parts}, LEAVES, st.lists(inner, min_size=1, max_size=2)),
    ),
    max_leaves=8,
)


def small_world(make):
    rng = random.Random(7)
    issues = [
        make.issue(
            f"{rng.choice(['PAY', 'RISK'])}-{n}",
            labels=tuple(x for x in "abc" if rng.random() < 0.4),
            components=tuple(x for x in "xy" if rng.random() < 0.4),
            type=rng.choice(["Bug", "Story"]),
            fix_version_ids=tuple(x for x in ("11", "12") if rng.random() < 0.3),
        )
        for n in range(1, 30)
    ]
    requests = [
        make.merge_request(str(n), labels=tuple(x for x in "ab" if rng.random() < 0.5)) for n in range(8)
    ]
    return [make.version("11", "1"), make.version("12", "2"), *issues, *requests]


def holds(rule, record):
    """The plain meaning of a rule, record by record: what the sets must agree with."""
    is_issue = isinstance(record, Issue)
    facts = {
        "label": record.labels if is_issue else (),
        "component": record.components if is_issue else (),
        "project": (record.project_key,) if is_issue else (),
        "type": (record.type,) if is_issue else (),
        "fix_version": tuple(i[1:] for i in record.fix_version_ids) if is_issue else (),
        "gitlab_label": () if is_issue else record.labels,
    }
    asked = {name: [v] if isinstance(v, str) else v for name, v in rule.items() if name in facts}
    own = all(set(wanted).intersection(facts[name]) for name, wanted in asked.items())
    is_any = any(holds(part, record) for part in rule["any"]) if "any" in rule else True
    is_all = all(holds(part, record) for part in rule.get("all", []))
    return own and is_any and is_all and not ("not" in rule and holds(rule["not"], record))


def picked(make, rule, records):
    found = memberships_of(make.spec(), [milestone(rule)], make.observed(records))
    return {m.record for m in found}


@settings(deadline=None, max_examples=60)
@given(rule=RULES)
def test_sets_agree_with_the_plain_meaning_of_a_rule(make, rule):
    records = small_world(make)
    subjects = [r for r in records if isinstance(r, Issue | MergeRequest)]
    assert picked(make, rule, records) == {r.ref for r in subjects if holds(rule, r)}


@settings(deadline=None, max_examples=60)
@given(rule=RULES)
def test_not_of_not_is_the_rule_itself(make, rule):
    records = small_world(make)
    assert picked(make, {"not": {"not": rule}}, records) == picked(make, rule, records)


@settings(deadline=None, max_examples=60)
@given(a=RULES, b=RULES)
def test_not_of_any_is_all_of_not(make, a, b):
    records = small_world(make)
    assert picked(make, {"not": {"any": [a, b]}}, records) == picked(
        make, {"all": [{"not": a}, {"not": b}]}, records
    )


@settings(deadline=None, max_examples=60)
@given(rule=RULES)
def test_a_rule_and_its_opposite_share_the_records_between_them(make, rule):
    records = small_world(make)
    yes, no = picked(make, rule, records), picked(make, {"not": rule}, records)
    assert not yes & no
    assert len(yes | no) == sum(isinstance(r, Issue | MergeRequest) for r in records)


@settings(deadline=None, max_examples=60)
@given(rule=RULES, seed=st.integers(0, 99))
def test_the_order_of_records_and_commitments_does_not_matter(make, rule, seed):
    records = small_world(make)
    commitments = [milestone(rule, key="a"), milestone({"label": "a"}, key="b")]
    shuffled = random.Random(seed).sample(records, len(records))
    assert memberships_of(make.spec(), commitments, make.observed(records)) == memberships_of(
        make.spec(), commitments[::-1], make.observed(shuffled)
    )


@settings(deadline=None, max_examples=60)
@given(rule=RULES)
def test_every_member_has_one_membership_with_a_reason(make, rule):
    found = memberships_of(
        named(make, {"epic": "PAY-1"}), [milestone(rule)], make.observed(small_world(make))
    )
    assert len({m.record for m in found}) == len(found)
    assert all(m.because and m.rule.startswith("milestones[0].scope") for m in found)
