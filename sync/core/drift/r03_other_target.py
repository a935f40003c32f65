"""A merge request of the milestone goes to a branch that does not feed its release.

What drifts: the mapping names the target branches that feed the milestone, and a merge request that works on one of its items has another target.
Why it matters: the work is merged and will still be missing in the release.
Stays quiet: where the mapping names no branches, for documentation, for drafts, and for long-lived feature branches: targets from which another merge
request leads into a branch that feeds the milestone.
Clears when the merge request is given another target, or its branch is merged on.
"""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase

from connectors.records import Issue, MergeRequest
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import in_state, is_docs
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    branches = commitment.charter.branches if commitment and commitment.charter else ()
    if commitment is None or commitment.is_closed or not branches:
        return
    worked: dict[MergeRequest, list[Issue]] = {}
    for item in world.issues_in(commitment):
        for request in in_state(world.work_on(item), "opened", "merged"):
            worked.setdefault(request, []).append(item)
    for request, items in worked.items():
        is_exempt = request.is_draft or is_docs(request)
        if not is_exempt and not _feeds(world, request, branches):
            yield _drift(world, request, tuple(items), branches=branches)


def _feeds(world: World, request: MergeRequest, branches: tuple[str, ...]) -> bool:
    """True if the target feeds the milestone, by itself or by a merge request that leads on from it."""
    place = (request.source, request.project_id, request.target_branch)
    onward = in_state(world.requests_from.get(place, ()), "opened", "merged")
    targets = (request.target_branch, *(other.target_branch for other in onward))
    return any(fnmatchcase(target, pattern) for target in targets for pattern in branches)


def _drift(
    world: World, request: MergeRequest, items: tuple[Issue, ...], *, branches: tuple[str, ...]
) -> Drift:
    labels, wanted = evidence.labels_of(items), evidence.joined(branches)
    return Drift(
        subject=request.ref,
        since=request.created_at,
        values=(
            ("request", request.reference),
            ("issues", labels),
            ("target", request.target_branch),
            ("branches", wanted),
        ),
        evidence=(evidence.of_request(request), *(evidence.of_issue(world, item) for item in items)),
        trace=(
            evidence.held("branches that feed the milestone", wanted),
            evidence.held("the merge request's target is none of them", request.target_branch),
        ),
    )


RULE = Rule(
    code="R03",
    title=Text(en="Target branch feeds another release", zh="目标分支不属于该版本"),
    severity=Severity.WARNING,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{request} ({issues}) goes to {target}, which does not feed the release ({branches})",
        zh="{request}（{issues}）的目标分支是 {target}，不进入该版本（{branches}）",
    ),
    means=Text(
        en="{issues} will be missing in the release although its work is done: it goes to {target}",
        zh="{issues} 即使做完也不会进入该版本：它去往 {target}",
    ),
    clears=Text(
        en="Give {request} a target among {branches}, or merge {target} on",
        zh="将 {request} 的目标改为 {branches} 之一，或继续合并 {target}",
    ),
    find=_find,
)
