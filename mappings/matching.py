"""Matching: which records a scope rule picks, and which part of the rule picked each.

Rules are worked out as sets, found by value: the cost follows the number of matches, not rules times records. A ``not`` makes a set that is known
by what it leaves out, so rules combine by plain set algebra and ``not`` of ``not`` is where one began.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from msgspec import Struct

from mappings.commitments import ScopeRule
from mappings.problems import below
from mappings.record_index import Found, RecordIndex
from mappings.rule_tree import said_by


class Picked(Struct, frozen=True):
    """A set of places; with ``is_rest`` all places but these."""

    places: Found = frozenset()
    is_rest: bool = False

    def __contains__(self, place: int) -> bool:
        return (place in self.places) is not self.is_rest

    def __invert__(self) -> Picked:
        return Picked(self.places, not self.is_rest)

    def __and__(self, other: Picked) -> Picked:
        if self.is_rest and other.is_rest:
            return Picked(self.places | other.places, is_rest=True)
        if self.is_rest:
            return Picked(other.places - self.places)
        return Picked(self.places - other.places if other.is_rest else self.places & other.places)

    def __or__(self, other: Picked) -> Picked:
        return ~(~self & ~other)


class Matched(Struct, frozen=True, kw_only=True):
    """One rule worked out: what it picks, by which of its own words and by which rules inside it."""

    path: str
    words: tuple[tuple[tuple[str, Found], ...], ...]
    any: tuple[Matched, ...]
    all: tuple[Matched, ...]
    not_: Matched | None
    not_words: str
    picked: Picked

    def reason(self, place: int) -> tuple[str, str]:
        """(Path of the rule, its condition in words) that made the record at ``place`` a member; the record must be picked."""
        chosen = next((part for part in self.any if place in part.picked), None)
        if chosen and not (self.words or self.all or self.not_):
            return chosen.reason(place)
        said = [next(word for word, found in values if place in found) for values in self.words]
        said += [part.reason(place)[1] for part in self.all]
        said += [chosen.reason(place)[1]] if chosen else []
        said += [f"not ({self.not_words})"] if self.not_ else []
        return self.path, " and ".join(said)


def matched(rule: ScopeRule, path: str, index: RecordIndex) -> Matched:
    """``rule``, which stands at ``path``, worked out over the records of ``index``. A rule that says nothing picks nothing."""
    words = tuple(_values(rule, name, index) for name in said_by(rule))
    parts_any = tuple(matched(r, below(path, "any", i), index) for i, r in enumerate(rule.any))
    parts_all = tuple(matched(r, below(path, "all", i), index) for i, r in enumerate(rule.all))
    inner = matched(rule.not_, below(path, "not"), index) if rule.not_ else None
    conditions = [Picked(_having_all(words))] if words else []
    conditions += [part.picked for part in parts_all]
    if parts_any:
        conditions.append(reduce(lambda a, b: a | b, (part.picked for part in parts_any)))
    if inner:
        conditions.append(~inner.picked)
    return Matched(
        path=path,
        words=words,
        any=parts_any,
        all=parts_all,
        not_=inner,
        not_words=words_of(rule.not_) if rule.not_ else "",
        picked=reduce(lambda a, b: a & b, conditions) if conditions else Picked(),
    )


def _having_all(words: tuple[tuple[tuple[str, Found], ...], ...]) -> Found:
    """The places that have a value of every predicate, beginning with the rarest so that a label on everything costs nothing."""
    rarest, *others = sorted(words, key=lambda values: sum(len(found) for _, found in values))
    places: Found = frozenset().union(*(found for _, found in rarest))
    for values in others:
        places = frozenset(place for place in places if any(place in found for _, found in values))
    return places


def _values(rule: ScopeRule, name: str, index: RecordIndex) -> tuple[tuple[str, Found], ...]:
    """Each value that ``rule`` gives for the predicate ``name``, in words, with the records that have it."""
    if name == "field" and rule.field:
        asked = rule.field
        return tuple((f"{asked.name} = {v}", index.with_field(asked, v)) for v in asked.values)
    if name == "path" and rule.path:
        return ((_path_words(rule), index.touching(rule.path)),)
    return tuple((f"{name} = {value}", index.having(name, value)) for value in getattr(rule, name))


def _path_words(rule: ScopeRule) -> str:
    return f"path = {rule.path.project}:{rule.path.prefix}" if rule.path else ""


def words_of(rule: ScopeRule) -> str:
    """The whole rule in words, such as ``fix_version = 2.0 and not (label = spike)``."""
    return " and ".join(_phrases(rule)) or "nothing"


def _phrases(rule: ScopeRule) -> Iterator[str]:
    for name in said_by(rule):
        if name == "path":
            yield _path_words(rule)
        elif name == "field" and rule.field:
            yield f"{rule.field.name} = {' or '.join(rule.field.values)}"
        else:
            yield f"{name} = {' or '.join(getattr(rule, name))}"
    yield from (words_of(part) for part in rule.all)
    if rule.any:
        yield f"({' or '.join(words_of(part) for part in rule.any)})"
    if rule.not_:
        yield f"not ({words_of(rule.not_)})"
