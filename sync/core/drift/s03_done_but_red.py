"""Jira says done, and the branch that the code was merged into has been red ever since.

What drifts: the item counts as delivered, but no pipeline has passed with its code in.
Why it matters: what is red cannot be released, and the red branch hides the next mistake.
Stays quiet: once a pipeline after the merge has passed (whatever came later is not this item's), for cancelled, skipped and running pipelines, for
child and merge request pipelines, for failures in jobs that may fail or that nobody requires (``vocabulary.required_jobs``, patterns such as
``test*``), and for failures of the runners.
Clears when a pipeline of the branch passes, or the item is reopened.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, MergeRequest, Pipeline
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.branch_health import red_streak_since
from sync.core.drift import evidence
from sync.core.drift.members import in_state, items_at
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for item in items_at(world, commitment, Progress.DELIVERED):
        streaks = (
            (request, red_streak_since(world, request)) for request in in_state(world.work_on(item), "merged")
        )
        red = [(streak[0].created_at, request.ref, request, streak) for request, streak in streaks if streak]
        if red:
            _, _, request, streak = min(red)
            yield _drift(world, item, request, streak=streak)


def _drift(world: World, item: Issue, request: MergeRequest, *, streak: tuple[Pipeline, ...]) -> Drift:
    first, newest = streak[0], streak[-1]
    labels = evidence.labels_of((newest,))
    return Drift(
        subject=item.ref,
        since=first.created_at,
        values=(
            ("issue", item.key),
            ("status", item.status),
            ("request", request.reference),
            ("branch", request.target_branch),
            ("pipeline", labels),
        ),
        evidence=(
            evidence.of_issue(world, item),
            evidence.of_request(request),
            *map(evidence.of_pipeline, dict.fromkeys((newest, first))),
        ),
        trace=(
            evidence.held("the item is delivered", item.status),
            evidence.held(
                f"newest finished pipeline of {request.target_branch} failed", f"{newest.status} ({labels})"
            ),
            evidence.held(f"none has passed since {request.reference} was merged", f"{len(streak)} failed"),
        ),
    )


RULE = Rule(
    code="S03",
    title=Text(en="Done in Jira, branch red since the merge", zh="Jira 已完成，合并后流水线一直失败"),
    severity=Severity.HIGH,
    audience=Audience.BOTH,
    says=Text(
        en="{issue} is {status}, but {branch} has been red since {request} was merged ({pipeline})",
        zh="{issue} 已是“{status}”，但 {request} 合并后 {branch} 流水线一直失败（{pipeline}）",
    ),
    means=Text(
        en="{issue} counts as delivered, but the product has failed its checks since",
        zh="{issue} 已计为交付，但此后产品未通过检查",
    ),
    clears=Text(
        en="Make the pipeline of {branch} pass, or reopen {issue}",
        zh="修复 {branch} 的流水线，或重新打开 {issue}",
    ),
    explained_by=frozenset({"S09"}),  # whoever reopens what was reverted clears both
    find=_find,
    grace=timedelta(hours=4),
)
