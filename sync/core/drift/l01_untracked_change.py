"""A merge request or branch belongs to no work item.

What drifts: code is being written or was merged that no issue key names.
Why it matters: it is in no plan, and its cost and its risk show up nowhere.
Stays quiet: for bots and ignored branches, for documentation, for reverts of merge requests that have a key, for default, protected and merged branches, for branches that have
a merge request, for what is older than ``days``, and for projects whose merge requests, commits or branches were not completely read.
Clears when an issue key is added to the title, the description or the branch name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase

from connectors.records import Branch, MergeRequest
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_blind_to, is_recent, made_at, oldest
from sync.core.drift.members import is_by_bot, is_docs
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    changes: tuple[MergeRequest | Branch, ...] = (*_requests(world, options), *_branches(world, options))
    for change in changes:
        is_tracked = change.ref in world.links_by_change
        if not is_tracked and not is_blind_to(world, change, "merge_requests", "commits", "branches"):
            yield _drift(change, options)


def _requests(world: World, options: Options) -> Iterator[MergeRequest]:
    for request in world.observed.requests_since(oldest(world, options)):
        at = {"opened": request.created_at, "merged": request.merged_at}.get(request.state)
        if is_recent(world, at, options) and not _needs_no_issue(world, request):
            yield request


def _needs_no_issue(world: World, request: MergeRequest) -> bool:
    return (
        is_docs(request)
        or _is_ignored(world, request.source_branch)
        or is_by_bot(world, request)
        or _takes_back_tracked(world, request)
    )


def _branches(world: World, options: Options) -> Iterator[Branch]:
    for branch in world.observed.branches_since(oldest(world, options)):
        is_kept = branch.is_default or branch.is_protected or branch.is_merged
        is_exempt = is_kept or _is_ignored(world, branch.name) or branch.name.casefold().startswith("docs/")
        has_request = (branch.source, branch.project_id, branch.name) in world.requests_from
        if is_recent(world, branch.committed_at, options) and not is_exempt and not has_request:
            yield branch


def _is_ignored(world: World, branch: str) -> bool:
    return any(fnmatchcase(branch, pattern) for pattern in world.spec.links.ignore_branches)


def _takes_back_tracked(world: World, request: MergeRequest) -> bool:
    return any(r.of in world.links_by_change for r in world.code.reverts_by.get(request.ref, ()))


def _drift(change: MergeRequest | Branch, options: Options) -> Drift:
    label = evidence.label_of(change)
    title = change.title if isinstance(change, MergeRequest) else change.name
    return Drift(
        subject=change.ref,
        since=made_at(change),
        values=(("change", label), ("title", title)),
        evidence=(evidence.of_change(change),),
        trace=(
            evidence.held("issue keys that name a known project", f"0 in {title}"),
            evidence.held(
                f"at most {options.thresholds['days']:g} days old", evidence.instant_of(made_at(change))
            ),
        ),
    )


RULE = Rule(
    code="L01",
    title=Text(en="Change without a work item", zh="变更没有对应的工作项"),
    severity=Severity.NOTICE,
    audience=Audience.BOTH,
    says=Text(en="{change} ({title}) names no work item", zh="{change}（{title}）未关联任何工作项"),
    means=Text(
        en="Work is going on that is in no plan: {title}",
        zh="有不在任何计划中的工作：{title}",
    ),
    clears=Text(en="Add an issue key to {change}, or close it", zh="为 {change} 加上工作项的键，或关闭它"),
    find=_find,
    thresholds=(("days", 30),),
    is_global=True,
)
