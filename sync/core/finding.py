"""Finding: one drift, with its evidence, its age, who is to act and what clears it."""

from __future__ import annotations

import hashlib
from datetime import date, datetime
from enum import IntEnum, StrEnum

from msgspec import Struct

from connectors.records import Ref
from sync.core.language import Text


class Severity(IntEnum):
    """How bad a finding is; a whole is as bad as its worst part."""

    INFO = 0
    NOTICE = 1
    WARNING = 2
    HIGH = 3
    CRITICAL = 4

    @property
    def word(self) -> str:
        """The lower-case word used in mapping, JSON and tables."""
        return self.name.lower()

    @classmethod
    def of(cls, word: str) -> Severity:
        """The severity that ``word`` names; ``KeyError`` if none."""
        return cls[word.upper()]


class Audience(StrEnum):
    """Who is to act."""

    TECHNICAL = "technical"
    ENGINEERING = "engineering"
    BOTH = "both"
    OPERATOR = "operator"


class Evidence(Struct, frozen=True, kw_only=True):
    """One record behind a finding: what people call it, where it is, and what was observed of it."""

    record: Ref
    label: str
    url: str
    observed: str


class Sight(Struct, frozen=True, kw_only=True, order=True):
    """What was seen of a finding at one time: its severity, what it said in English, and its evidence as (ref, label, what was observed)."""

    severity: Severity
    says: str
    evidence: tuple[tuple[str, str, str], ...]


class Condition(Struct, frozen=True, kw_only=True):
    """One condition of a rule as it was tried: what was asked, what was observed, and whether it held."""

    asked: str
    observed: str
    held: bool


class Drift(Struct, frozen=True, kw_only=True):
    """What a rule found, before grace, options and suppression are applied.

    ``subject`` is the record that the drift is about; with the rule and the commitment it makes the fingerprint, so it must be stable while the
    drift lasts (``discriminator`` tells several drifts of one subject apart). ``since`` is when the drift became true as the tools tell, None where
    they do not: then it counts from the run that first saw it.
    ``values`` fill the sentences: the rule's, or ``says``, ``clears`` and ``means`` where the rule has several. ``evidence`` is never empty and starts with the subject. ``trace`` tells how the rule decided.
    ``covers`` are (subject, discriminator) of findings about no single commitment that have this one as their cause, if their rule says so.
    """

    subject: Ref
    since: datetime | None
    values: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    trace: tuple[Condition, ...] = ()
    severity: Severity | None = None
    audience: Audience | None = None
    discriminator: str = ""
    covers: frozenset[tuple[Ref, str]] = frozenset()
    says: Text | None = None
    clears: Text | None = None
    means: Text | None = None


class Suppressed(Struct, frozen=True, kw_only=True):
    """Why a finding is quiet, until when (inclusive), and who decided so."""

    reason: str
    owner: str
    until: date


class Acknowledged(Struct, frozen=True, kw_only=True, order=True):
    """Who has taken notice of a finding, at what severity and when. It is still shown, and notifies nobody again unless it gets worse than ``severity``.

    ``until`` is the last day on which that holds, None for as long as the finding lasts.
    """

    fingerprint: str
    owner: str
    severity: Severity
    at: datetime
    note: str = ""
    until: date | None = None


class State(StrEnum):
    """Where a finding stands in its life. ``cleared`` is a finding that was and is no more."""

    NEW = "new"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    SUPPRESSED = "suppressed"
    CLEARED = "cleared"
    FLAPPING = "flapping"


class Finding(Struct, frozen=True, kw_only=True):
    """A drift that counts: past its grace and enabled. ``says`` and ``clears`` are sentences with ``values`` to fill in.

    ``commitment_key`` is ``*`` for findings about no single commitment. ``subject_label`` is what people call the subject. Suppressed
    findings are kept and counted, never shown as open. ``explained_by`` is the fingerprint of the finding that is its cause: it is shown under that one.
    """

    rule: str
    commitment_key: str
    severity: Severity
    audience: Audience
    subject: Ref
    subject_label: str
    since: datetime
    says: Text
    clears: Text
    values: tuple[tuple[str, str], ...]
    evidence: tuple[Evidence, ...]
    trace: tuple[Condition, ...] = ()
    means: Text | None = None
    discriminator: str = ""
    covers: frozenset[tuple[Ref, str]] = frozenset()
    suppressed: Suppressed | None = None
    acknowledged: Acknowledged | None = None
    state: State = State.OPEN
    explained_by: str | None = None

    @property
    def is_muted(self) -> bool:
        """True if it is shown but notifies nobody: somebody has acknowledged it, it comes and goes, or another finding is its cause."""
        return self.state in {State.ACKNOWLEDGED, State.FLAPPING} or self.explained_by is not None

    @property
    def sight(self) -> Sight:
        """What is seen of it now."""
        return Sight(
            severity=self.severity,
            says=self.says.filled("en", dict(self.values)),
            evidence=tuple((str(e.record), e.label, e.observed) for e in self.evidence),
        )

    @property
    def fingerprint(self) -> str:
        """Stable identity over runs: rule, commitment, subject and discriminator; 16 hexadecimal digits."""
        parts = (self.rule, self.commitment_key, str(self.subject), self.discriminator)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]
