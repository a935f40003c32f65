from __future__ import annotations

import pytest

pytestmark = pytest.mark.pure

SLOT = "slot: {issue: PAY-1}, "


def named(scope, slot=SLOT):
    return f"milestones:\n  - {{key: a, title: T, {slot}scope: {scope}}}\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (named("{}"), "m:2:53   milestones[0].scope   is an empty rule: name a fix_version, an epic, a label or another key."),
        (named("{any: [{epic: PAY-1}, {}]}"), "m:2:75   milestones[0].scope.any[1]   is an empty rule: name a fix_version, an epic, a label or another key."),
        (named("{fix_version: []}"), "m:2:67   milestones[0].scope.fix_version   is an empty list: nothing can match."),
        (named("{label: x, any: []}"), "m:2:69   milestones[0].scope.any   is an empty list: nothing can match."),
        (named("{not: {label: x}}"), "m:2:46   milestones[0].scope   only leaves records out: put a fix_version, an epic, a label or another key beside the not."),
        (named("{any: [{label: y}, {not: {label: x}}]}"), "m:2:46   milestones[0].scope   only leaves records out: put a fix_version, an epic, a label or another key beside the not."),
        (named("{label: x}", slot=""), 'm:2:5   milestones[0]   has no place for its comment: add "slot: {issue: KEY-1}", or an epic to its scope.'),
        (named("{label: x, not: {epic: PAY-1}}", slot=""), 'm:2:5   milestones[0]   has no place for its comment: add "slot: {issue: KEY-1}", or an epic to its scope.'),
        (named("{label: x}", slot="slot: {}, "), "m:2:24   milestones[0].slot   names no issue: write {issue: KEY-1}."),
        ("milestones: [{from: jira_versions, where: {label: x}}]\n", "m:1:44   milestones[0].where.label   nothing can match: only epics have labels, so it needs from: jira_epics."),
        ("milestones: [{from: jira_versions, owners_from: assignee}]\n", "m:1:49   milestones[0].owners_from   only epics have an assignee, so it needs from: jira_epics."),
        ("debt: [{from: jira}]\n", "m:1:8   debt[0]   names no mark of debt: give a label, a type, a component or a project."),
        ("debt: [{from: gitlab, label: x, type: Bug}]\n", "m:1:33   debt[0].type   GitLab issues have none; use a label."),
        ("debt: [{from: gitlab, label: x, fields: {reason: Customer}}]\n", "m:1:33   debt[0].fields   GitLab issues have no custom fields."),
        ("suppressions: [{reason: because, owner: Li Wei, until: 2030-01-01}]\n", "m:1:16   suppressions[0]   would silence everything: name a rule, a commitment, a record or a path."),
        ("calendar: {holidays: [2026-10-01, 2026-10-02], workdays: [2026-10-10, 2026-10-02]}\n", "m:1:71   calendar.workdays[1]   2026-10-02 is both a holiday and a workday."),
        ("write: {visibility: {role: a, group: b}}\n", "m:1:9   write.visibility   give either a role or a group."),
        ("write: {visibility: {}}\n", "m:1:9   write.visibility   give either a role or a group."),
    ],
)  # fmt: skip
def test_what_makes_no_sense_together_is_one_exact_line(make, text, line):
    assert make.problems(text) == [line]


@pytest.mark.parametrize(
    "scope", ["{gitlab_milestone: x}", "{path: {project: 3, prefix: a}}", "{gitlab_label: x}"]
)
def test_gitlab_rules_without_a_gitlab_source_match_nothing(make, scope):
    head = "version: 1\nsources: {jira: [{projects: [PAY]}]}\n"
    (line,) = make.problems(named(scope), head=head)
    assert line.endswith("nothing can match: there is no source under sources.gitlab.")


@pytest.mark.parametrize(
    "text", ["milestones: [{from: gitlab_milestones}]\n", "debt: [{from: gitlab, label: x}]\n"]
)
def test_gitlab_discovery_without_a_gitlab_source_finds_nothing(make, text):
    head = "version: 1\nsources: {jira: [{projects: [PAY]}]}\n"
    (line,) = make.problems(text, head=head)
    assert line.endswith("nothing can match: there is no source under sources.gitlab.")


@pytest.mark.parametrize(
    "scope",
    [
        "{label: x, not: {label: y}}",
        "{not: {not: {label: x}}}",
        "{all: [{label: x}, {not: {label: y}}]}",
        "{any: [{label: x}, {label: y, not: {component: z}}]}",
    ],
)
def test_a_not_beside_something_positive_is_fine(make, scope):
    assert make.problems(named(scope)) == []


@pytest.mark.parametrize(
    "scope", ["{epic: PAY-1}", "{any: [{label: x}, {epic: PAY-1}]}", "{all: [{epic: PAY-1}]}"]
)
def test_an_epic_in_the_scope_is_place_enough_for_the_comment(make, scope):
    assert make.problems(named(scope, slot="")) == []


TODOS = "version: 1\nsources:\n  jira: [{projects: [PAY]}]\n  gitlab:\n    - groups: [a]\n      todos:\n"


@pytest.mark.parametrize(
    ("entries", "lines"),
    [
        (("{project: a/b, path: src}", "{project: a/b, path: tests/}", "{project: a/c, path: src}"), []),
        (("{project: a/b, path: src}", "{project: A/B, path: src/deep}"), ["m:8:11   sources.gitlab[0].todos[1]   overlaps with sources.gitlab[0].todos[0]: name each place once."]),
        (("{project: 7, path: src/a.py}", "{project: 7}"), ["m:8:11   sources.gitlab[0].todos[1]   overlaps with sources.gitlab[0].todos[0]: name each place once."]),
        (("{project: 7, path: src}", "{project: 7, path: srcs}"), []),
        (("{path: src}",), ["m:7:11   sources.gitlab[0].todos[0].project   is missing and must be given."]),
        (("{project: a/b, path: /src}",), ['m:7:32   sources.gitlab[0].todos[0].path   "/src" must not start with "/": paths count from the top of the repository.']),
        (("{project: a/b, path: src/../x}",), ['m:7:32   sources.gitlab[0].todos[0].path   "src/../x" must be a plain path without "." and ".."; leave it out for the whole repository.']),
        (("{project: a/b, path: .}",), ['m:7:32   sources.gitlab[0].todos[0].path   "." must be a plain path without "." and ".."; leave it out for the whole repository.']),
        (("{project: a/b, pathh: src}",), ['m:7:26   sources.gitlab[0].todos[0]   unknown key "pathh". Allowed: project, path, largest_kb, most_files. Did you mean "path"?']),
        (("{project: a/b, largest_kb: 0}",), ['m:7:38   sources.gitlab[0].todos[0].largest_kb   "0" must be at least 1.']),
        (("{project: a/b, largest_kb: 5000}",), ['m:7:38   sources.gitlab[0].todos[0].largest_kb   "5000" must be at most 1000.']),
        (("{project: a/b, most_files: many}",), ['m:7:38   sources.gitlab[0].todos[0].most_files   must be a whole number, not "many".']),
    ],
)  # fmt: skip
def test_a_place_to_be_read_for_todos_is_named_once_and_plainly(make, entries, lines):
    text = TODOS + "".join(f"        - {entry}\n" for entry in entries)
    assert make.problems(text, head="") == lines
