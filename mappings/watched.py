"""Watched paths: the places in repositories for which GitLab has to tell the touching commits, because commit lists carry no file names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.commitments import Commitment, ScopeRule
from mappings.rule_tree import parts_of


def watched_paths(commitments: Iterable[Commitment]) -> tuple[tuple[str, str], ...]:
    """(project path or id, prefix) of every scope rule and debt module, sorted, each once."""
    found = {
        place for c in commitments for place in (*_paths_in(c.scope), *(c.debt.modules if c.debt else ()))
    }
    return tuple(sorted(found))


def _paths_in(rule: ScopeRule) -> Iterator[tuple[str, str]]:
    if rule.path:
        yield str(rule.path.project), rule.path.prefix
    for _, part in parts_of(rule, ""):
        yield from _paths_in(part)
