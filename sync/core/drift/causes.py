"""Causes: one root cause is reported once. A finding that another explains is kept, and shown under it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from connectors.records import Ref
from sync.core.drift.rule import Rule
from sync.core.finding import Finding


def with_causes(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> tuple[Finding, ...]:
    """The findings in the given order, each with the worst one that explains it.

    A cause is open and at least as severe, so that nothing hides behind what is quiet or small, and is explained by none itself.
    """
    found = tuple(findings)
    causes: defaultdict[tuple[str, Ref], list[Finding]] = defaultdict(list)
    for finding in found:
        if finding.suppressed is None and not rules[finding.rule].explained_by:
            causes[finding.commitment_key, finding.subject].append(finding)
    return tuple(replace(f, explained_by=_cause_of(f, causes, rules[f.rule].explained_by)) for f in found)


def _cause_of(
    finding: Finding, causes: Mapping[tuple[str, Ref], list[Finding]], explaining: frozenset[str]
) -> str | None:
    near = causes.get((finding.commitment_key, finding.subject), ()) if explaining else ()
    fitting = (c for c in near if c.rule in explaining and c.severity >= finding.severity)
    worst = max(fitting, key=lambda cause: (cause.severity, cause.fingerprint), default=None)
    return worst.fingerprint if worst else None
