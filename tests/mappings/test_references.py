from __future__ import annotations

import pytest

pytestmark = pytest.mark.pure

CODES = {"S01": frozenset(), "S07": frozenset({"business_days"})}


def named(scope, *more):
    slot = "" if "epic" in scope else ", slot: {issue: PAY-1}"
    return f"milestones:\n  - {{key: a, title: T{slot}{''.join(more)}, scope: {scope}}}\n"


def place_and_words(make, text, **given):
    (line,) = make.problems(text, **given)
    _, path, says = line.split("   ")
    return path, says


@pytest.mark.parametrize(
    ("text", "path", "says"),
    [
        (
            ("milestones:\n  - {from: jira_versions}\n  - {key: a, title: T, scope: {epic: PAY-1}}\n"
            "debt: [{key: a, issue: PAY-2}]\n"),
            "debt[0].key",
            'key "a" is already taken by milestones[1].',
        ),
        (
            named("{epic: PAY-1}", ", technical_owner: Li Wie"),
            "milestones[0].technical_owner",
            '"Li Wie" is not among the people (Li Wei, Zhang Min). Did you mean "Li Wei"?',
        ),
        (
            "milestones: [{from: jira_epics, overrides: {PAY-1: {engineering_owner: Ann}}}]\n",
            'milestones[0].overrides.PAY-1.engineering_owner',
            '"Ann" is not among the people (Li Wei, Zhang Min).',
        ),
        (
            "debt: [{label: debt, engineering_owner: zhang min}]\n",
            "debt[0].engineering_owner",
            '"zhang min" is not among the people (Li Wei, Zhang Min). Did you mean "Zhang Min"?',
        ),
        (
            'links: {confirmed: [{change: "a/b!1", issue: PAY-1}, {change: "a/b!2", issue: PYA-1}]}\n',
            "links.confirmed[1].issue",
            'project "PYA" of "PYA-1" is not among the sources (PAY, RISK). Did you mean "PAY"?',
        ),
        (
            'links: {confirmed: [{change: "a/b!1", issue: soon}]}\n',
            "links.confirmed[0].issue",
            '"soon" is not an issue key such as PAY-12.',
        ),
        (
            'links: {confirmed: [{change: "a/b#1", issue: PAY-1}]}\n',
            "links.confirmed[0].change",
            '"a/b#1" is not a merge request such as group/project!12, or a commit such as group/project@1a2b3c4d with at least 8 digits.',
        ),
        (
            "suppressions: [{rule: S01, reason: because, owner: Nobody, until: 2020-01-01}]\n",
            "suppressions[0].owner",
            '"Nobody" is not among the people (Li Wei, Zhang Min).',
        ),
        (
            named("{project: [PAY, PYA], label: x}"),
            "milestones[0].scope.project[1]",
            'no rule can match: project "PYA" is not among the sources (PAY, RISK). Did you mean "PAY"?',
        ),
        (
            named("{any: [{not: {project: WEB}, label: x}]}"),
            "milestones[0].scope.any[0].not.project",
            'no rule can match: project "WEB" is not among the sources (PAY, RISK).',
        ),
        (
            named("{key: [PAY-1, IMP-12]}"),
            "milestones[0].scope.key[1]",
            'project "IMP" of "IMP-12" is not among the sources (PAY, RISK).',
        ),
        (
            named("{epic: PAY1}"),
            "milestones[0].scope.epic",
            '"PAY1" is not an issue key such as PAY-12.',
        ),
        (
            named("{epic: pay-1}"),
            "milestones[0].scope.epic",
            '"pay-1" is not an issue key such as PAY-12.',
        ),
        (
            "milestones: [{key: a, title: T, slot: {issue: WEB-1}, scope: {label: x}}]\n",
            "milestones[0].slot.issue",
            'project "WEB" of "WEB-1" is not among the sources (PAY, RISK).',
        ),
        (
            'milestones: [{from: jira_versions, overrides: {"1.4": {slot: {issue: [PAY-1, X]}}}}]\n',
            'milestones[0].overrides["1.4"].slot.issue[1]',
            '"X" is not an issue key such as PAY-12.',
        ),
        (
            "milestones: [{from: jira_versions, where: {project: RISC}}]\n",
            "milestones[0].where.project",
            'no rule can match: project "RISC" is not among the sources (PAY, RISK). Did you mean "RISK"?',
        ),
        (
            "debt: [{project: [PAY, WEB], label: x}]\n",
            "debt[0].project[1]",
            'no rule can match: project "WEB" is not among the sources (PAY, RISK).',
        ),
        (
            "debt: [{key: a, issue: WEB-3}]\n",
            "debt[0].issue",
            'project "WEB" of "WEB-3" is not among the sources (PAY, RISK).',
        ),
        (
            named("{field: {name: Custmer, is: X}}"),
            "milestones[0].scope.field.name",
            ('custom field "Custmer" is not read: list it under sources.jira[].fields.others (Customer, Modules). '
            'Did you mean "Customer"?'),
        ),
        (
            "debt: [{label: x, fields: {accepted_until: Until}}]\n",
            "debt[0].fields.accepted_until",
            'custom field "Until" is not read: list it under sources.jira[].fields.others (Customer, Modules).',
        ),
        (
            "drift: {S10: {enabled: false}}\n",
            "drift.S10",
            '"S10" is no drift rule. Known: S01, S07.',
        ),
        (
            "drift: {S07: {thresholds: {busines_days: 3}}}\n",
            "drift.S07.thresholds.busines_days",
            'unknown threshold "busines_days" of S07. Allowed: business_days. Did you mean "business_days"?',
        ),
        (
            "drift: {S01: {thresholds: {days: 3}}}\n",
            "drift.S01.thresholds.days",
            'unknown threshold "days" of S01. Allowed: none.',
        ),
        (
            "suppressions: [{rule: S99, reason: because, owner: Li Wei, until: 2020-01-01}]\n",
            "suppressions[0].rule",
            '"S99" is no drift rule. Known: S01, S07.',
        ),
        (
            named("{epic: PAY-1}") + "suppressions: [{commitment: b, reason: because, owner: Li Wei, until: 2030-01-01}]\n",
            "suppressions[0].commitment",
            '"b" is no commitment of this file. Allowed: a.',
        ),
    ],
)  # fmt: skip
def test_a_name_without_a_meaning_is_one_exact_problem(make, text, path, says):
    assert place_and_words(make, text, rule_codes=CODES) == (path, says)


@pytest.mark.parametrize(
    ("people", "path", "says"),
    [
        ("[{name: A}, {name: a}]", "people[1].name", 'name "a" is already taken by people[0].'),
        ("[{name: A, jira: x}, {name: B, jira: X}]", "people[1].jira", 'jira account "X" is already taken by people[0].'),
        ("[{name: A, gitlab: x}, {name: B, gitlab: x}]", "people[1].gitlab", 'gitlab account "x" is already taken by people[0].'),
    ],
)  # fmt: skip
def test_two_people_never_share_a_name_or_an_account(make, people, path, says):
    head = f"version: 1\nsources: {{jira: [{{projects: [PAY]}}]}}\npeople: {people}\n"
    assert place_and_words(make, "", head=head) == (path, says)


def test_two_people_without_accounts_share_nothing(make):
    head = "version: 1\nsources: {jira: [{projects: [PAY]}]}\npeople: [{name: A}, {name: B}]\n"
    assert make.problems("", head=head) == []


def test_two_sources_never_share_a_name(make):
    head = "version: 1\nsources: {jira: [{name: one, projects: [PAY]}], gitlab: [{name: one}]}\n"
    assert place_and_words(make, "", head=head) == (
        "sources.gitlab[0].name",
        'source name "one" is already taken by sources.jira[0].',
    )


def test_a_problem_points_at_the_item_in_a_list(make):
    text = "milestones:\n  - key: a\n    title: T\n    scope:\n      epic: PAY-1\n      key:\n        - PAY-2\n        - WEB-9\n"
    assert make.problems(text)[0].startswith("m:8:11   milestones[0].scope.key[1]")


def test_an_unknown_rule_points_at_its_code(make):
    assert make.problems("drift:\n  S99: {enabled: off}\n", rule_codes=CODES)[0].startswith(
        "m:2:3   drift.S99"
    )


def test_broken_people_do_not_make_every_owner_unknown(make):
    head = "version: 1\nsources: {jira: [{projects: [PAY]}]}\npeople: [{nme: Li Wei}]\n"
    lines = make.problems(named("{epic: PAY-1}", ", technical_owner: Li Wei"), head=head)
    assert [line.split("   ")[1] for line in lines] == ["people[0].name", "people[0]"]


def test_broken_sources_do_not_make_every_project_unknown(make):
    head = "version: 1\nsources: {jira: [{projects: [pay]}]}\n"
    lines = make.problems(named("{epic: PAY-1}"), head=head)
    assert [line.split("   ")[1] for line in lines] == ["sources.jira[0].projects[0]"]


def test_a_suppression_that_has_expired_is_no_problem(make):
    assert (
        make.problems("suppressions: [{rule: S01, reason: because, owner: Li Wei, until: 2001-01-01}]\n")
        == []
    )


def test_a_suppressed_commitment_may_yet_be_discovered(make):
    text = "milestones: [{from: jira_versions}]\n"
    text += "suppressions: [{commitment: pay-2.0, reason: because, owner: Li Wei, until: 2030-01-01}]\n"
    assert make.problems(text) == []


def test_two_sources_left_unnamed_share_the_default_name(make):
    head = "version: 1\nsources:\n  jira:\n    - projects: [PAY]\n    - projects: [RISK]\n"
    assert make.problems("", head=head) == [
        'm:0:7   sources.jira[1].name   source name "jira" is already taken by sources.jira[0].'
    ]


def test_a_project_is_read_from_one_site_only(make):
    head = "version: 1\nsources: {jira: [{projects: [PAY]}, {name: other, projects: [RISK, PAY]}]}\n"
    assert place_and_words(make, "", head=head) == (
        "sources.jira[1].projects[1]",
        'project "PAY" is already taken by sources.jira[0].',
    )
