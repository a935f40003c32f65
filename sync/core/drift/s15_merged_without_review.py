"""A merge request was merged without the approvals that were asked for, or with threads that nobody resolved.

What drifts: the code of an item is in, and its review was not over: GitLab's rules, or ``min_approvals`` of the mapping (people beside the author; 0 leaves it to
GitLab), lack approvals, or a thread that was begun before the merge is open still.
Why it matters: what a reviewer saw and nobody answered is in the product now.
Stays quiet: where neither GitLab nor the mapping asks for approvals (GitLab Free cannot), where GitLab does not tell who approved or what was said, for bots' merge
requests and threads, for merge requests with a hot-fix label (``vocabulary.hotfix_labels``), for threads that were begun after the merge, and for what was reverted.
Clears when the threads are resolved, the merge request gets a hot-fix label, or it is reverted. GitLab takes no approval after the merge.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from connectors.records import Issue, MergeRequest, Note
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.members import merged_at_of
from sync.core.drift.reviews import missing_approvals, open_threads, owed
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_LACKS_APPROVALS = Text(
    en="{request} ({issues}) was merged with approvals missing: {left}",
    zh="{request}（{issues}）合并时缺少批准：{left} 个",
)
_REVIEW_LATE = Text(
    en="Review {request} now and give it a hot-fix label, or revert it",
    zh="现在补做 {request} 的评审并加上紧急修复标签，或将其回滚",
)
_SHOWN = 3


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for request, items in owed(world, commitment).items() if commitment else ():
        threads = open_threads(world, request)
        if threads:
            yield _unresolved(world, request, items, threads=threads)
        missing = missing_approvals(world, request, minimum=options.thresholds["min_approvals"])
        if missing:
            yield _unapproved(world, request, items, missing=missing)


def _unresolved(
    world: World, request: MergeRequest, items: tuple[Issue, ...], *, threads: tuple[Note, ...]
) -> Drift:
    return Drift(
        subject=request.ref,
        discriminator="threads",
        since=merged_at_of(request),
        values=_values(request, items, len(threads)),
        evidence=(
            evidence.of_request(request),
            *(_thread(request, note) for note in threads[:_SHOWN]),
            *(evidence.of_issue(world, item) for item in items),
        ),
        trace=(
            evidence.held("the merge request is merged", evidence.instant_of(merged_at_of(request))),
            evidence.held("threads begun before that and open still > 0", str(len(threads))),
        ),
    )


def _unapproved(world: World, request: MergeRequest, items: tuple[Issue, ...], *, missing: int) -> Drift:
    return Drift(
        subject=request.ref,
        discriminator="approvals",
        since=merged_at_of(request),
        values=_values(request, items, missing),
        evidence=(evidence.of_request(request), *(evidence.of_issue(world, item) for item in items)),
        trace=(
            evidence.held("the merge request is merged", evidence.instant_of(merged_at_of(request))),
            evidence.held("approvals that GitLab or the mapping asks for and nobody gave > 0", str(missing)),
        ),
        says=_LACKS_APPROVALS,
        clears=_REVIEW_LATE,
    )


def _values(request: MergeRequest, items: tuple[Issue, ...], left: int) -> tuple[tuple[str, str], ...]:
    return ("request", request.reference), ("issues", evidence.labels_of(items)), ("left", str(left))


def _thread(request: MergeRequest, note: Note) -> Evidence:
    """A thread by the address of its first note; what it says stays in GitLab."""
    return Evidence(
        record=request.ref,
        label=f"{request.reference} thread",
        url=f"{request.url}#note_{note.id}",
        observed=f"open since {evidence.instant_of(note.created_at)}",
    )


RULE = Rule(
    code="S15",
    title=Text(en="Merged before its review was over", zh="评审未完成即合并"),
    severity=Severity.WARNING,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{request} ({issues}) was merged with threads unresolved: {left}",
        zh="{request}（{issues}）合并时仍有讨论未解决：{left} 个",
    ),
    means=Text(
        en="{issues} is in the product before its review was over; answers or approvals missing: {left}",
        zh="{issues} 在评审完成之前已进入产品；缺少的答复或批准：{left} 个",
    ),
    clears=Text(en="Resolve the threads of {request}", zh="解决 {request} 中的讨论"),
    find=_find,
    grace=timedelta(hours=24),
    thresholds=(("min_approvals", 0),),
    absence=frozenset({"approvals", "notes"}),
)
