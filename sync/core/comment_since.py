"""Comment since: what changed since the comment last spoke, and how old the data is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from zoneinfo import ZoneInfo

from sync.core import wiki, words
from sync.core.judged import Judged, told_of
from sync.core.language import Language
from sync.core.told import Told

_MOST_KEYS = 5


def since_last(judged: Judged, told: Told | None, language: Language) -> tuple[str, ...]:
    """One line of what is different from last time; nothing where nothing is, or where nothing has been told yet."""
    said = differences(judged, told, language, shown=wiki.text) if told else ()
    return (f"{wiki.bold(words.SINCE_LAST.within(language))} {words.joined(said, language)}",) if said else ()


def ages(judged: Judged, language: Language, *, now: datetime) -> tuple[str, ...]:
    """One line of when each source was read, to what end, and how long ago that was at ``now``; nothing where no source is known."""
    zone = ZoneInfo(judged.zone)
    reads = [
        words.READ_SOURCE.filled(
            language,
            {
                "source": wiki.text(read.source, 40),
                "completeness": words.COMPLETENESS[read.completeness.value].within(language),
                "at": words.instant_words(read.at.astimezone(zone), language),
                "age": words.age_words((now - read.at).total_seconds(), language),
            },
        )
        for read in judged.reads
    ]
    where = words.WHEN_WRITTEN.filled(language, {"zone": wiki.text(judged.zone, 60)})
    return (f"{wiki.bold(words.READ.within(language))} {' · '.join(reads)}{where}",) if reads else ()


def differences(
    judged: Judged, told: Told, language: Language, *, shown: Callable[[str, int], str] = wiki.plain
) -> tuple[str, ...]:
    """What is different from what was told, in parts of a sentence; issue keys as ``shown`` makes them within so many characters."""
    now = told_of(judged)
    more = now.counts.delivered - told.counts.delivered
    added = _keys(set(now.member_keys) - set(told.member_keys), language, shown)
    removed = _keys(set(told.member_keys) - set(now.member_keys), language, shown)
    pairs = (
        (words.WAS, "health", told.health.word.within(language) if told.health is not now.health else ""),
        (words.MORE_DELIVERED, "count", _signed(more)),
        (words.ADDED, "keys", added),
        (words.REMOVED, "keys", removed),
        (words.NEW_FINDINGS, "count", _number(now.fingerprints - told.fingerprints)),
        (words.CLEARED, "count", _number(told.fingerprints - now.fingerprints)),
    )
    return tuple(text.filled(language, {name: value}) for text, name, value in pairs if value)


def _signed(number: int) -> str:
    """With its sign, a real minus sign: a hyphen could strike text out. Empty for zero."""
    return f"{'+' if number > 0 else '−'}{abs(number)}" if number else ""


def _number(things: frozenset[str]) -> str:
    return str(len(things)) if things else ""


def _keys(keys: Iterable[str], language: Language, shown: Callable[[str, int], str]) -> str:
    ordered = sorted(keys, key=_by_number)
    listed = [shown(key, 60) for key in ordered[:_MOST_KEYS]]
    more = len(ordered) - len(listed)
    if more:
        listed.append(words.AND_MORE.filled(language, {"count": str(more)}))
    return ("、" if language == "zh" else ", ").join(listed)


def _by_number(key: str) -> tuple[str, int, str]:
    project, _, number = key.rpartition("-")
    return project, int(number) if number.isdecimal() else 0, key
