"""Open items of a project belong to no milestone and no debt entry.

What drifts: ``percent`` percent or more of the project's open items (and at least ``items``) are in no commitment of the mapping.
Why it matters: nobody has promised them and nobody misses them, yet somebody works on them.
Stays quiet: for items younger than ``days`` days (they wait for triage), for types that need no code and for epics (a support queue is planned otherwise), and where the
mapping names no milestone at all. One finding for each project, never one for each item.
Clears when the items are planned, dropped, or covered by a scope of the mapping.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta

from connectors.records import Issue, Ref
from mappings.commitments import Commitment
from mappings.observed import ItemSeen
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_SHOWN = 5


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    by_project = _open_by_project(world, options) if world.commitments else {}
    told = dict(_telling(world, by_project, options))
    first = world.observed.found(ref for loose in told.values() for ref in loose[:_SHOWN])
    issues = {record.ref: record for record in first if isinstance(record, Issue)}
    for place, loose in told.items():
        shown = tuple(issues[ref] for ref in loose[:_SHOWN] if ref in issues)
        project = Ref(source=place[0], kind="jira_project", id=place[1])
        yield _drift(world, project, shown, loose=len(loose), total=len(by_project[place]))


def _telling(
    world: World, by_project: Mapping[tuple[str, str], list[ItemSeen]], options: Options
) -> Iterator[tuple[tuple[str, str], tuple[Ref, ...]]]:
    """The projects of which it is to be told, with the items that belong nowhere."""
    bare = world.memberships.loose(item.ref for items in by_project.values() for item in items)
    for place, items in by_project.items():
        loose = tuple(item.ref for item in items if item.ref in bare)
        percent = 100 * len(loose) / len(items)
        if percent >= options.thresholds["percent"] and len(loose) >= options.thresholds["items"]:
            yield place, loose


def _open_by_project(world: World, options: Options) -> Mapping[tuple[str, str], list[ItemSeen]]:
    found: defaultdict[tuple[str, str], list[ItemSeen]] = defaultdict(list)
    youngest = world.now - timedelta(days=options.thresholds["days"])
    words = world.spec.vocabulary
    for item in world.observed.items_before(words.code_types, youngest, named=words.statuses):
        if not world.progress_of(item).is_done:
            found[item.ref.source, item.project_key].append(item)
    return found


def _drift(world: World, project: Ref, shown: tuple[Issue, ...], *, loose: int, total: int) -> Drift:
    count = str(loose)
    return Drift(
        subject=project,
        since=None,
        values=(
            ("project", project.id),
            ("count", count),
            ("total", str(total)),
            ("issues", evidence.labels_of(shown)),
        ),
        evidence=(
            Evidence(record=project, label=project.id, url="", observed=f"{count} of {total} open items"),
            *(evidence.of_issue(world, item) for item in shown),
        ),
        trace=(evidence.held("open items in no commitment", f"{count} of {total}"),),
    )


RULE = Rule(
    code="L02",
    title=Text(en="Items in no milestone", zh="未计划的事项"),
    severity=Severity.INFO,
    audience=Audience.ENGINEERING,
    says=Text(
        en="{count} of {total} open items of {project} belong to no milestone and no debt entry ({issues})",
        zh="{project} 的 {total} 个未完成事项中有 {count} 个不属于任何里程碑或技术债条目（{issues}）",
    ),
    means=Text(
        en="{count} of {total} open items of {project} have been promised to nobody",
        zh="{project} 的 {total} 个未完成事项中有 {count} 个没有向任何人承诺",
    ),
    clears=Text(
        en="Plan or drop the items of {project}, or widen a scope",
        zh="计划或放弃 {project} 的这些事项，或扩大映射范围",
    ),
    find=_find,
    thresholds=(("percent", 10), ("items", 5), ("days", 14)),
    is_global=True,
)
