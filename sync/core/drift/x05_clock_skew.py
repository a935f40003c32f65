"""The clock of a tool and the clock of Tandem's host disagree.

What drifts: the two clocks. Ages, grace times, cursors and days are reckoned with both.
Why it matters: a finding comes too early or too late, and a window of reading can miss what was changed in between.
Stays quiet: below ``minutes``, for sites whose answers carry no date, and for sites that left the mapping.
Clears when the clock that is wrong is set right, best by NTP.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.records import Ref
from mappings.commitments import Commitment
from sync.core.condition import SiteVitals
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_AHEAD = Text(
    en="The clock of {source} is {seconds} seconds ahead of the clock of this host (seen {at})",
    zh="{source} 的时钟比本机快 {seconds} 秒（{at} 观测）",
)
_BEHIND = Text(
    en="The clock of {source} is {seconds} seconds behind the clock of this host (seen {at})",
    zh="{source} 的时钟比本机慢 {seconds} 秒（{at} 观测）",
)


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    limit_s = options.thresholds["minutes"] * 60
    for site in world.sites:
        if site.skew_s is not None and abs(site.skew_s) >= limit_s:
            yield _drift(site, skew_s=site.skew_s, limit_s=limit_s)


def _drift(site: SiteVitals, *, skew_s: float, limit_s: float) -> Drift:
    subject = Ref(source=site.source, kind="site", id="clock")
    at, seconds = evidence.instant_of(site.at), f"{abs(skew_s):.0f}"
    says = _AHEAD if skew_s > 0 else _BEHIND
    values = (("source", site.source), ("seconds", seconds), ("at", at))
    observed = says.filled("en", dict(values))
    return Drift(
        subject=subject,
        since=None,
        values=values,
        evidence=(Evidence(record=subject, label=site.source, url="", observed=observed),),
        trace=(
            evidence.held(f"the clocks differ by at least {limit_s:g} seconds", f"{skew_s:+.0f} seconds"),
        ),
        says=says,
    )


RULE = Rule(
    code="X05",
    title=Text(en="Clocks disagree", zh="时钟不一致"),
    severity=Severity.NOTICE,
    audience=Audience.OPERATOR,
    says=_AHEAD,
    clears=Text(
        en="Set the clock of this host or of {source} right; if every source differs alike, it is this host's",
        zh="校准本机或 {source} 的时钟；若所有数据源偏差相同，则为本机时钟有误",
    ),
    find=_find,
    thresholds=(("minutes", 5),),
    is_global=True,
)
