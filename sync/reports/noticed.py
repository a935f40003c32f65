"""Noticed: what Tandem found out about itself and its surroundings, for people who run it. It never stands in a managed comment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sync.core.finding import Finding
from sync.core.language import Language
from sync.reports.drift import clearing_of, sentence_of
from sync.reports.words import SEVERITY_COLOURS, safe

_UNREAD = "X01"


def own_of(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The open findings about the engine itself (the X rules). Unread scopes are left out: every view has a line of its own for them."""
    return tuple(f for f in findings if f.rule.startswith("X") and f.rule != _UNREAD and f.suppressed is None)


def lines_of(findings: Iterable[Finding], language: Language) -> Iterator[str]:
    """One line per finding: what it is, and what to do."""
    for finding in findings:
        colour = SEVERITY_COLOURS[finding.severity]
        says, clears = sentence_of(finding, language), clearing_of(finding, language)
        yield f"[{colour}]{finding.rule}[/]  {safe(says)}  [bright_black]->[/] {safe(clears)}"
