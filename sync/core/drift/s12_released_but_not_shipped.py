"""Jira calls a version released, and items of it never went out.

What drifts: items of a released version are delivered by Jira's word, and no merge request or commit of theirs is part of a release tag or a production deployment.
Why it matters: the release notes promise users what they do not have.
Stays quiet: for projects in which neither releases nor production deployments are known (they deliver by another channel), where any commit that names the item
went out (a cherry-pick has another sha), for items without code, for ``grace`` after the release day (the tag is made later), and for work merged before the first
shipment that is known of its project.
Clears when the work goes out, or the item moves to the version that will hold it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors.records import Commit, Issue, MergeRequest, Version
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.statuses import Progress
from sync.core.drift import evidence
from sync.core.drift.members import fix_versions, in_state, items_at, landing_of
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World

_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    left: defaultdict[Version, list[Issue]] = defaultdict(list)
    for item in items_at(world, commitment, Progress.DELIVERED):
        versions = fix_versions(world, item)
        if (
            versions
            and all(v.is_released and v.release_on for v in versions)
            and _is_left_behind(world, item)
        ):
            left[versions[0]].append(item)
    return [_drift(world, version, tuple(items)) for version, items in left.items()]


def _is_left_behind(world: World, item: Issue) -> bool:
    """True if the item has landed work, all its projects ship, and nothing of it went out."""
    work: list[MergeRequest | Commit] = [*in_state(world.work_on(item), "merged"), *world.commits_on(item)]
    places = [place for one in work for place in landing_of(one)]
    if not places or any(place in world.shipments for place in places):
        return False
    return all(_ships_since(world, one) for one in work)


def _ships_since(world: World, change: MergeRequest | Commit) -> bool:
    """True if the project of the change had shipped before the change was made."""
    at = (change.merged_at or change.created_at) if isinstance(change, MergeRequest) else change.committed_at
    first = world.code.first_shipment_of.get((change.source, change.project_id))
    return first is not None and first < at


def _since(world: World, version: Version) -> datetime | None:
    if version.release_on is None:
        return None
    ended = Calendar(world.spec.calendar).end_of(version.release_on)
    return ended if ended <= world.now else None


def _drift(world: World, version: Version, items: tuple[Issue, ...]) -> Drift:
    labels, count = evidence.labels_of(items[:_SHOWN]), str(len(items))
    return Drift(
        subject=version.ref,
        since=_since(world, version),
        values=(("version", version.name), ("issues", labels), ("count", count)),
        evidence=(
            evidence.of_version(version),
            *(evidence.of_issue(world, item) for item in items[:_SHOWN]),
        ),
        trace=(
            evidence.held("the version is released", version.name),
            evidence.held("delivered items whose work is in no release and no deployment > 0", count),
        ),
    )


RULE = Rule(
    code="S12",
    title=Text(en="Released in Jira, not shipped", zh="Jira 已发布，代码未上线"),
    severity=Severity.CRITICAL,
    audience=Audience.BOTH,
    says=Text(
        en="{version} is released, but items whose work never went out: {count} ({issues})",
        zh="{version} 已发布，但有 {count} 项的代码从未上线（{issues}）",
    ),
    means=Text(
        en="Users were told that {version} holds {count} items which they do not have ({issues})",
        zh="{version} 宣称包含的 {count} 项用户并未得到（{issues}）",
    ),
    clears=Text(
        en="Ship {issues}, or move them to the version that will hold them",
        zh="让 {issues} 上线，或移到将包含它们的版本",
    ),
    find=_find,
    grace=timedelta(days=2),
    absence=frozenset({"merge_requests", "commits", "deployments", "releases"}),
    judges_closed=True,
)
