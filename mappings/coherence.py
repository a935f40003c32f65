"""Coherence: parts of a mapping that are right by themselves and make no sense together."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.commitments import DebtDiscovery, MilestoneDiscovery, MilestoneSpec, ScopeRule
from mappings.draft import Draft
from mappings.problems import Problem, below
from mappings.references import scopes_of
from mappings.rule_tree import PREDICATES, affirmed, is_positive, said_by, walked
from mappings.todo_paths import overlapping

_GITLAB = ("gitlab_milestone", "gitlab_label", "gitlab_project", "path")


def coherence_problems(draft: Draft) -> Iterator[Problem]:
    """Problems of the whole: rules that match nothing or everything, commitments without a place, contradictions."""
    for path, rule in scopes_of(draft):
        yield from _rule_problems(draft, rule, path)
    for index, entry in enumerate(draft.spec.milestones):
        path = draft.path("milestones", index)
        if isinstance(entry, MilestoneSpec):
            yield from _milestone_problems(draft, entry, path)
        else:
            yield from _discovery_problems(draft, entry, path)
    yield from _debt_problems(draft)
    yield from _todo_problems(draft)
    yield from _suppression_problems(draft)
    yield from _calendar_problems(draft)
    visibility = draft.spec.write.visibility
    if visibility and bool(visibility.role) == bool(visibility.group):
        yield draft.problem("write.visibility", "give either a role or a group.", at_key=True)


def _rule_problems(draft: Draft, rule: ScopeRule, path: str) -> Iterator[Problem]:
    for name in (*PREDICATES, "any", "all"):
        if name in rule.model_fields_set and not getattr(rule, name) and name not in {"field", "path"}:
            yield draft.problem(below(path, name), "is an empty list: nothing can match.")
    if _says_nothing(rule):
        if not rule.model_fields_set:
            yield draft.problem(
                path, "is an empty rule: name a fix_version, an epic, a label or another key."
            )
    elif "sources" in draft.intact and not draft.spec.sources.gitlab:
        for name in set(said_by(rule)).intersection(_GITLAB):
            yield draft.problem(below(path, name), _NO_GITLAB, at_key=True)


_NO_GITLAB = "nothing can match: there is no source under sources.gitlab."


def _milestone_problems(draft: Draft, entry: MilestoneSpec, path: str) -> Iterator[Problem]:
    scope = entry.scope
    says_all = not any(_says_nothing(rule) for _, rule in walked(scope, ""))
    if says_all and not is_positive(scope):
        says = "only leaves records out: put a fix_version, an epic, a label or another key beside the not."
        yield draft.problem(below(path, "scope"), says, at_key=True)
    if entry.slot is None and not any(rule.epic for rule in affirmed(scope)):
        says = 'has no place for its comment: add "slot: {issue: KEY-1}", or an epic to its scope.'
        yield draft.problem(path, says)
    if entry.slot is not None and not entry.slot.issues:
        yield draft.problem(below(path, "slot"), "names no issue: write {issue: KEY-1}.", at_key=True)


def _says_nothing(rule: ScopeRule) -> bool:
    return not (said_by(rule) or rule.any or rule.all or rule.not_)


def _discovery_problems(draft: Draft, entry: MilestoneDiscovery, path: str) -> Iterator[Problem]:
    where = below(path, "where")
    if entry.where.label and entry.from_ != "jira_epics":
        says = "nothing can match: only epics have labels, so it needs from: jira_epics."
        yield draft.problem(below(where, "label"), says, at_key=True)
    if entry.owners_from and entry.from_ != "jira_epics":
        says = "only epics have an assignee, so it needs from: jira_epics."
        yield draft.problem(below(path, "owners_from"), says)
    no_gitlab = "sources" in draft.intact and not draft.spec.sources.gitlab
    if entry.from_ == "gitlab_milestones" and no_gitlab:
        yield draft.problem(below(path, "from"), _NO_GITLAB)


def _debt_problems(draft: Draft) -> Iterator[Problem]:
    for index, entry in enumerate(draft.spec.debt):
        if not isinstance(entry, DebtDiscovery):
            continue
        path = draft.path("debt", index)
        if not (entry.label or entry.type or entry.component or entry.project):
            yield draft.problem(
                path, "names no mark of debt: give a label, a type, a component or a project."
            )
        if entry.from_ == "gitlab":
            yield from _gitlab_debt_problems(draft, entry, path)


def _gitlab_debt_problems(draft: Draft, entry: DebtDiscovery, path: str) -> Iterator[Problem]:
    for name in ("type", "component"):
        if getattr(entry, name):
            yield draft.problem(below(path, name), "GitLab issues have none; use a label.", at_key=True)
    if entry.fields.model_fields_set:
        yield draft.problem(below(path, "fields"), "GitLab issues have no custom fields.", at_key=True)
    if "sources" in draft.intact and not draft.spec.sources.gitlab:
        yield draft.problem(below(path, "from"), _NO_GITLAB)


def _todo_problems(draft: Draft) -> Iterator[Problem]:
    for index, source in enumerate(draft.spec.sources.gitlab if "sources" in draft.intact else ()):
        path = below("sources", "gitlab", index, "todos")
        for later, earlier in overlapping(source.todos):
            says = f"overlaps with {below(path, earlier)}: name each place once."
            yield draft.problem(below(path, later), says)


def _suppression_problems(draft: Draft) -> Iterator[Problem]:
    for index, entry in enumerate(draft.spec.suppressions):
        if not (entry.rule or entry.commitment or entry.record or entry.path):
            says = "would silence everything: name a rule, a commitment, a record or a path."
            yield draft.problem(draft.path("suppressions", index), says)


def _calendar_problems(draft: Draft) -> Iterator[Problem]:
    calendar = draft.spec.calendar
    written = draft.tree.value
    given = written.get("calendar", {}) if isinstance(written, dict) and "calendar" in draft.intact else {}
    for index, text in enumerate(given.get("workdays", ())):
        if any(day.isoformat() == text.strip() for day in calendar.holidays & calendar.workdays):
            path = below("calendar", "workdays", index)
            yield draft.problem(path, f"{text.strip()} is both a holiday and a workday.")
