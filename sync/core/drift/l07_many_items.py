"""One merge request claims many items.

What drifts: a merge request names more issue keys than ``links.release_mr_keys`` of the mapping, and nothing says that it is a release.
Why it matters: it counts for none of its items (a link that names everything proves nothing), so their status is told without it.
Stays quiet: for merge requests that say that they are a release or a merge of branches, by title, label or branch (``release/2.0``), for closed ones, and for what was opened
more than ``days`` days ago.
Clears when it is split, or named as a release.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from connectors.records import MergeRequest
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent, oldest
from sync.core.drift.members import in_state
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_RELEASE = re.compile(
    r"\b(?:releases?|rc|hotfix|backport|back-merge|merge (?:branch )?'?(?:main|master|dev\w*))\b|发布|上线",
    re.IGNORECASE,
)
_LINES = re.compile(r"(?:release|rel|hotfix|develop|dev|main|master|staging)(?:[-/_].*)?", re.IGNORECASE)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    for request in in_state(world.observed.requests_since(oldest(world, options)), "opened", "merged"):
        keys = {link.key for link in world.links_by_change.get(request.ref, ())}
        is_many = len(keys) > world.spec.links.release_mr_keys
        if is_many and is_recent(world, request.created_at, options) and not _is_release(request):
            yield _drift(request, len(keys), limit=world.spec.links.release_mr_keys)


def _is_release(request: MergeRequest) -> bool:
    is_named = any(_RELEASE.search(text) for text in (request.title, *request.labels))
    return is_named or bool(_LINES.fullmatch(request.source_branch))


def _drift(request: MergeRequest, count: int, *, limit: int) -> Drift:
    return Drift(
        subject=request.ref,
        since=request.created_at,
        values=(("request", request.reference), ("count", str(count)), ("limit", str(limit))),
        evidence=(evidence.of_request(request),),
        trace=(
            evidence.held(f"issue keys in it > {limit}", str(count)),
            evidence.held("neither title, labels nor branch name a release", request.source_branch),
        ),
    )


RULE = Rule(
    code="L07",
    title=Text(en="One change claims many items", zh="一个变更声称包含许多事项"),
    severity=Severity.INFO,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{request} names {count} items, and more than {limit} count for none of them",
        zh="{request} 提到 {count} 个事项，超过 {limit} 个则不计入任何一个",
    ),
    means=Text(
        en="One delivery claims {count} items at once, so none of them can be counted as delivered by it",
        zh="一次交付同时声称 {count} 个事项，无法据此计任何一个已交付",
    ),
    clears=Text(en="Split {request}, or name it as a release", zh="拆分 {request}，或注明它是发布"),
    find=_find,
    thresholds=(("days", 30),),
    is_global=True,
)
