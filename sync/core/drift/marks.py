"""Marks: the TODOs in files that a rule speaks of, and where they are."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import GitlabIssue, Issue, Todo
from sync.core.drift import evidence
from sync.core.drift.members import is_open
from sync.core.world import World

_NAMED = 3


def untracked(world: World, todos: Iterable[Todo]) -> tuple[Todo, ...]:
    """Those of ``todos`` that name no open issue: whatever else they name, somebody plans with the others."""
    return tuple(todo for todo in todos if not _names_open(world, todo))


def _names_open(world: World, todo: Todo) -> bool:
    issues = (world.observed.by_ref.get(ref) for ref in world.todos.issues_of(todo))
    return any(isinstance(issue, Issue | GitlabIssue) and is_open(world, issue) for issue in issues)


def places_of(todos: tuple[Todo, ...]) -> str:
    """``src/pay.py:12, src/book.py:3``: where the marks are; of many the first three and how many more."""
    more = f" (+{len(todos) - _NAMED})" if len(todos) > _NAMED else ""
    return evidence.labels_of(todos[:_NAMED]) + more
