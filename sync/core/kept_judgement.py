"""Kept judgement: what was judged of one commitment, to be used again for as long as nothing has changed that it was made of.

What changes in the tools is marked where it is stored. The rest is in the ``basis`` (the mapping, decisions of people, what could not be read), but for the clock: a
judgement is good until the day ends, a drift's grace does, or ``LONGEST`` is over, whichever comes first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from msgspec import Struct
from msgspec.structs import asdict

from mappings.calendar import Calendar
from mappings.commitments import EVERY, Commitment
from sync.core.coverage import Dependence, dependence_of, verdicts_within
from sync.core.drift.judge import Judgement
from sync.core.judged import Judged, reads_of
from sync.core.progress import Counts
from sync.core.status import Health, Status, rank_of
from sync.core.world import World

LONGEST = timedelta(hours=1)
"""How long a judgement is used again at most: so late is noticed what the marks do not tell."""

REVISION = 1
"""Grows when the same evidence is judged otherwise than before: then everything is judged again."""


class Standing(Struct, frozen=True, kw_only=True):
    """How a commitment stood: all of ``Judged`` but its findings and what the verdicts say of its sources."""

    dependence: Dependence
    status: Status
    counts: Counts
    member_keys: tuple[str, ...]
    due_on: date | None
    heard: Health | None


class Validity(Struct, frozen=True, kw_only=True):
    """Upon which basis and when the commitment ``key`` was judged, or, as ``*``, what is about no single one; and for how long that can be used again."""

    key: str
    basis: str
    judged_at: datetime
    good_until: datetime

    def is_good(self, basis: str, *, now: datetime) -> bool:
        """True if it can be used again ``now``, where ``basis`` is the basis now."""
        return self.basis == basis and self.judged_at <= now < self.good_until


class KeptJudgement(Validity, frozen=True, kw_only=True):
    """What was judged; of what is about no single commitment there is no ``standing``."""

    judgement: Judgement
    standing: Standing | None = None

    def judged(self, world: World, commitment: Commitment) -> Judged:
        """The commitment as it stood, with what the verdicts in ``world`` say of its sources. Raises ValueError where it has no standing."""
        if self.standing is None:
            raise ValueError(f"{self.key}: what is about no single commitment has no standing")
        findings = sorted(self.judgement.findings, key=rank_of)
        return Judged(
            commitment=commitment,
            status=self.standing.status,
            counts=self.standing.counts,
            findings=tuple(f for f in findings if f.suppressed is None),
            suppressed=tuple(f for f in findings if f.suppressed is not None),
            blind_spots=(),
            member_keys=self.standing.member_keys,
            reads=reads_of(verdicts_within(world, self.standing.dependence)),
            due_on=self.standing.due_on,
            zone=world.spec.calendar.zone,
            heard=self.standing.heard,
        )


def kept_of(world: World, basis: str, judgement: Judgement, *, judged: Judged | None = None) -> KeptJudgement:
    """What is kept of ``judgement``, which is about ``judged`` alone, or about no single commitment."""
    return KeptJudgement(
        key=judged.commitment.key if judged else EVERY,
        basis=basis,
        judged_at=world.now,
        good_until=_good_until(world, judgement),
        judgement=judgement,
        standing=_standing(world, judged) if judged else None,
    )


def _standing(world: World, judged: Judged) -> Standing:
    return Standing(
        dependence=dependence_of(world, judged.commitment),
        status=judged.status,
        counts=judged.counts,
        member_keys=judged.member_keys,
        due_on=judged.due_on,
        heard=judged.heard,
    )


def _good_until(world: World, judgement: Judgement) -> datetime:
    calendar = Calendar(world.spec.calendar)
    tomorrow = calendar.start_of(calendar.day_of(world.now) + timedelta(days=1))
    return min(world.now + LONGEST, tomorrow, *(waiting.until for waiting in judgement.waiting))


def parted(judgement: Judgement, keys: Iterable[str]) -> Mapping[str, Judgement]:
    """A judgement of several commitments as one of each."""
    return {
        key: Judgement(
            findings=tuple(f for f in judgement.findings if f.commitment_key == key),
            waiting=tuple(w for w in judgement.waiting if w.commitment_key == key),
            not_asked=tuple(n for n in judgement.not_asked if n.commitment_key == key),
        )
        for key in keys
    }


@dataclass(frozen=True)
class Bases:
    """What judgements in ``world`` are made of beside the records, as digests. ``version`` is that of the program."""

    world: World
    version: str

    def of(self, commitment: Commitment | None) -> str:
        """The basis of the judgement of one commitment, or of what is about no single one."""
        about = [commitment] if commitment else list(self.world.commitments)
        return _digest_of((self._common, about))

    @cached_property
    def _common(self) -> str:
        condition = self.world.condition
        blind = [(str(v.scope), v.completeness.value, v.reason) for v in self.world.blind]
        debts = [(c.key, c.debt, c.is_closed) for c in self.world.commitments if c.debt]
        decisions = (condition.acknowledged, condition.suppressions)
        spec = self.world.spec.model_dump()
        return _digest_of((REVISION, self.version, spec, blind, debts, decisions))


def _digest_of(value: object) -> str:
    text = json.dumps(value, default=_plain, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()


def _plain(value: object) -> object:
    """What JSON can hold of a value, the same in every process: sets have no order of their own."""
    if isinstance(value, frozenset | set):
        return sorted(map(str, value))
    if isinstance(value, Struct):
        return asdict(value)
    dump = getattr(value, "model_dump", None)
    return dump() if dump else str(value)
