"""Rule tree: walking over scope rules, which nest by ``any``, ``all`` and ``not``."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.commitments import ScopeRule
from mappings.problems import below

PREDICATES = (
    "fix_version",
    "epic",
    "key",
    "label",
    "component",
    "type",
    "field",
    "project",
    "path",
    "gitlab_milestone",
    "gitlab_label",
    "gitlab_project",
)
"""Keys of a rule that say something about a record by themselves, the most telling first."""


def said_by(rule: ScopeRule) -> tuple[str, ...]:
    """The predicates that ``rule`` itself uses, in the order of ``PREDICATES``."""
    return tuple(name for name in PREDICATES if getattr(rule, name))


def parts_of(rule: ScopeRule, path: str) -> Iterator[tuple[str, ScopeRule]]:
    """The rules directly inside ``rule``, each with its path."""
    for index, part in enumerate(rule.any):
        yield below(path, "any", index), part
    for index, part in enumerate(rule.all):
        yield below(path, "all", index), part
    if rule.not_ is not None:
        yield below(path, "not"), rule.not_


def walked(rule: ScopeRule, path: str) -> Iterator[tuple[str, ScopeRule]]:
    """``rule`` and every rule inside it, each with its path, from the outside in."""
    yield path, rule
    for place, part in parts_of(rule, path):
        yield from walked(part, place)


def affirmed(rule: ScopeRule) -> Iterator[ScopeRule]:
    """``rule`` and the rules under its ``any`` and ``all``: what it names without a ``not``."""
    yield rule
    for part in (*rule.any, *rule.all):
        yield from affirmed(part)


def is_positive(rule: ScopeRule) -> bool:
    """True if the rule picks records by something they have, False if it only leaves records out (or says nothing)."""
    if said_by(rule):
        return True
    if any(is_positive(part) for part in rule.all):
        return True
    if rule.any and all(is_positive(part) for part in rule.any):
        return True
    return rule.not_ is not None and is_negative(rule.not_)


def is_negative(rule: ScopeRule) -> bool:
    """True if the rule only leaves records out; neither this nor ``is_positive`` holds for a rule that says nothing."""
    says_something = bool(rule.any or rule.all or rule.not_)
    return says_something and not is_positive(rule)
