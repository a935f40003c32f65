"""The tools name different dates for one milestone.

What drifts: the due date of the mapping, the release date of the Jira version, the due date of the GitLab milestone and that of the epic are not one day.
Why it matters: each reader plans towards another day.
Stays quiet: for anchors without a date, archived versions and closed commitments. Dates have no zone here: the same calendar day is the same date.
The mapping's date is what the others are held against; without it, the first anchor's.
Clears when the differing date is corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connectors.records import Issue, Milestone, Version
from mappings.anchors import date_of
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import dated_anchors, is_open_milestone
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    if commitment is None or not is_open_milestone(commitment):
        return
    anchors = dated_anchors(world, commitment)
    dates = (commitment.due_on, *map(date_of, anchors))
    expected = next((on for on in dates if on), None)
    for anchor in anchors:
        on = date_of(anchor)
        if on and expected and on != expected:
            yield _drift(commitment, anchor, on, expected=expected)


def _drift(commitment: Commitment, anchor: Version | Milestone | Issue, on: date, *, expected: date) -> Drift:
    label = evidence.label_of(anchor)
    return Drift(
        subject=anchor.ref,
        since=None,
        values=(
            ("commitment", commitment.title),
            ("anchor", label),
            ("found", on.isoformat()),
            ("expected", expected.isoformat()),
        ),
        evidence=(evidence.of_anchor(anchor),),
        trace=(
            evidence.held("the milestone is not closed", "open"),
            evidence.held(f"{label} is not due {expected.isoformat()}", on.isoformat()),
        ),
    )


RULE = Rule(
    code="R07",
    title=Text(en="Dates differ between tools", zh="各工具中的日期不一致"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{commitment} is due {expected}, but {anchor} says {found}",
        zh="{commitment} 截止 {expected}，但 {anchor} 写的是 {found}",
    ),
    means=Text(
        en="People plan {commitment} towards different days: {expected} and {found}",
        zh="各方为 {commitment} 计划的日期不同：{expected} 与 {found}",
    ),
    clears=Text(
        en="Set the date of {anchor} to {expected}, or correct the plan",
        zh="将 {anchor} 的日期改为 {expected}，或更正计划",
    ),
    find=_find,
)
