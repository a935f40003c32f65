"""People: which account in which tool is which person. What the mapping does not say is reported, never guessed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from msgspec import Struct

from connectors.records import GitlabIssue, Issue, MergeRequest
from mappings.observed import Observed
from mappings.schema import MappingSpec, Person


@dataclass(frozen=True)
class People:
    """The mapping's people, found by name or account. Letter case does not matter, as in both tools."""

    persons: tuple[Person, ...]

    @classmethod
    def of(cls, spec: MappingSpec) -> People:
        """The people of ``spec``."""
        return cls(persons=spec.people)

    @cached_property
    def by_name(self) -> Mapping[str, Person]:
        """People by the name used in the mapping, exactly."""
        return MappingProxyType({p.name: p for p in self.persons})

    def known(self, name: str | None) -> str | None:
        """``name`` if a person has it, else None."""
        return name if name in self.by_name else None

    @cached_property
    def _by_account(self) -> Mapping[tuple[str, str], Person]:
        jira = {("jira", p.jira.casefold()): p for p in self.persons if p.jira}
        return MappingProxyType(jira | {("gitlab", p.gitlab.casefold()): p for p in self.persons if p.gitlab})

    def by_jira(self, account: str | None) -> Person | None:
        """The person with this Jira accountId or user name."""
        return self._by_account.get(("jira", (account or "").casefold()))

    def by_gitlab(self, username: str | None) -> Person | None:
        """The person with this GitLab username; a leading ``@`` is dropped."""
        return self._by_account.get(("gitlab", (username or "").removeprefix("@").casefold()))


def person_by_jira(spec: MappingSpec, account: str | None) -> Person | None:
    """The person with this Jira accountId or user name, None where the mapping names none."""
    return People.of(spec).by_jira(account)


def person_by_gitlab(spec: MappingSpec, username: str | None) -> Person | None:
    """The person with this GitLab username, None where the mapping names none."""
    return People.of(spec).by_gitlab(username)


def is_same_person(spec: MappingSpec, *, jira: str | None, gitlab: str | None) -> bool:
    """True if the mapping says that both accounts belong to one person; False where it does not say."""
    people = People.of(spec)
    person = people.by_jira(jira)
    return person is not None and person is people.by_gitlab(gitlab)


class Unmapped(Struct, frozen=True, kw_only=True, order=True):
    """An account that no person in the mapping has. ``seen`` counts the records that name it."""

    tool: Literal["jira", "gitlab"]
    account: str
    name: str
    seen: int


def unmapped(spec: MappingSpec, observed: Observed) -> tuple[Unmapped, ...]:
    """Accounts that carry work (assignees in Jira, authors in GitLab but for bots) and that the mapping does not know.

    Sorted by tool, then by how often they are seen, then by account. For ``doctor``.
    """
    people = People.of(spec)
    names = {(tool, account): name for tool, account, name in _accounts(observed)}
    counts = Counter((tool, account) for tool, account, _ in _accounts(observed))
    bots = {bot.casefold() for bot in spec.vocabulary.bots}
    found = (
        Unmapped(tool=tool, account=account, name=names[tool, account], seen=seen)
        for (tool, account), seen in counts.items()
        if not (people.by_jira(account) if tool == "jira" else people.by_gitlab(account))
        and account.casefold() not in bots
    )
    return tuple(sorted(found, key=lambda u: (u.tool, -u.seen, u.account)))


def _accounts(observed: Observed) -> Iterator[tuple[Literal["jira", "gitlab"], str, str]]:
    for issue in observed.all(Issue):
        if issue.assignee_id and issue.is_assignee_active is not False:
            yield "jira", issue.assignee_id, issue.assignee_name or ""
    for request in observed.all(MergeRequest):
        if request.author_id and not request.is_author_bot:
            yield "gitlab", request.author_id, request.author_name or ""


def assignee_of(people: People, issue: Issue | GitlabIssue) -> Person | None:
    """The person to whom the issue is assigned, None where nobody is or the account is unknown."""
    if isinstance(issue, Issue):
        return people.by_jira(issue.assignee_id)
    known: Iterable[Person | None] = (people.by_gitlab(account) for account in issue.assignee_ids)
    return next((person for person in known if person), None)
