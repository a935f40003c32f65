"""Doctor's lines, and its part about the mapping: names in it that nothing in the tools has, people whom it does not know."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.check import Check, Level
from mappings.load import LoadedMapping
from mappings.observed import Observed
from mappings.people import unmapped
from mappings.unmatched import unmatched
from sync.reports.words import counted, safe

_COLOURS = {Level.OK: "green", Level.WARN: "yellow", Level.FAIL: "red"}
_NAMED = 5


def mapping_checks(mapping: LoadedMapping, observed: Observed) -> Iterator[Check]:
    """Whether what the mapping names is there, by what was read last; a hint to pull first where nothing was read yet."""
    if not observed.records:
        yield Check(
            level=Level.OK,
            subject="names",
            message="nothing was read yet, so versions, milestones and people cannot be compared",
            advice="tandem pull, then tandem doctor again",
        )
        return
    missing = unmatched(mapping.spec, observed)
    for one in missing:
        yield Check(level=Level.WARN, subject="names", message=f"{mapping.place_of(one.path)}: {one.says}")
    if not missing:
        yield Check(
            level=Level.OK,
            subject="names",
            message="every version, milestone, GitLab project and issue that it names exists",
        )
    strangers = unmapped(mapping.spec, observed)
    if strangers:
        named = ", ".join(s.name or s.account for s in strangers[:_NAMED])
        more = f" and {len(strangers) - _NAMED} more" if len(strangers) > _NAMED else ""
        yield Check(
            level=Level.WARN,
            subject="people",
            message=f"{counted(len(strangers), 'account')} carry work and stand under no person: {named}{more}",
            advice="add them under people; they are never guessed",
        )


def lines_of(checks: Iterable[tuple[str, Check]]) -> Iterator[str]:
    """One line per check, (source, check), in aligned columns."""
    rows = tuple(checks)
    source_width = max((len(source) for source, _ in rows), default=0)
    subject_width = max((len(check.subject) for _, check in rows), default=0)
    for source, check in rows:
        word = "FAIL" if check.level is Level.FAIL else str(check.level)
        advice = f"  [bright_black]->[/] {safe(check.advice)}" if check.advice else ""
        yield (
            f"[{_COLOURS[check.level]}]{word:<5}[/] {safe(source):<{source_width}}  {safe(check.subject):<{subject_width}}  "
            f"{safe(check.message)}{advice}"
        )
