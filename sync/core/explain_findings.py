"""Explain findings: why each holds, since when, and what has changed since it was first seen."""

from __future__ import annotations

from collections.abc import Iterable

from sync.core.drift.catalogue import rules
from sync.core.drift.judge import options_for
from sync.core.drift.spoken import spoken
from sync.core.explain_lines import span_of
from sync.core.explanation import FindingWhy, FirstSeen
from sync.core.finding import Audience, Condition, Finding
from sync.core.sight_changes import changes_between
from sync.core.world import World


def whys_of(world: World, findings: Iterable[Finding]) -> tuple[FindingWhy, ...]:
    """The findings explained, in the given order."""
    return tuple(why_of(world, finding) for finding in findings)


def why_of(world: World, finding: Finding) -> FindingWhy:
    """The finding with its conditions, its age, and how it has changed since a run first saw it."""
    rule, values = rules()[finding.rule], dict(finding.values)
    age, grace = world.now - finding.since, options_for(rule, world.spec).grace
    waited = Condition(asked=f"older than grace {span_of(grace)}", observed=span_of(age), held=age >= grace)
    return FindingWhy(
        fingerprint=finding.fingerprint,
        rule=rule.code,
        title=rule.title.within("en"),
        commitment_key=finding.commitment_key,
        severity=finding.severity.word,
        audience=finding.audience.value,
        subject=finding.subject_label,
        since=finding.since,
        age_s=age.total_seconds(),
        says=finding.says.filled("en", values),
        means=spoken(finding, "en", reader=Audience.ENGINEERING, glossary=world.spec.glossary),
        clears=finding.clears.filled("en", values),
        conditions=(*finding.trace, waited),
        evidence=finding.evidence,
        suppressed=finding.suppressed,
        acknowledged=finding.acknowledged,
        state=finding.state.value,
        first_seen=_first_seen(world, finding),
    )


def _first_seen(world: World, finding: Finding) -> FirstSeen | None:
    seen = world.sighting.get(finding.fingerprint)
    if seen is None or seen.cleared_at is not None:
        return None
    return FirstSeen(
        at=seen.first_seen_at,
        age_s=(world.now - seen.first_seen_at).total_seconds(),
        severity=seen.first.severity.word if seen.first else None,
        changes=changes_between(seen.first, finding.sight) if seen.first else None,
    )
