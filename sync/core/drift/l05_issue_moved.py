"""An issue was moved or got another key, and open work still names the old one.

What drifts: the issue changed its key within the last ``days`` days, and an open branch or merge request holds the former key.
Why it matters: people who search for the new key do not find the work, and the old key may be given to nothing or nobody.
Stays quiet: where no open work holds the former key: the link is kept and nothing is to be done.
Clears when the open work is merged, closed or renamed, or after ``days`` days.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Branch, FieldChange, Issue, MergeRequest
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:
    for item in world.issues_in(commitment) if commitment else ():
        moves = [
            c for c in world.observed.changes_of.get(item.ref, ()) if c.field == "key" and c.at <= world.now
        ]
        work = _under_former_key(world, item) if moves else ()
        if work and is_recent(world, moves[-1].at, options):
            yield _drift(world, item, moves[-1], work)


def _under_former_key(world: World, item: Issue) -> tuple[MergeRequest | Branch, ...]:
    """Open merge requests, and branches without one, that name the item by a key that it no longer has."""
    links = (link for link in world.links_by_issue.get(item.ref, ()) if link.key != item.key)
    found = (world.observed.by_ref.get(ref) for ref in sorted({link.change for link in links}))
    return tuple(change for change in found if _is_open_work(change))  # type: ignore[misc]  # narrowed there


def _is_open_work(change: object) -> bool:
    if isinstance(change, MergeRequest):
        return change.state == "opened"
    return isinstance(change, Branch) and not (change.is_default or change.is_merged)


def _drift(world: World, item: Issue, move: FieldChange, work: tuple[MergeRequest | Branch, ...]) -> Drift:
    labels, former = evidence.labels_of(work), move.from_text or move.from_value or ""
    return Drift(
        subject=item.ref,
        since=move.at,
        values=(("issue", item.key), ("former", former), ("work", labels)),
        evidence=(evidence.of_issue(world, item), *map(evidence.of_change, work)),
        trace=(
            evidence.held("the key was changed", f"{former} -> {item.key}, {evidence.instant_of(move.at)}"),
            evidence.held("open work that holds a former key", labels),
        ),
    )


RULE = Rule(
    code="L05",
    title=Text(en="Issue moved, work under the old key", zh="事项已移动，工作仍用旧键"),
    severity=Severity.INFO,
    audience=Audience.BOTH,
    says=Text(
        en="{former} is {issue} now, but {work} still names the former key",
        zh="{former} 现为 {issue}，但 {work} 仍使用旧键",
    ),
    means=Text(
        en="Work on {issue} is easily overlooked: it still goes by its former number {former}",
        zh="{issue} 的工作容易被忽略：它仍使用旧编号 {former}",
    ),
    clears=Text(en="Name {issue} in {work}", zh="在 {work} 中改用 {issue}"),
    find=_find,
    thresholds=(("days", 30),),
)
