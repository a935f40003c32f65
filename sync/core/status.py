"""Status: health and agreement of one commitment, each a code with the reasons behind it.

A whole is as bad as its worst part. Two exceptions, both on purpose: what was not completely read is unknown whatever else is known, and a closed
commitment is done (what still drifts there shows in its agreement).
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from msgspec import Struct

from connectors.port import Verdict
from mappings.commitments import Commitment
from sync.core import words
from sync.core.coverage import blind_spots_of
from sync.core.deadline import due_on_of, is_within_working_days
from sync.core.finding import Finding, Severity
from sync.core.language import Language, Text
from sync.core.progress import Counts, progress_of_commitment
from sync.core.world import World

NEAR_WORKING_DAYS = 10
"""A commitment due within so many working days is at risk while less than ``DELIVERED_SHARE`` of it is delivered."""

DELIVERED_SHARE = 0.5
"""The share of the items that is to be delivered by then."""

_OFF_TRACK_RULES = frozenset({"T02", "D01"})
_BLOCKING_RULE = "D02"


class Health(StrEnum):
    """How a commitment stands, from best to worst."""

    DONE = "done"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"

    @property
    def word(self) -> Text:
        """What people read."""
        return words.HEALTH[self.value]

    @property
    def rank(self) -> int:
        """Place in the order, 0 is best."""
        return tuple(Health).index(self)

    @classmethod
    def worst_of(cls, parts: Iterable[Health]) -> Health:
        """The worst of ``parts``; a whole without parts is done."""
        return max(parts, key=lambda part: part.rank, default=cls.DONE)


class Agreement(StrEnum):
    """Whether the tools, the plan and the code say the same, from best to worst."""

    AGREED = "agreed"
    DRIFTING = "drifting"
    UNKNOWN = "unknown"

    @property
    def word(self) -> Text:
        """What people read."""
        return words.AGREEMENT[self.value]


class Reason(Struct, frozen=True, kw_only=True):
    """One reason behind a status: a finding's rule code or a word of ours, and a sentence with values to fill in.

    ``health`` is what it makes of the commitment by itself; None where it speaks only against agreement.
    """

    code: str
    text: Text
    values: tuple[tuple[str, str], ...] = ()
    health: Health | None = None

    @property
    def is_finding(self) -> bool:
        """True for a drift, False for what scopes, counts and dates say."""
        return self.code[:1].isupper()

    def sentence(self, language: Language) -> str:
        """The sentence without its full stop. Values are as the tools gave them: escaping is the renderer's."""
        return self.text.filled(language, dict(self.values)).rstrip(" .。")


class Status(Struct, frozen=True, kw_only=True):
    """Health and agreement with the reasons behind them, worst first; there is always at least one reason."""

    health: Health
    agreement: Agreement
    reasons: tuple[Reason, ...]


def status_of(world: World, commitment: Commitment, findings: Iterable[Finding]) -> Status:
    """How the commitment stands by the evidence. ``findings`` may be anyone's; only its own open ones count."""
    blind = blind_spots_of(world, commitment)
    if blind:
        unread = tuple(_unread(verdict) for verdict in blind)
        return Status(health=Health.UNKNOWN, agreement=Agreement.UNKNOWN, reasons=unread)
    own = sorted(
        (f for f in findings if f.commitment_key == commitment.key and f.suppressed is None), key=rank_of
    )
    base = _base(world, commitment)
    by_findings = tuple(_reason(finding, is_closed=commitment.is_closed) for finding in own)
    drifts = any(finding.severity >= Severity.NOTICE for finding in own)
    return Status(
        health=Health.worst_of(r.health for r in (base, *by_findings) if r.health),
        agreement=Agreement.DRIFTING if drifts else Agreement.AGREED,
        reasons=tuple(sorted((*by_findings, base), key=_badness)),
    )


def rank_of(finding: Finding) -> tuple[int, bool, str, str, str]:
    """Sort key of findings: worst first, among equals those that decide the health, then by rule, subject and fingerprint."""
    decides = finding.rule == _BLOCKING_RULE or finding.rule in _OFF_TRACK_RULES
    return (-finding.severity, not decides, finding.rule, str(finding.subject), finding.fingerprint)


def headline(status: Status, language: Language) -> str:
    """One sentence of why, values unescaped: the two worst reasons, and how many serious ones there are beside them.

    What the counts and dates say is left out where findings made the health worse than that.
    """
    leading = [r for r in status.reasons if r.health is status.health or r.is_finding]
    told = leading or list(status.reasons[:1])
    parts = [reason.sentence(language) for reason in told[:2]]
    more = sum(reason.health is not None for reason in told[2:])
    if more:
        parts.append(words.AND_MORE.filled(language, {"count": str(more)}))
    if not told[0].is_finding:  # a finding's sentence may begin with a name, which keeps its letters
        parts[0] = f"{parts[0][:1].upper()}{parts[0][1:]}"
    return "；".join(parts) + "。" if language == "zh" else "; ".join(parts) + "."


def _badness(reason: Reason) -> int:
    return -reason.health.rank if reason.health else 1


def _unread(verdict: Verdict) -> Reason:
    values = (("scope", str(verdict.scope)), ("reason", verdict.reason or verdict.completeness.value))
    return Reason(code="unread", text=words.UNREAD, values=values, health=Health.UNKNOWN)


def _reason(finding: Finding, *, is_closed: bool) -> Reason:
    health = None if is_closed else _health_by(finding)
    return Reason(code=finding.rule, text=finding.says, values=finding.values, health=health)


def _health_by(finding: Finding) -> Health | None:
    if finding.rule == _BLOCKING_RULE and _is_blocking(finding):
        return Health.BLOCKED
    if finding.rule in _OFF_TRACK_RULES or finding.severity is Severity.CRITICAL:
        return Health.OFF_TRACK
    return Health.AT_RISK if finding.severity is Severity.HIGH else None


def _is_blocking(finding: Finding) -> bool:
    """True unless the debt was found by commits alone: a shared module slows the work, a link or a deferred feature stops it."""
    return all(evidence.record.kind != "commit" for evidence in finding.evidence)


def _base(world: World, commitment: Commitment) -> Reason:
    """What the commitment's own counts and dates say, findings aside."""
    counts = progress_of_commitment(world, commitment)
    standing = _standing(world, commitment, counts)
    said = _DEBT_WORDS if commitment.debt and counts.total == 1 else _WORDS
    text, health = said[standing]
    values = {"delivered": counts.delivered, "total": counts.total, "days": NEAR_WORKING_DAYS}
    filled = tuple((name, str(value)) for name, value in values.items())
    return Reason(code=standing, text=text, values=filled, health=health)


_WORDS = {
    "closed": (words.CLOSED, Health.DONE),
    "no_items": (words.NO_ITEMS, Health.ON_TRACK),
    "all_delivered": (words.ALL_DELIVERED, Health.DONE),
    "too_much_left": (words.TOO_MUCH_LEFT, Health.AT_RISK),
    "under_way": (words.UNDER_WAY, Health.ON_TRACK),
}
_DEBT_WORDS = _WORDS | {
    "all_delivered": (words.DEBT_REPAID, Health.DONE),
    "too_much_left": (words.DEBT_LATE, Health.AT_RISK),
    "under_way": (words.DEBT_OPEN, Health.ON_TRACK),
}


def _standing(world: World, commitment: Commitment, counts: Counts) -> str:
    if commitment.is_closed:
        return "closed"
    if not counts.total:
        return "no_items"
    if not counts.open:
        return "all_delivered"
    due_on = due_on_of(world, commitment)
    is_near = due_on is not None and is_within_working_days(world, due_on, NEAR_WORKING_DAYS)
    return "too_much_left" if is_near and counts.delivered < DELIVERED_SHARE * counts.total else "under_way"
