"""Causes: one root cause is reported once. A finding that another explains is kept, and shown under it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from connectors.records import Ref
from mappings.commitments import EVERY
from sync.core.drift.rule import Rule
from sync.core.finding import Finding

_Place: TypeAlias = tuple[str, Ref, str]
"""What a cause can be about: commitment, subject, and the discriminator of what it covers (``*`` for any)."""


def with_causes(findings: Iterable[Finding], rules: Mapping[str, Rule]) -> tuple[Finding, ...]:
    """The findings in the given order, each with the one at the root of what explains it: a cause that another explains stands under that one too.

    A cause is open and at least as severe, so that nothing hides behind what is quiet or small. Rules must not explain each other in a circle.
    """
    found = tuple(findings)
    causes: defaultdict[_Place, list[Finding]] = defaultdict(list)
    for cause in (f for f in found if f.suppressed is None):
        for place in _about(cause):
            causes[place].append(cause)
    above = {f.fingerprint: _cause_of(f, causes, rules) for f in found}
    return tuple(_under(f, _root_of(above[f.fingerprint], above)) for f in found)


def _under(finding: Finding, root: str | None) -> Finding:
    return finding if finding.explained_by == root else replace(finding, explained_by=root)


def _about(cause: Finding) -> Iterator[_Place]:
    yield cause.commitment_key, cause.subject, "*"
    yield from ((EVERY, subject, discriminator) for subject, discriminator in cause.covers)


def _root_of(cause: str | None, above: Mapping[str, str | None]) -> str | None:
    while cause and (higher := above[cause]):
        cause = higher
    return cause


def _cause_of(
    finding: Finding, causes: Mapping[_Place, list[Finding]], rules: Mapping[str, Rule]
) -> str | None:
    key, subject = finding.commitment_key, finding.subject
    places = ((key, subject, "*"), (key, subject, finding.discriminator))
    others = [c for place in places for c in causes.get(place, ()) if c.rule != finding.rule]
    explaining = rules[finding.rule].explained_by if others else frozenset()
    fitting = (c for c in others if c.rule in explaining and c.severity >= finding.severity)
    worst = max(fitting, key=lambda cause: (cause.severity, cause.fingerprint), default=None)
    return worst.fingerprint if worst else None
