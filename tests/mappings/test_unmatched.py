from __future__ import annotations

import pytest

from mappings.unmatched import unmatched

pytestmark = pytest.mark.pure


def named(scope, **more):
    return {"key": "a", "title": "T", "slot": {"issue": "PAY-1"}, "scope": scope} | more


@pytest.mark.parametrize(
    ("given", "path", "says"),
    [
        (
            {"milestones": [named({"any": [{"fix_version": ["2.0", "2.00"]}]})]},
            "milestones[0].scope.any[0].fix_version",
            'there is no version "2.00". Did you mean "2.0"?',
        ),
        (
            {"milestones": [named({"gitlab_milestone": "Q9"})]},
            "milestones[0].scope.gitlab_milestone",
            'there is no GitLab milestone "Q9".',
        ),
        (
            {"milestones": [named({"label": "x", "not": {"epic": "PAY-9"}})]},
            "milestones[0].scope.not.epic",
            'there is no issue "PAY-9", or it cannot be seen.',
        ),
        (
            {"milestones": [named({"label": "x"}, slot={"issue": ["PAY-1", "PAY-7"]})]},
            "milestones[0].slot.issue",
            'there is no issue "PAY-7", or it cannot be seen.',
        ),
        (
            {"milestones": [{"from": "jira_versions", "overrides": {"9.9": {}}}]},
            'milestones[0].overrides["9.9"]',
            'there is no version "9.9".',
        ),
        (
            {
                "milestones": [
                    {"from": "gitlab_milestones", "overrides": {"Q4": {"slot": {"issue": "PAY-8"}}}}
                ]
            },
            "milestones[0].overrides.Q4.slot.issue",
            'there is no issue "PAY-8", or it cannot be seen.',
        ),
        (
            {"milestones": [{"from": "jira_epics", "overrides": {"PAY-6": {}}}]},
            "milestones[0].overrides.PAY-6",
            'there is no issue "PAY-6", or it cannot be seen.',
        ),
        (
            {"debt": [{"label": "x"}, {"key": "d", "issue": "PAY-5"}]},
            "debt[1].issue",
            'there is no issue "PAY-5", or it cannot be seen.',
        ),
        (
            {
                "milestones": [
                    named({"path": {"project": "Acme/Pay", "prefix": "src"}}, repositories=["acme/poy"])
                ]
            },
            "milestones[0].repositories",
            'there is no GitLab project or group "acme/poy", or it cannot be seen. Did you mean "acme/pay"?',
        ),
        (
            {"milestones": [named({"path": {"project": 8, "prefix": "src"}})]},
            "milestones[0].scope.path.project",
            'there is no GitLab project or group "8", or it cannot be seen.',
        ),
        (
            {"milestones": [named({"gitlab_project": ["acme", "other/"]})]},
            "milestones[0].scope.gitlab_project",
            'there is no GitLab project or group "other", or it cannot be seen.',
        ),
        (
            {"milestones": [{"from": "gitlab_milestones", "where": {"project": ["acme/pay", "acme/api"]}}]},
            "milestones[0].where.project",
            'there is no GitLab project or group "acme/api", or it cannot be seen. Did you mean "acme/pay"?',
        ),
        (
            {"debt": [{"from": "gitlab", "label": "x", "project": "elsewhere"}]},
            "debt[0].project",
            'there is no GitLab project or group "elsewhere", or it cannot be seen.',
        ),
        (
            {"links": {"confirmed": [{"change": "acme/pay!1", "issue": "PAY-5"}]}},
            "links.confirmed[0].issue",
            'there is no issue "PAY-5", or it cannot be seen.',
        ),
        (
            {
                "links": {
                    "confirmed": [
                        {"change": "acme/pay@1a2b3c4d", "issue": "PAY-1"},
                        {"change": "acme/bay!1", "issue": "PAY-1"},
                    ]
                }
            },
            "links.confirmed[1].change",
            'there is no GitLab project or group "acme/bay", or it cannot be seen. Did you mean "acme/pay"?',
        ),
        (
            {"debt": [{"label": "x", "from": "jira", "modules": [{"project": "x/y", "prefix": "src"}]}]},
            "debt[0].modules[0].project",
            'there is no GitLab project or group "x/y", or it cannot be seen.',
        ),
    ],
)
def test_a_name_that_nothing_has_is_told_with_its_place(make, given, path, says):
    observed = make.observed(
        [
            make.issue("PAY-1"),
            make.version("1", "2.0"),
            make.milestone("2", "Q4"),
            make.project("7", "acme/pay"),
        ]
    )
    (found,) = unmatched(make.spec(**given), observed)
    assert (found.path, found.says) == (path, says)


def test_a_group_that_is_read_is_there_even_without_projects(make):
    sources = {"jira": [{"projects": ["PAY"]}], "gitlab": [{"groups": ["Acme/New"], "projects": [8]}]}
    scope = {"any": [{"gitlab_project": ["acme/new", "acme", "8"]}]}
    observed = make.observed([make.issue("PAY-1")])
    assert unmatched(make.spec(sources=sources, milestones=[named(scope)]), observed) == ()


def test_names_that_exist_are_not_told(make):
    observed = make.observed([make.issue("PAY-1"), make.version("1", " 2.0 "), make.milestone("2", "Q4")])
    scope = {"any": [{"fix_version": "2.0"}, {"gitlab_milestone": "Q4"}, {"epic": "PAY-1"}]}
    assert unmatched(make.spec(milestones=[named(scope)]), observed) == ()
