"""Judge: asks every rule about every commitment and keeps what counts: enabled, past its grace, with its sources read, suppressed or not.

A closed commitment is judged only by the rules that say so: its plan is history. A commitment that depends on an unread scope is not judged at all.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from connectors.records import Ref
from mappings.commitments import EVERY, Commitment
from mappings.drift_options import RuleOptions
from mappings.schema import MappingSpec
from sync.core.drift.causes import with_causes
from sync.core.drift.rule import Options, Rule
from sync.core.drift.standing import standing_of
from sync.core.finding import Drift, Finding, Severity, Sight
from sync.core.world import World

_HOUR = timedelta(hours=1)
_LONGEST_GRACE_HOURS = 24.0 * 36_500
_LARGEST = 5_000.0  # of a threshold: beyond it, days and hours leave the calendar

_NEVER_SEEN: Mapping[str, datetime] = MappingProxyType({})


class Waiting(Struct, frozen=True, kw_only=True):
    """A drift within its grace: it counts from ``until`` on if it is still there. ``fingerprint``, ``since`` and ``sight`` are those of its finding."""

    rule: str
    commitment_key: str
    subject: Ref
    subject_label: str
    since: datetime
    until: datetime
    fingerprint: str
    sight: Sight


class NotAsked(Struct, frozen=True, kw_only=True):
    """A rule that takes silence as evidence was not asked, because ``reason`` (scope and why) was not completely read."""

    rule: str
    commitment_key: str
    reason: str


class Judgement(Struct, frozen=True, kw_only=True):
    """What all rules found. ``findings``, open and suppressed, are sorted by severity (worst first), rule, commitment and subject."""

    findings: tuple[Finding, ...]
    waiting: tuple[Waiting, ...] = ()
    not_asked: tuple[NotAsked, ...] = ()


class RuleFailedError(Exception):
    """A drift rule failed, which is a mistake in the rule and never in the data."""


def options_for(rule: Rule, spec: MappingSpec) -> Options:
    """The rule's options with the mapping's laid over its defaults. Thresholds that the rule does not name are ignored."""
    given = spec.drift.get(rule.code, RuleOptions())
    defaults = dict(rule.thresholds)
    named = {
        name: min(max(value, 0.0), _LARGEST) for name, value in given.thresholds.items() if name in defaults
    }
    hours = rule.grace / _HOUR if given.grace_hours is None else min(given.grace_hours, _LONGEST_GRACE_HOURS)
    return Options(
        is_enabled=given.enabled,
        severity=Severity.of(given.severity) if given.severity else rule.severity,
        grace=hours * _HOUR,
        thresholds=MappingProxyType(defaults | named),
    )


def findings_of(
    world: World,
    rules: Mapping[str, Rule],
    *,
    first_seen: Mapping[str, datetime] = _NEVER_SEEN,
    unknown: frozenset[str] = frozenset(),
    among: Container[str] | None = None,
) -> Judgement:
    """What ``rules`` find in ``world``. ``first_seen`` is by fingerprint; ``unknown`` are the commitments that cannot be judged now.

    ``among`` are the keys of the commitments to judge, with ``EVERY`` for what is about no single one; all of it where it is not given. Findings of one
    commitment never depend on another's, so judgements of parts are ``merged`` into the judgement of the whole.

    Raises RuleFailedError, naming rule and commitment, where a rule fails.
    """
    outcomes: list[Finding | Waiting | NotAsked] = []
    for question in _questions(world, rules.values(), unknown):
        if among is None or question.key in among:
            outcomes += question.outcomes(world, first_seen)
    findings = (outcome for outcome in outcomes if isinstance(outcome, Finding))
    return Judgement(
        findings=with_causes(sorted(findings, key=_rank), rules),
        waiting=tuple(sorted((o for o in outcomes if isinstance(o, Waiting)), key=_waiting_rank)),
        not_asked=tuple(sorted((o for o in outcomes if isinstance(o, NotAsked)), key=_not_asked_rank)),
    )


def merged(judgements: Iterable[Judgement], rules: Mapping[str, Rule]) -> Judgement:
    """The judgement of a whole from those of its parts. What is about no single commitment may be explained by what is about one."""
    parts = tuple(judgements)
    return Judgement(
        findings=with_causes(sorted((f for part in parts for f in part.findings), key=_rank), rules),
        waiting=tuple(sorted((w for part in parts for w in part.waiting), key=_waiting_rank)),
        not_asked=tuple(sorted((n for part in parts for n in part.not_asked), key=_not_asked_rank)),
    )


def blindness_of(world: World, rule: Rule) -> str:
    """The first unread scope whose silence the rule would take as evidence, with the reason; empty where there is none."""
    blind = (v for v in world.blind if rule.absence and v.scope.holds(*rule.absence))
    return next((f"{v.scope}: {v.reason or v.completeness.value}" for v in blind), "")


class _Question(Struct, frozen=True, kw_only=True):
    """One rule to be asked about one commitment, or about none."""

    rule: Rule
    commitment: Commitment | None
    options: Options

    @property
    def key(self) -> str:
        return self.commitment.key if self.commitment else EVERY

    def outcomes(
        self, world: World, first_seen: Mapping[str, datetime]
    ) -> Iterator[Finding | Waiting | NotAsked]:
        if reason := blindness_of(world, self.rule):
            yield NotAsked(rule=self.rule.code, commitment_key=self.key, reason=reason)
            return
        for drift in self._drifts(world):
            finding = self._finding(world, drift, first_seen)
            lag = self.rule.lag if drift.since else timedelta(0)
            until = finding.since + max(self.options.grace, lag)
            yield finding if until <= world.now else _waiting(finding, until)

    def _drifts(self, world: World) -> tuple[Drift, ...]:
        try:
            return tuple(self.rule.find(world, self.commitment, self.options))
        except Exception as error:
            raise RuleFailedError(
                f"rule {self.rule.code} failed on commitment {self.key}: {error}"
            ) from error

    def _finding(self, world: World, drift: Drift, first_seen: Mapping[str, datetime]) -> Finding:
        rule, given = self.rule, self.options.severity
        finding = Finding(
            rule=rule.code,
            commitment_key=self.key,
            severity=drift.severity if drift.severity is not None and given is rule.severity else given,
            audience=drift.audience or rule.audience,
            subject=drift.subject,
            subject_label=drift.evidence[0].label,
            since=drift.since or world.now,
            says=drift.says or rule.says,
            clears=drift.clears or rule.clears,
            means=drift.means or rule.means,
            values=drift.values,
            evidence=drift.evidence,
            trace=drift.trace,
            discriminator=drift.discriminator,
            covers=drift.covers,
        )
        since = drift.since or min(first_seen.get(finding.fingerprint, world.now), world.now)
        return standing_of(world, replace(finding, since=since))


def _questions(world: World, rules: Iterable[Rule], unknown: frozenset[str]) -> Iterator[_Question]:
    for rule in rules:
        options = options_for(rule, world.spec)
        known = () if rule.is_global else tuple(c for c in world.commitments if c.key not in unknown)
        everything = (None,) if rule.is_global or rule.is_also_global else ()
        for commitment in (*everything, *known) if options.is_enabled else ():
            if commitment is None or rule.judges_closed or not commitment.is_closed:
                yield _Question(rule=rule, commitment=commitment, options=options)


def _waiting(finding: Finding, until: datetime) -> Waiting:
    return Waiting(
        rule=finding.rule,
        commitment_key=finding.commitment_key,
        subject=finding.subject,
        subject_label=finding.subject_label,
        since=finding.since,
        until=until,
        fingerprint=finding.fingerprint,
        sight=finding.sight,
    )


def _rank(finding: Finding) -> tuple[int, str, str, Ref, str]:
    return -finding.severity, finding.rule, finding.commitment_key, finding.subject, finding.discriminator


def _not_asked_rank(not_asked: NotAsked) -> tuple[str, str, str]:
    return not_asked.rule, not_asked.commitment_key, not_asked.reason


def _waiting_rank(waiting: Waiting) -> tuple[str, str, Ref, str]:
    return waiting.rule, waiting.commitment_key, waiting.subject, waiting.fingerprint
