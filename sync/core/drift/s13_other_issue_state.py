"""A GitLab issue and the Jira issue that it mirrors stand differently.

What drifts: the title of a GitLab issue names exactly one Jira issue; one of the two is closed and the other open.
Why it matters: each side of the house believes its own list.
Stays quiet: where several GitLab issues name the same Jira issue and do not agree among themselves (one is a part of the other), for confidential and moved GitLab
issues, and for ``grace`` after the later change (mirrors lag).
Clears when the two are brought to the same state.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import GitlabIssue, Issue
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import is_open
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.history import standing_of
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in world.issues_in(commitment) if commitment else ():
        mirrors = tuple(m for m in world.mirrors_of.get(item.ref, ()) if not m.is_confidential)
        states = {mirror.state for mirror in mirrors if not mirror.moved_to_id}
        if len(states) == 1 and (states == {"opened"}) is not is_open(world, item):
            yield _drift(world, item, mirrors)


def _drift(world: World, item: Issue, mirrors: tuple[GitlabIssue, ...]) -> Drift:
    labels, state = evidence.labels_of(mirrors), mirrors[0].state
    changed = max(mirror.closed_at or mirror.created_at for mirror in mirrors)
    return Drift(
        subject=item.ref,
        since=max(standing_of(world, item).at, changed),
        values=(("issue", item.key), ("status", item.status), ("mirrors", labels), ("state", state)),
        evidence=(evidence.of_issue(world, item), *(evidence.of_issue(world, m) for m in mirrors)),
        trace=(
            evidence.held("GitLab issues that name it in their title agree", f"{labels}: {state}"),
            evidence.held("one side is open, the other is not", f"{item.status} / {state}"),
        ),
    )


RULE = Rule(
    code="S13",
    title=Text(en="GitLab issue and Jira issue disagree", zh="GitLab 议题与 Jira 事项状态不一致"),
    severity=Severity.NOTICE,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{issue} is {status} in Jira, but {mirrors} is {state} in GitLab",
        zh="{issue} 在 Jira 中是“{status}”，而 GitLab 的 {mirrors} 是 {state}",
    ),
    means=Text(
        en="Two lists disagree about whether {issue} is finished ({status} / {state})",
        zh="两份清单对 {issue} 是否完成说法不一（{status} / {state}）",
    ),
    clears=Text(en="Bring {mirrors} and {issue} to the same state", zh="使 {mirrors} 与 {issue} 状态一致"),
    # whoever closes or reopens the item for those brings the two lists together
    explained_by=frozenset({"S02", "S09", "S11"}),
    find=_find,
    grace=timedelta(hours=24),
)
