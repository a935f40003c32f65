"""Todos: which issues the marks in files name, and which marks name none."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from connectors.records import GitlabIssue, Ref, Todo
from mappings.keys import keys_in
from mappings.observed import Observed

_REFERENCE = re.compile(r"(?<![\w&/.-])(?P<path>[\w.-]++(?:/[\w.-]++)++)?#(?P<number>[1-9]\d{0,6})(?![\w-])")
"""``#12`` or ``group/project#12``: an issue in GitLab."""
_REQUEST = re.compile(r"\b(?:PRs?|MRs?|(?:pull|merge)(?: requests?)?)\s*\Z", re.IGNORECASE)
"""Before a number that is a pull request's, from times when the code lived elsewhere."""
_ADDRESS = re.compile(
    r"https?://\S*?/(?:issues?|browse|tickets?|bugs?|work_items|show_bug\.cgi)\b", re.IGNORECASE
)
"""The address of an issue, wherever it is tracked."""


@dataclass(frozen=True)
class Todos:
    """The marks in files by what they name. ``projects`` are the Jira project keys that may stand in text, upper-case.

    Whether a key names an issue is for the issues to tell; a GitLab reference or address that leads to no known issue may lead to another tracker.
    """

    observed: Observed
    projects: frozenset[str]

    @cached_property
    def by_issue(self) -> Mapping[Ref, tuple[Todo, ...]]:
        """Marks by each issue, of Jira or GitLab, that they name by a present or former key or by reference; by place in each group."""
        found: defaultdict[Ref, list[Todo]] = defaultdict(list)
        for todo in self.all:
            for ref in self.issues_of(todo):
                found[ref].append(todo)
        return MappingProxyType({ref: tuple(todos) for ref, todos in found.items()})

    @cached_property
    def by_unknown_key(self) -> Mapping[str, tuple[Todo, ...]]:
        """Marks by each key of a known project that no issue has or had."""
        found: defaultdict[str, list[Todo]] = defaultdict(list)
        for todo in self.all:
            for key in self.keys_of(todo):
                if key not in self.observed.issue_by_key:
                    found[key].append(todo)
        return MappingProxyType({key: tuple(todos) for key, todos in found.items()})

    @cached_property
    def all(self) -> tuple[Todo, ...]:
        """Every mark, by project, path and line."""
        found = self.observed.all(Todo)
        return tuple(
            sorted(found, key=lambda t: (t.source, len(t.project_id), t.project_id, t.path, t.line, t.id))
        )

    def keys_of(self, todo: Todo) -> tuple[str, ...]:
        """Keys of known projects that the mark names, each once, in order."""
        return tuple(dict.fromkeys(seen.key for seen in keys_in(said_by(todo), self.projects)))

    def names_an_issue(self, todo: Todo) -> bool:
        """True if the mark names an issue, whether it exists or not, here or in another tracker."""
        said = said_by(todo)
        return bool(self.keys_of(todo) or _REFERENCE.search(said) or _ADDRESS.search(said))

    def issues_of(self, todo: Todo) -> tuple[Ref, ...]:
        """Known issues that the mark names, each once, those of Jira first."""
        keyed = (self.observed.issue_by_key.get(key) for key in self.keys_of(todo))
        referred = (self._by_reference.get((todo.source, name)) for name in self._references_of(todo))
        return tuple(dict.fromkeys(issue.ref for issue in (*keyed, *referred) if issue))

    def _references_of(self, todo: Todo) -> tuple[str, ...]:
        """GitLab references in full, in folded case."""
        project = self.observed.project.get((todo.source, todo.project_id))
        home = project.path if project else ""
        said = said_by(todo)
        found = (one for one in _REFERENCE.finditer(said) if not _REQUEST.search(said[: one.start()]))
        return tuple(f"{one['path'] or home}#{one['number']}".casefold() for one in found)

    @cached_property
    def _by_reference(self) -> Mapping[tuple[str, str], GitlabIssue]:
        issues = self.observed.all(GitlabIssue)
        return MappingProxyType({(i.source, i.reference.casefold()): i for i in issues})


def said_by(todo: Todo) -> str:
    """What the mark says: what stands in its parentheses, and what follows."""
    return f"{todo.addressee} {todo.text}".strip()
