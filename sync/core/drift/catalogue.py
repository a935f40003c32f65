"""Catalogue: every drift rule that lies in this folder, found by listing it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from sync.core.drift.rule import Rule

_RULE_FILE = re.compile(r"[a-z]\d\d_\w+")


class _Catalogue(Mapping[str, Rule]):
    """Rules by code, each loaded when it is looked up: a run in which nothing has changed asks few of them. A rule's module is named by its code and offers ``RULE``."""

    def __init__(self, module_names: tuple[str, ...]) -> None:
        self._names = {name.partition("_")[0].upper(): name for name in sorted(module_names)}

    def __getitem__(self, code: str) -> Rule:
        rule: Rule = import_module(f"{__package__}.{self._names[code]}").RULE
        return rule

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its code, in the order of codes."""
    return _Catalogue(_module_names())


def documentation_of(rule: Rule) -> str:
    """The docstring of the rule's module: what drifts, why it matters, when it stays quiet, what clears it."""
    name = next(name for name in _module_names() if name.startswith(f"{rule.code.lower()}_"))
    return (import_module(f"{__package__}.{name}").__doc__ or "").strip()


def _module_names() -> tuple[str, ...]:
    folder = import_module(__package__).__path__
    return tuple(m.name for m in iter_modules(folder) if _RULE_FILE.fullmatch(m.name))
