"""References: every name in the mapping that must mean something declared elsewhere in it, and every name that must be unique."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from mappings.commitments import MilestoneDiscovery, MilestoneSpec, ScopeRule
from mappings.draft import Draft
from mappings.problems import Problem, below, shown
from mappings.rule_tree import walked
from mappings.suggest import allowed, listed, meant

_ISSUE_KEY = re.compile(r"([A-Z][A-Z0-9_]+)-[1-9]\d*", re.ASCII)
_OWNERS = ("technical_owner", "engineering_owner")


def reference_problems(draft: Draft, rule_codes: Mapping[str, frozenset[str]] | None) -> Iterator[Problem]:
    """Problems with names: given twice, or not declared. Drift rules are checked where ``rule_codes`` is given."""
    yield from _repeated(draft)
    if "people" in draft.intact:
        yield from _unknown_people(draft)
    if "sources" in draft.intact:
        yield from _unknown_projects(draft)
        yield from _unknown_fields(draft)
    yield from _unknown_commitments(draft)
    if rule_codes is not None:
        yield from _unknown_rules(draft, rule_codes)


def _repeated(draft: Draft) -> Iterator[Problem]:
    yield from _twice(draft, _commitment_keys(draft), "key")
    if "sources" in draft.intact:
        sources = draft.spec.sources
        names = [(f"sources.jira[{i}].name", s.name) for i, s in enumerate(sources.jira)]
        names += [(f"sources.gitlab[{i}].name", s.name) for i, s in enumerate(sources.gitlab)]
        yield from _twice(draft, names, "source name")
        projects = [
            (below("sources", "jira", i, "projects", n), key)
            for i, source in enumerate(sources.jira)
            for n, key in enumerate(source.projects)
        ]
        yield from _twice(draft, projects, "project")
    for field in ("name", "jira", "gitlab"):
        given = ((draft.path("people", i), getattr(p, field)) for i, p in enumerate(draft.spec.people))
        named = [(below(path, field), name) for path, name in given if name]
        yield from _twice(draft, named, "name" if field == "name" else f"{field} account")


def _twice(draft: Draft, named: Iterable[tuple[str, str]], what: str) -> Iterator[Problem]:
    """A problem for each name given again; letter case does not tell two names apart."""
    first: dict[str, str] = {}
    for path, name in named:
        if (owner := first.setdefault(name.casefold(), path)) != path:
            yield draft.problem(path, f"{what} {shown(name)} is already taken by {owner.rpartition('.')[0]}.")


def _commitment_keys(draft: Draft) -> list[tuple[str, str]]:
    return [
        (below(draft.path(name, index), "key"), entry.key)
        for name in ("milestones", "debt")
        for index, entry in enumerate(getattr(draft.spec, name))
        if hasattr(entry, "key")
    ]


def _unknown_people(draft: Draft) -> Iterator[Problem]:
    known = [person.name for person in draft.spec.people]
    for path, name in _people_named(draft):
        if name not in known:
            says = f"{shown(name)} is not among the people ({listed(known)}).{meant(name, known)}"
            yield draft.problem(path, says)


def _people_named(draft: Draft) -> Iterator[tuple[str, str]]:
    for section in ("milestones", "debt"):
        for index, entry in enumerate(getattr(draft.spec, section)):
            path = draft.path(section, index)
            yield from _owners_of(entry, path)
            if isinstance(entry, MilestoneDiscovery):
                for name, override in entry.overrides.items():
                    yield from _owners_of(override, below(path, "overrides", name))
    for index, suppression in enumerate(draft.spec.suppressions):
        yield below(draft.path("suppressions", index), "owner"), suppression.owner


def _owners_of(entry: object, path: str) -> Iterator[tuple[str, str]]:
    for field in _OWNERS:
        if name := getattr(entry, field):
            yield below(path, field), name


def scopes_of(draft: Draft) -> Iterator[tuple[str, ScopeRule]]:
    """Every scope rule of the named milestones with its path, nested ones too."""
    for index, entry in enumerate(draft.spec.milestones):
        if isinstance(entry, MilestoneSpec):
            yield from walked(entry.scope, below(draft.path("milestones", index), "scope"))


def _unknown_projects(draft: Draft) -> Iterator[Problem]:
    known = sorted({key for source in draft.spec.sources.jira for key in source.projects})
    for path, project in _projects_named(draft):
        if project not in known:
            yield draft.problem(
                path,
                f"no rule can match: project {shown(project)} is not among the sources ({listed(known)})."
                f"{meant(project, known)}",
            )
    for path, key in _issue_keys_named(draft):
        found = _ISSUE_KEY.fullmatch(key)
        if not found:
            yield draft.problem(path, f"{shown(key)} is not an issue key such as {known[0]}-12.")
        elif found[1] not in known:
            says = f"project {shown(found[1])} of {shown(key)} is not among the sources ({listed(known)})."
            yield draft.problem(path, says + meant(found[1], known))


def _items(draft: Draft, path: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    return ((draft.path_of_item(path, index), name) for index, name in enumerate(names))


def _projects_named(draft: Draft) -> Iterator[tuple[str, str]]:
    for path, rule in scopes_of(draft):
        yield from _items(draft, below(path, "project"), rule.project)
    for index, entry in enumerate(draft.spec.milestones):
        if isinstance(entry, MilestoneDiscovery) and entry.from_ != "gitlab_milestones":
            place = below(draft.path("milestones", index), "where", "project")
            yield from _items(draft, place, entry.where.project)
    for index, debt in enumerate(draft.spec.debt):
        if getattr(debt, "from_", None) == "jira":
            yield from _items(
                draft, below(draft.path("debt", index), "project"), getattr(debt, "project", ())
            )


def _issue_keys_named(draft: Draft) -> Iterator[tuple[str, str]]:
    for path, rule in scopes_of(draft):
        yield from _items(draft, below(path, "key"), rule.key)
        yield from _items(draft, below(path, "epic"), rule.epic)
    for index, entry in enumerate(draft.spec.milestones):
        path = draft.path("milestones", index)
        slots = {path: entry.slot}
        if isinstance(entry, MilestoneDiscovery):
            slots |= {below(path, "overrides", n): o.slot for n, o in entry.overrides.items()}
        for place, slot in slots.items():
            yield from _items(draft, below(place, "slot", "issue"), slot.issues if slot else ())
    for index, link in enumerate(draft.spec.links.confirmed):
        yield below("links", "confirmed", index, "issue"), link.issue
    for index, debt in enumerate(draft.spec.debt):
        if hasattr(debt, "issue"):
            yield below(draft.path("debt", index), "issue"), debt.issue


def _unknown_fields(draft: Draft) -> Iterator[Problem]:
    known = sorted({name for source in draft.spec.sources.jira for name in source.fields.others})
    for path, name in _fields_named(draft):
        if name not in known:
            yield draft.problem(
                path,
                f"custom field {shown(name)} is not read: list it under sources.jira[].fields.others "
                f"({listed(known)}).{meant(name, known)}",
            )


def _fields_named(draft: Draft) -> Iterator[tuple[str, str]]:
    for path, rule in scopes_of(draft):
        if rule.field:
            yield below(path, "field", "name"), rule.field.name
    for index, debt in enumerate(draft.spec.debt):
        fields = getattr(debt, "fields", None)
        for key in type(fields).model_fields if fields else ():
            if name := getattr(fields, key):
                yield below(draft.path("debt", index), "fields", key), name


def _unknown_commitments(draft: Draft) -> Iterator[Problem]:
    """Suppressions of commitments that cannot exist; with a discovery form any key may come to exist."""
    spec = draft.spec
    named = [key for _, key in _commitment_keys(draft)]
    if {"milestones", "debt"} - draft.intact or len(named) < len(spec.milestones) + len(spec.debt):
        return
    for index, suppression in enumerate(spec.suppressions):
        if suppression.commitment and suppression.commitment not in named:
            path = below(draft.path("suppressions", index), "commitment")
            says = f"{shown(suppression.commitment)} is no commitment of this file. "
            yield draft.problem(path, says + allowed(suppression.commitment, named))


def _unknown_rules(draft: Draft, codes: Mapping[str, frozenset[str]]) -> Iterator[Problem]:
    for code, options in draft.spec.drift.items():
        path = below("drift", code)
        if code not in codes:
            yield draft.problem(path, _no_rule(code, codes), at_key=True)
        for name in options.thresholds if code in codes else ():
            if name not in codes[code]:
                says = f"unknown threshold {shown(name)} of {code}. {allowed(name, sorted(codes[code]))}"
                yield draft.problem(below(path, "thresholds", name), says, at_key=True)
    for index, suppression in enumerate(draft.spec.suppressions):
        if suppression.rule and suppression.rule not in codes:
            path = below(draft.path("suppressions", index), "rule")
            yield draft.problem(path, _no_rule(suppression.rule, codes))


def _no_rule(code: str, codes: Iterable[str]) -> str:
    """Codes that differ by a digit have nothing in common, so only another letter case is taken for a slip."""
    hint = f' Did you mean "{code.upper()}"?' if code.upper() in codes else ""
    return f"{shown(code)} is no drift rule. Known: {', '.join(sorted(codes))}.{hint}"
