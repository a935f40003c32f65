"""Departures: issues that are gone, and what each was to the commitments. Judged by what was read of them last, for nothing more can be read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType

from msgspec import Struct

from connectors.records import Issue, Record, Ref, Version
from mappings.commitments import EVERY, Commitment
from mappings.discovery import commitments_of
from mappings.observed import Gone, Observed
from mappings.rule_tree import affirmed
from mappings.schema import MappingSpec
from mappings.scope import memberships_of
from mappings.unmatched import Named, unmatched


class Departure(Struct, frozen=True, kw_only=True):
    """One issue that is gone, and what it was to one commitment.

    ``because`` is the scope rule by which it belonged, in words; empty where the mapping only names it. ``names`` are the names by which the mapping
    speaks of it, with their places there. A commitment that was made of the issue is gone as well: then ``commitment_key`` is ``*``
    and ``made`` the title of that commitment.
    """

    commitment_key: str
    gone: Gone
    because: str = ""
    names: tuple[tuple[str, str], ...] = ()
    made: str = ""

    @property
    def issue(self) -> Issue:
        """The issue as it was read last."""
        return self.gone.issue


def departures_of(
    spec: MappingSpec, commitments: Iterable[Commitment], observed: Observed
) -> tuple[Departure, ...]:
    """Every departure, sorted by commitment key and issue.

    Left out are issues whose key another issue has by now (they were read in again under another id) and sub-tasks that went with their parent. Work below
    a path makes no member here: links lead to issues that are there.
    """
    missed = tuple(_missed(observed))
    if not missed:
        return ()
    leaving = _Leaving(spec=spec, commitments=tuple(commitments), observed=observed, missed=missed)
    return tuple(sorted(leaving.all(), key=lambda d: (d.commitment_key, d.issue.ref)))


def _missed(observed: Observed) -> Iterator[Gone]:
    lost = tuple(gone for gone in observed.gone if gone.issue.key not in observed.issue_by_key)
    parents = {(gone.issue.source, gone.issue.id) for gone in lost}
    for gone in lost:
        if not (gone.issue.is_subtask and (gone.issue.source, gone.issue.parent_id) in parents):
            yield gone


@dataclass(frozen=True, kw_only=True)
class _Leaving:
    """The issues that are missed, held against the plan."""

    spec: MappingSpec
    commitments: tuple[Commitment, ...]
    observed: Observed
    missed: tuple[Gone, ...]

    def all(self) -> Iterator[Departure]:
        by_key = {commitment.key: commitment for commitment in self.commitments}
        for key, held in self._because.items():
            for ref, because in held.items():
                gone = self._gone[ref]
                names = tuple(self._names(by_key[key], gone))
                yield Departure(commitment_key=key, gone=gone, because=because, names=names)
        yield from self._lost()

    @cached_property
    def _gone(self) -> Mapping[Ref, Gone]:
        return MappingProxyType({g.issue.ref: g for g in self.missed})

    @cached_property
    def _before(self) -> Observed:
        """What decides where the missed issues belonged: they themselves with the parents and epics above them, and all versions."""
        above = dict(self._above(g.issue for g in self.missed))
        records: list[Record] = [*above.values(), *self.observed.all(Version)]
        return Observed.of(records, aliases=self.observed.aliases)

    def _above(self, issues: Iterable[Issue]) -> Iterator[tuple[Ref, Issue]]:
        ahead, seen = list(issues), set[Ref]()
        while ahead:
            issue = ahead.pop()
            if issue.ref not in seen:
                seen.add(issue.ref)
                yield issue.ref, issue
                keys = (key for key in (issue.parent_key, issue.epic_key) if key)
                ahead += [found for key in keys if (found := self.observed.issue_by_key.get(key))]

    @cached_property
    def _because(self) -> Mapping[str, Mapping[Ref, str]]:
        """Why each missed issue is missed, by commitment: the scope rule in words, empty where the mapping only names it."""
        found: defaultdict[str, dict[Ref, str]] = defaultdict(dict)
        for commitment in self.commitments:
            for key in _keys_named_by(commitment):
                issue = self._before.issue_by_key.get(key)
                if issue and issue.ref in self._gone:
                    found[commitment.key][issue.ref] = ""
        for membership in memberships_of(self.spec, self.commitments, self._before):
            if membership.record in self._gone:
                found[membership.commitment_key][membership.record] = membership.because
        return found

    @cached_property
    def _places(self) -> Mapping[str, tuple[str, ...]]:
        """Where the mapping names issues that are not there, by the name."""
        found: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        for one in unmatched(self.spec, self.observed):
            if one.named is Named.ISSUE:
                found[one.name] += (one.path,)
        return found

    def _names(self, commitment: Commitment, gone: Gone) -> Iterator[tuple[str, str]]:
        for key in dict.fromkeys(_keys_named_by(commitment)):
            if self._before.issue_by_key.get(key) == gone.issue:
                yield from ((key, place) for place in self._places.get(key, ()))

    def _lost(self) -> Iterator[Departure]:
        """Open commitments that were found in a missed issue, and with it are gone."""
        known = {commitment.key for commitment in self.commitments}
        alone = Observed.of(g.issue for g in self.missed)
        for commitment in commitments_of(self.spec, alone):
            refs = [ref for ref in commitment.anchors if ref in self._gone]
            if refs and commitment.key not in known and not commitment.is_closed:
                yield Departure(commitment_key=EVERY, gone=self._gone[refs[0]], made=commitment.title)


def _keys_named_by(commitment: Commitment) -> Iterator[str]:
    """Issue keys that the mapping gives for the commitment: its slots, its debt issue, and keys and epics of its scope."""
    named = (key for rule in affirmed(commitment.scope) for key in (*rule.key, *rule.epic))
    debt = (commitment.debt.issue_key,) if commitment.debt else ()
    return (key.strip() for key in (*commitment.slot_issue_keys, *debt, *named))
