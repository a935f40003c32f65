"""A suppression has expired, or gives no reason.

What drifts: the mapping, or a person by `tandem suppress`, accepts findings until a day that is over, or for a reason that says nothing (``tbd``, ``todo``, ``n/a``).
Why it matters: an acceptance that nobody renews is no decision any more, and what it hid comes back unannounced.
Stays quiet: on the last day itself (it is inclusive, in the calendar's zone), and where another suppression with the same aim is in force: it was renewed.
Clears when the entry is renewed, given a reason, or removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from connectors.records import Ref
from mappings.calendar import Calendar
from mappings.commitments import Commitment
from mappings.drift_options import SuppressionSpec
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.drift.suppression import suppressions_in
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_NO_REASON = frozenset({"tbd", "todo", "n/a", "none", "later", "???", "...", "待定", "暂无"})
_UNREASONED = Text(
    en="The suppression of {aim} by {owner} gives no reason ({reason})",
    zh="{owner} 对 {aim} 的抑制没有说明理由（{reason}）",
)
_GIVE = Text(en="Say why {aim} is accepted, or remove the entry", zh="说明为何接受 {aim}，或删除该条目")


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    calendar = Calendar(world.spec.calendar)
    today = calendar.day_of(world.now)
    for entry in suppressions_in(world):
        if entry.until < today and not _is_renewed(world, entry, today):
            yield _drift(entry, since=calendar.end_of(entry.until))
        elif entry.until >= today and entry.reason.casefold().strip(" .!") in _NO_REASON:
            yield _drift(entry, since=None)


def _aim(entry: SuppressionSpec) -> str:
    return " ".join(part for part in (entry.rule, entry.commitment, entry.record, entry.path) if part)


def _is_renewed(world: World, entry: SuppressionSpec, today: date) -> bool:
    return any(_aim(o) == _aim(entry) and o.until >= today for o in suppressions_in(world))


def _drift(entry: SuppressionSpec, *, since: datetime | None) -> Drift:
    aim, until = _aim(entry), entry.until.isoformat()
    subject = Ref(source="tandem", kind="suppression", id=f"{aim} until {until}")
    return Drift(
        subject=subject,
        discriminator="expired" if since else "reason",
        since=since,
        values=(("aim", aim), ("until", until), ("owner", entry.owner), ("reason", entry.reason)),
        evidence=(
            Evidence(
                record=subject, label=aim, url="", observed=f"until {until}, {entry.owner}: {entry.reason}"
            ),
        ),
        trace=(
            evidence.held("the last day of the suppression", until),
            evidence.held("its reason", entry.reason),
        ),
        says=None if since else _UNREASONED,
        clears=None if since else _GIVE,
    )


RULE = Rule(
    code="G10",
    title=Text(en="Suppression expired or without reason", zh="抑制已过期或缺少理由"),
    severity=Severity.NOTICE,
    audience=Audience.BOTH,
    says=Text(
        en="The suppression of {aim} by {owner} ended on {until} ({reason})",
        zh="{owner} 对 {aim} 的抑制已于 {until} 到期（{reason}）",
    ),
    means=Text(
        en="Somebody accepted {aim} for a time, and that time or its reason needs a new decision ({owner}, {until})",
        zh="有人曾暂时接受 {aim}，其期限或理由需要重新决定（{owner}，{until}）",
    ),
    clears=Text(
        en="Renew the suppression of {aim}, or remove it from the mapping",
        zh="更新对 {aim} 的抑制，或从映射文件中删除",
    ),
    find=_find,
    lag=timedelta(0),
    is_global=True,
)
