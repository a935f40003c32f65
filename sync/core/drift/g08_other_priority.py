"""Jira and GitLab give one piece of work clearly different priorities.

What drifts: a merge request or mirrored GitLab issue carries a priority label of the same scale as Jira's (``priority::high``, ``P1``), two or more steps away
from the priority of its item.
Why it matters: reviewers work through another order than planners believe.
Stays quiet: for neighbouring steps, for labels and priorities of other scales, for done items, and for work that implements several items.
Clears when the label or the priority is corrected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from connectors.records import GitlabIssue, Issue, MergeRequest
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import in_state, issues_of, open_items
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_SCALE = {
    "highest": 1, "blocker": 1, "critical": 1, "p1": 1, "urgent": 1, "最高": 1,
    "high": 2, "p2": 2, "高": 2,
    "medium": 3, "p3": 3, "中": 3,
    "low": 4, "p4": 4, "低": 4,
    "lowest": 5, "p5": 5, "最低": 5,
}  # fmt: skip
_PREFIX = re.compile(r"^(?:priority|prio|优先级)\s*(?:::|:|/|-|：)\s*", re.IGNORECASE)
_NUMBERED = re.compile(r"p[1-5]")


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in open_items(world, commitment) if commitment else ():
        wanted = _SCALE.get((item.priority or "").casefold())
        for other in _counterparts(world, item) if wanted else ():
            label = _priority_label(other)
            step = _step_of(label) if label else None
            if wanted and label and step and abs(step - wanted) >= options.thresholds["steps"]:
                yield _drift(world, item, other, label=label)


def _counterparts(world: World, item: Issue) -> Iterator[MergeRequest | GitlabIssue]:
    for request in in_state(world.work_on(item), "opened"):
        if len(issues_of(world, request)) == 1:
            yield request
    yield from (
        m for m in world.mirrors_of.get(item.ref, ()) if m.state == "opened" and not m.is_confidential
    )


def _priority_label(other: MergeRequest | GitlabIssue) -> str | None:
    """The only label that speaks of priority; None where there is none, or several."""
    found = [label for label in other.labels if _step_of(label)]
    return found[0] if len(found) == 1 else None


def _step_of(label: str) -> int | None:
    bare = _PREFIX.sub("", label.strip()).casefold()
    is_priority = bare != label.strip().casefold() or bool(_NUMBERED.fullmatch(bare))
    return _SCALE.get(bare) if is_priority else None


def _drift(world: World, item: Issue, other: MergeRequest | GitlabIssue, *, label: str) -> Drift:
    shown = evidence.of_request(other) if isinstance(other, MergeRequest) else evidence.of_issue(world, other)
    return Drift(
        subject=item.ref,
        discriminator=other.ref.id,
        since=None,
        values=(
            ("issue", item.key),
            ("priority", item.priority or ""),
            ("other", evidence.label_of(other)),
            ("label", label),
        ),
        evidence=(evidence.of_issue(world, item), shown),
        trace=(
            evidence.held("priority in Jira", item.priority or ""),
            evidence.held("label in GitLab, two or more steps away", label),
        ),
    )


RULE = Rule(
    code="G08",
    title=Text(en="Priorities differ", zh="优先级不一致"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} has priority {priority} in Jira, but {other} is labelled {label}",
        zh="{issue} 在 Jira 中的优先级为 {priority}，而 {other} 的标签是 {label}",
    ),
    means=Text(
        en="Planners and developers put {issue} at different places in the order ({priority} / {label})",
        zh="计划方与开发方对 {issue} 的先后看法不同（{priority} / {label}）",
    ),
    clears=Text(
        en="Correct the label of {other}, or the priority of {issue}",
        zh="更正 {other} 的标签，或 {issue} 的优先级",
    ),
    find=_find,
    thresholds=(("steps", 2),),
)
