"""A change names an issue that does not exist, or that nobody here can see.

What drifts: a branch, merge request or commit holds a key of a mapped project, and no such issue was read.
Why it matters: the work is tracked nowhere, although its author thinks it is.
Stays quiet: for former keys of moved issues (they resolve), for what is older than ``days``, and while issues were not completely read. One finding for each key, however many changes hold it.
Clears when the key is corrected, or the issue becomes visible.
"""

from __future__ import annotations

from collections.abc import Iterable

from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.changes import is_recent, made_at, naming
from sync.core.drift.evidence import Change
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Severity
from sync.core.language import Text
from sync.core.world import World


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    projects = {project for source in world.spec.sources.jira for project in source.projects}
    for key in world.unclaimed:
        holding = naming(world, key) if key.rpartition("-")[0] in projects else ()
        if any(is_recent(world, made_at(change), options) for change in holding):
            yield _drift(key, holding, options)


def _drift(key: str, changes: tuple[Change, ...], options: Options) -> Drift:
    first = changes[0]
    return Drift(
        subject=first.ref,
        discriminator=key,
        since=made_at(first),
        values=(("key", key), ("change", evidence.label_of(first))),
        evidence=tuple(map(evidence.of_change, changes[:5])),
        trace=(
            evidence.held("the key's project is mapped", key.rpartition("-")[0]),
            evidence.held("no issue has or had this key", key),
            evidence.held(f"named within {options.thresholds['days']:g} days", f"{len(changes)} changes"),
        ),
    )


RULE = Rule(
    code="L03",
    title=Text(en="Key of no known issue", zh="键不对应任何已知工作项"),
    severity=Severity.NOTICE,
    audience=Audience.TECHNICAL,
    says=Text(
        en="{change} names {key}, and no such issue is known", zh="{change} 提到 {key}，但没有这样的工作项"
    ),
    means=Text(
        en="Work is booked on {key}, which nobody plans with",
        zh="有工作记在 {key} 名下，而没有人以它做计划",
    ),
    clears=Text(
        en="Correct {key} in {change}, or make the issue visible",
        zh="更正 {change} 中的 {key}，或使该工作项可见",
    ),
    explained_by=frozenset({"L06"}),  # the key is known again once the issue is restored
    find=_find,
    thresholds=(("days", 30),),
    absence=frozenset({"issues"}),
    is_global=True,
)
