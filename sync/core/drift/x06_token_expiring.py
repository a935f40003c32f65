"""A token ends soon, or has ended.

What drifts: what Tandem may read and write, from one day to the next.
Why it matters: with the token's last day everything of that source becomes unknown, and nobody is told by the tool.
Stays quiet: more than ``days`` before the last day, where neither the tool nor ``token_expires_on`` in the settings tells that day, and for sites that left the
mapping.
Clears when a new token is in place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from msgspec.structs import replace

from connectors.port import Completeness
from connectors.records import Ref
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from sync.core.condition import SiteVitals
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_ENDED = Text(en="The token of {source} ended on {on}", zh="{source} 的令牌已于 {on} 到期")


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    calendar = Calendar(world.spec.calendar)
    for site in world.sites:
        if site.token_expires_on is not None:
            left = (site.token_expires_on - calendar.day_of(world.now)).days
            if left <= options.thresholds["days"]:
                since = _begun(calendar, site.token_expires_on, options)
                drift = _drift(
                    site, site.token_expires_on, left=left, since=since, severity=_severity(left, options)
                )
                yield replace(drift, covers=_unread(world, site.source, on=site.token_expires_on))


def _unread(world: World, source: str, *, on: date) -> frozenset[tuple[Ref, str]]:
    """What cannot be read since the token's last day ``on`` is over: scopes that were read to their end before, and those refused since."""
    ended_at = Calendar(world.spec.calendar).end_of(on)
    return frozenset(
        (evidence.scope_ref(v.scope), "")
        for v in world.observed.verdicts
        if v.scope.source == source
        and ended_at <= world.now
        and (v.is_complete if v.at < ended_at else v.completeness is Completeness.FORBIDDEN)
    )


def _begun(calendar: Calendar, on: date, options: Options) -> datetime:
    """When it came near: the start of the day that lies so many days before. No earlier than the calendar itself."""
    return calendar.start_of(date.fromordinal(max(2, on.toordinal() - int(options.thresholds["days"]))))


def _severity(left: int, options: Options) -> Severity | None:
    if left <= options.thresholds["critical_days"]:
        return Severity.CRITICAL
    return Severity.HIGH if left <= options.thresholds["high_days"] else None


def _drift(site: SiteVitals, on: date, *, left: int, since: datetime, severity: Severity | None) -> Drift:
    subject = Ref(source=site.source, kind="site", id="token")
    variable = f"TANDEM_SOURCES__{site.source.upper()}__TOKEN"
    values = {"source": site.source, "on": on.isoformat(), "left": str(left), "variable": variable}
    observed = f"last day {on.isoformat()}, seen {evidence.instant_of(site.at)}"
    return Drift(
        subject=subject,
        since=since,
        values=tuple(values.items()),
        evidence=(Evidence(record=subject, label=site.source, url="", observed=observed),),
        trace=(evidence.held("the token's last day is near", f"{left} days left"),),
        severity=severity,
        says=_ENDED if left < 0 else None,
    )


RULE = Rule(
    code="X06",
    title=Text(en="Token ends soon", zh="令牌即将到期"),
    severity=Severity.WARNING,
    audience=Audience.OPERATOR,
    says=Text(
        en="The last day of the token of {source} is {on} (days left: {left})",
        zh="{source} 的令牌最后有效日为 {on}（剩余 {left} 天）",
    ),
    clears=Text(
        en="Make a new token for {source} and put it into {variable} or the secrets folder",
        zh="为 {source} 生成新令牌，并写入 {variable} 或密钥目录",
    ),
    find=_find,
    lag=timedelta(0),
    thresholds=(("days", 14), ("high_days", 7), ("critical_days", 2)),
    is_global=True,
)
