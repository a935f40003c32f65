"""A merge request sits in one release and its issue in another.

What drifts: the GitLab milestone of the merge request and the fix versions of the item that it implements name different releases.
Why it matters: one of the two plans promises the change at the wrong time.
Stays quiet: without a milestone or without fix versions, where any of several fix versions agrees, for spellings of the same release (``v1.2`` and
``Release 1.2.0``), and where only one of the names holds a number, so that they cannot be compared.
Clears when the milestone or the fix version is corrected.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from connectors.records import Issue, MergeRequest, Milestone
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import fix_versions, in_state
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.version_names import is_same_release
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    apart: defaultdict[MergeRequest, list[Issue]] = defaultdict(list)
    for item in world.issues_in(commitment) if commitment else ():
        for request in in_state(world.work_on(item), "opened", "merged"):
            if _is_apart(world, item, request):
                apart[request].append(item)
    return [_drift(world, request, tuple(items)) for request, items in apart.items()]


def _is_apart(world: World, item: Issue, request: MergeRequest) -> bool:
    milestone, names = _milestone(world, request), _versions(world, item)
    return bool(milestone and names) and not any(
        is_same_release(name, milestone.title) for name in names if milestone
    )


def _milestone(world: World, request: MergeRequest) -> Milestone | None:
    return world.observed.milestone.get((request.source, request.milestone_id or ""))


def _versions(world: World, item: Issue) -> tuple[str, ...]:
    """Names of the item's fix versions; none if any of them is unknown, for that one might agree."""
    return tuple(version.name for version in fix_versions(world, item))


def _drift(world: World, request: MergeRequest, items: tuple[Issue, ...]) -> Drift:
    milestone = _milestone(world, request)
    title = milestone.title if milestone else ""
    versions = evidence.joined(name for item in items for name in _versions(world, item))
    labels = evidence.labels_of(items)
    return Drift(
        subject=request.ref,
        since=request.created_at,
        values=(
            ("request", request.reference),
            ("milestone", title),
            ("issues", labels),
            ("versions", versions),
        ),
        evidence=(evidence.of_request(request), *(evidence.of_issue(world, item) for item in items)),
        trace=(
            evidence.held("the merge request has a GitLab milestone", title),
            evidence.held("its items have fix versions", versions),
            evidence.held("no fix version names the same release", f"{versions} / {title}"),
        ),
    )


RULE = Rule(
    code="R01",
    title=Text(en="Fix version and GitLab milestone differ", zh="修复版本与 GitLab 里程碑不一致"),
    severity=Severity.WARNING,
    audience=Audience.BOTH,
    says=Text(
        en="{request} sits in GitLab milestone {milestone}, but {issues} in {versions}",
        zh="{request} 属于 GitLab 里程碑 {milestone}，而 {issues} 属于 {versions}",
    ),
    means=Text(
        en="Two plans promise {issues} for different releases ({versions} / {milestone})",
        zh="两份计划将 {issues} 承诺在不同的版本（{versions} / {milestone}）",
    ),
    clears=Text(
        en="Move {request} to the milestone of {versions}, or correct the fix version of {issues}",
        zh="将 {request} 移到 {versions} 对应的里程碑，或更正 {issues} 的修复版本",
    ),
    find=_find,
)
