"""A source was not completely read, or not for too long.

What drifts: what Tandem knows and what the tools hold. A scope that failed, was forbidden or vanished is unknown, and one read longer than ``stale_hours`` ago is old.
Why it matters: what was not read is not judged, so silence about it means nothing.
Stays quiet: never, for the other rules' quiet depends on it.
Clears when the scope is read to its end again.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from connectors.port import Verdict
from connectors.records import Ref
from mappings.commitments import Commitment
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_STALE = Text(
    en="{scope} was last read at {at}, more than {hours} hours ago",
    zh="{scope} 上次读取于 {at}，已超过 {hours} 小时",
)
_RUN = Text(en="Run a sync that reads {scope}", zh="运行一次读取 {scope} 的同步")


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    hours = options.thresholds["stale_hours"]
    for verdict in world.observed.verdicts:
        old_at = verdict.at + timedelta(hours=hours)
        if not verdict.is_complete:
            yield _drift(verdict, since=None, hours=hours)
        elif old_at < world.now:
            yield _drift(verdict, since=old_at, hours=hours)


def _drift(verdict: Verdict, *, since: datetime | None, hours: float) -> Drift:
    scope, reason = verdict.scope, verdict.reason or verdict.completeness.value
    subject = Ref(source=scope.source, kind="scope", id=f"{scope.stream}/{scope.partition}")
    at = evidence.instant_of(verdict.at)
    observed = f"{verdict.completeness.value}, read up to {at}"
    asked = f"read to its end within {hours:g} hours" if since else "read to its end"
    return Drift(
        subject=subject,
        since=since,
        values=(("scope", str(scope)), ("reason", reason), ("at", at), ("hours", f"{hours:g}")),
        evidence=(Evidence(record=subject, label=str(scope), url="", observed=observed),),
        trace=(evidence.held(f"not {asked}", observed),),
        says=_STALE if since else None,
        clears=_RUN if since else None,
    )


RULE = Rule(
    code="X01",
    title=Text(en="Source incomplete or stale", zh="数据源不完整或已过时"),
    severity=Severity.HIGH,
    audience=Audience.BOTH,
    says=Text(en="{scope} was not completely read: {reason}", zh="{scope} 未能完整读取：{reason}"),
    clears=Text(
        en="Give access to {scope} or repair it, then sync again",
        zh="开放或修复 {scope} 的访问，然后重新同步",
    ),
    find=_find,
    thresholds=(("stale_hours", 24),),
    is_global=True,
)
