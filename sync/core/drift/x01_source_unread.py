"""A source was not completely read, or not for too long.

What drifts: what Tandem knows and what the tools hold. A scope that failed, was forbidden or vanished is unknown, and one read longer than ``stale_hours`` ago is old.
Why it matters: what was not read is not judged, so silence about it means nothing.
Stays quiet: never, for the other rules' quiet depends on it.
Clears when the scope is read to its end again: what was cut short goes on by itself, what is forbidden or missing needs a person.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from connectors.port import Completeness, Verdict
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
_SITE = Text(
    en="Make {source} answer Tandem's address and account (tandem doctor tells what fails), then sync again",
    zh="恢复 {source} 对 Tandem 所用地址和账号的响应（tandem doctor 会指出原因），然后重新同步",
)
_CLEARS: Mapping[Completeness, Text] = {
    Completeness.PARTIAL: Text(
        en="Sync again, which goes on where reading stopped; if the reason stays, remove it first",
        zh="重新同步，将从中断处继续；若原因仍在，请先排除",
    ),
    Completeness.FORBIDDEN: Text(
        en="Give Tandem's account access to {scope}, then sync again",
        zh="为 Tandem 的账号开放 {scope} 的访问权限，然后重新同步",
    ),
    Completeness.MISSING: Text(
        en="Restore {scope} or take it out of the mapping, then sync again",
        zh="恢复 {scope} 或将其移出映射文件，然后重新同步",
    ),
}


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
    subject = evidence.scope_ref(scope)
    at = evidence.instant_of(verdict.at)
    observed = f"{verdict.completeness.value}, read up to {at}"
    asked = f"read to its end within {hours:g} hours" if since else "read to its end"
    return Drift(
        subject=subject,
        since=since,
        values=(
            ("scope", str(scope)),
            ("source", scope.source),
            ("reason", reason),
            ("at", at),
            ("hours", f"{hours:g}"),
        ),
        evidence=(Evidence(record=subject, label=str(scope), url="", observed=observed),),
        trace=(evidence.held(f"not {asked}", observed),),
        says=_STALE if since else None,
        clears=_RUN if since else _clearing(verdict),
    )


def _clearing(verdict: Verdict) -> Text | None:
    """What to do next: a site that did not answer at all is another matter than one scope."""
    return _SITE if verdict.scope.stream == "*" else _CLEARS.get(verdict.completeness)


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
    explained_by=frozenset({"X06"}),  # with a new token the site answers
    find=_find,
    thresholds=(("stale_hours", 24),),
    is_global=True,
)
