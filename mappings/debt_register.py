"""Debt register: the tech-debt items of the mapping and of the tools, with what is known of each."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from typing import TypeVar

from connectors.records import GitlabIssue, Issue
from mappings.commitments import Commitment, CommitmentKind, DebtDiscovery, DebtSpec, ScopeRule
from mappings.observed import Observed
from mappings.people import People, assignee_of
from mappings.problems import below
from mappings.record_index import places_of
from mappings.schema import MappingSpec
from mappings.slugs import slug_of
from mappings.statuses import progress_of
from mappings.terms import Debt

T = TypeVar("T")

_SEPARATORS = re.compile(r"[,;\n\r，、；]+")


def debt_of(spec: MappingSpec, observed: Observed) -> Iterator[tuple[str, Commitment]]:
    """Debt items with the id of their record: named ones first, then found ones in the file's order. Each issue makes one item; keys may still collide."""
    listed: set[str] = set()
    entries = sorted(enumerate(spec.debt), key=lambda pair: not isinstance(pair[1], DebtSpec))
    for index, entry in entries:
        origin = below("debt", index)
        for id_, item in _items(spec, observed, entry, origin):
            issue_key = item.debt.issue_key if item.debt else ""
            if issue_key not in listed:
                listed.add(issue_key)
                yield id_, item


def _items(
    spec: MappingSpec, observed: Observed, entry: DebtSpec | DebtDiscovery, origin: str
) -> Iterable[tuple[str, Commitment]]:
    if isinstance(entry, DebtSpec):
        return (_named(spec, observed, entry, origin),)
    if entry.from_ == "jira":
        found = observed.issues_marked(
            entry.project, types=entry.type, labels=entry.label, components=entry.component
        )
        return ((issue.id, _from_jira(spec, entry, issue, origin)) for issue in found)
    marked = (issue for issue in observed.all(GitlabIssue) if _is_gitlab_debt(entry, issue, observed))
    return ((issue.id, _from_gitlab(spec, entry, issue, origin)) for issue in marked)


def _named(spec: MappingSpec, observed: Observed, entry: DebtSpec, origin: str) -> tuple[str, Commitment]:
    issue = observed.issue_by_key.get(entry.issue)
    key = issue.key if issue else entry.issue
    people = People.of(spec)
    return "", Commitment(
        key=entry.key,
        kind=CommitmentKind.DEBT,
        title=entry.title or (issue.title if issue else entry.issue),
        origin=origin,
        scope=ScopeRule(key=(key,)),
        technical_owner=people.known(entry.technical_owner),
        engineering_owner=people.known(entry.engineering_owner),
        slot_issue_keys=(key,),
        anchors=(issue.ref,) if issue else (),
        is_closed=issue is not None and progress_of(issue, spec.vocabulary).is_done,
        debt=Debt(
            issue_key=key,
            accepted_until=entry.accepted_until,
            reason=entry.reason,
            modules=tuple((str(m.project), m.prefix) for m in entry.modules),
            deferred_features=entry.deferred_features,
            asked=frozenset({"accepted_until", "reason"}),
        ),
    )


def _is_gitlab_debt(entry: DebtDiscovery, issue: GitlabIssue, observed: Observed) -> bool:
    project = observed.project.get((issue.source, issue.project_id))
    places = {issue.project_id, *(places_of(project.path) if project else ())}
    if entry.project and places.isdisjoint(p.strip("/").casefold() for p in entry.project):
        return False
    return not set(entry.label).isdisjoint(issue.labels) if entry.label else bool(entry.project)


def _technical(people: People, entry: DebtDiscovery, issue: Issue | GitlabIssue) -> str | None:
    """The file's technical owner; without one, the assignee. A name that the mapping does not know counts as none."""
    if entry.technical_owner:
        return people.known(entry.technical_owner)
    assignee = assignee_of(people, issue) if entry.owners_from == "assignee" else None
    return assignee.name if assignee else None


def _from_jira(spec: MappingSpec, entry: DebtDiscovery, issue: Issue, origin: str) -> Commitment:
    people = People.of(spec)
    return Commitment(
        key=f"debt-{slug_of(issue.key)}",
        kind=CommitmentKind.DEBT,
        title=issue.title,
        origin=origin,
        scope=ScopeRule(key=(issue.key,)),
        technical_owner=_technical(people, entry, issue),
        engineering_owner=people.known(entry.engineering_owner),
        slot_issue_keys=(issue.key,),
        anchors=(issue.ref,),
        is_closed=progress_of(issue, spec.vocabulary).is_done,
        debt=_register(entry, issue),
    )


def _from_gitlab(spec: MappingSpec, entry: DebtDiscovery, issue: GitlabIssue, origin: str) -> Commitment:
    people = People.of(spec)
    title = issue.reference if issue.is_confidential else issue.title
    return Commitment(
        key=f"debt-{slug_of(issue.reference)}",
        kind=CommitmentKind.DEBT,
        title=title,
        origin=origin,
        scope=ScopeRule(),
        technical_owner=_technical(people, entry, issue),
        engineering_owner=people.known(entry.engineering_owner),
        anchors=(issue.ref,),
        is_closed=issue.state == "closed",
        debt=Debt(
            issue_key=issue.reference,
            accepted_until=entry.accepted_until,
            modules=tuple((str(m.project), m.prefix) for m in entry.modules),
            deferred_features=entry.deferred_features,
        ),
    )


def _register(entry: DebtDiscovery, issue: Issue) -> Debt:
    """What the issue's fields say, and where they say nothing, what the entry says."""
    held = dict(issue.fields)
    named = entry.fields
    return Debt(
        issue_key=issue.key,
        accepted_until=_first(held.get(named.accepted_until or "", ()), day_in) or entry.accepted_until,
        reason=_first(held.get(named.reason or "", ()), str.strip),
        modules=tuple(map(module_in, parts_in(held.get(named.modules or "", ()))))
        or tuple((str(m.project), m.prefix) for m in entry.modules),
        deferred_features=parts_in(held.get(named.deferred_features or "", ())) or entry.deferred_features,
        asked=frozenset(term for term in ("accepted_until", "reason") if getattr(named, term)),
    )


def _first(values: Iterable[str], read: Callable[[str], T | None]) -> T | None:
    return next((found for found in map(read, values) if found), None)


def day_in(text: str) -> date | None:
    """The date at the beginning of an ISO date or date-time; None where there is none."""
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def parts_in(values: Iterable[str]) -> tuple[str, ...]:
    """The entries of a field that holds a list as text, split at commas, semicolons (Chinese ones too) and line ends."""
    parts = (part.strip() for value in values for part in _SEPARATORS.split(value))
    return tuple(dict.fromkeys(part for part in parts if part))


def module_in(text: str) -> tuple[str, str]:
    """``group/project:path/prefix`` as (project, prefix); without a colon the whole project, whose prefix is empty."""
    project, _, prefix = text.partition(":")
    return project.strip().strip("/"), prefix.strip().strip("/")
