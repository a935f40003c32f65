"""Catalogue: every drift rule that lies in this folder, found by listing it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from importlib import import_module
from pkgutil import iter_modules
from types import MappingProxyType

from sync.core.drift.rule import Rule

_RULE_FILE = re.compile(r"[a-z]\d\d_\w+")


@cache
def rules() -> Mapping[str, Rule]:
    """Every rule by its code, in the order of codes. A rule's module is named by its code and offers ``RULE``."""
    found = [import_module(f"{__package__}.{name}").RULE for name in _module_names()]
    return MappingProxyType({rule.code: rule for rule in sorted(found, key=lambda rule: rule.code)})


def documentation_of(rule: Rule) -> str:
    """The docstring of the rule's module: what drifts, why it matters, when it stays quiet, what clears it."""
    name = next(name for name in _module_names() if name.startswith(f"{rule.code.lower()}_"))
    return (import_module(f"{__package__}.{name}").__doc__ or "").strip()


def _module_names() -> tuple[str, ...]:
    folder = import_module(__package__).__path__
    return tuple(m.name for m in iter_modules(folder) if _RULE_FILE.fullmatch(m.name))
