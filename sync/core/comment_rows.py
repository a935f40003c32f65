"""Comment rows: the findings of a managed comment, one table row each, and the sentence about those not shown."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from zoneinfo import ZoneInfo

from sync.core import wiki, words
from sync.core.drift.spoken import told_to_actors
from sync.core.finding import Finding, Severity, State
from sync.core.judged import Judged
from sync.core.language import Language
from sync.core.voice import Voice

MOST_ROWS = 5
"""Findings shown; the others are counted."""

_SENTENCE_LIMIT = 400


def rows_of(judged: Judged, voice: Voice) -> tuple[str, ...]:
    """Table rows of the worst findings, each in the words of who is to act. Notices get rows only where there is nothing worse: first what must be done."""
    worth = _worth(judged)
    urgent = [f for f in worth if f.severity >= Severity.WARNING]
    return tuple(_row(judged, finding, voice) for finding in (urgent or worth)[:MOST_ROWS])


def table(rows: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """The rows under their heading; nothing without rows."""
    heads = (words.DRIFT, words.WHAT_IS_WRONG, words.WHAT_TO_DO, words.WHO)
    return (wiki.heading_row([head.within(language) for head in heads]), *rows) if rows else ()


def remainder(judged: Judged, shown: int, language: Language) -> tuple[str, ...]:
    """One line that counts the findings beyond the first ``shown`` by severity, and the suppressed ones; nothing if there are none."""
    hidden = _worth(judged)[shown:]
    parts = []
    if hidden:
        count = words.AND_MORE.filled(language, {"count": str(len(hidden))})
        by_severity = sorted(Counter(f.severity for f in hidden).items(), reverse=True)
        words_of = [words.severity_count(number, severity, language) for severity, number in by_severity]
        colon, comma = ("：", "、") if language == "zh" else (": ", ", ")
        parts.append(f"{count}{colon}{comma.join(words_of)}")
    if judged.suppressed:
        parts.append(_suppressed(judged, language))
    return (("；" if language == "zh" else "; ").join(parts),) if parts else ()


def linked(sentence: str, links: Mapping[str, str]) -> str:
    """The sentence as inert markup in which every label of ``links`` is a link to its address, wherever it stands as a word of its own."""
    line = wiki.plain(sentence, _SENTENCE_LIMIT)
    labels = sorted(filter(None, links), key=lambda label: (-len(label), label))
    if not labels:
        return wiki.escaped(line)
    either = "|".join(re.escape(label) for label in labels)
    pieces = re.split(rf"(?<![A-Za-z0-9_])({either})(?![A-Za-z0-9_])", line)
    return "".join(
        wiki.link(piece, links[piece]) if place % 2 else wiki.escaped(piece)
        for place, piece in enumerate(pieces)
    )


def _worth(judged: Judged) -> list[Finding]:
    """Findings that are worth a word by themselves: what another explains is said with that one."""
    return [f for f in judged.findings if f.severity >= Severity.NOTICE and f.explained_by is None]


def _row(judged: Judged, finding: Finding, voice: Voice) -> str:
    language, links = voice.language, _links(finding)
    what, *more = (linked(sentence.rstrip(" .。"), links) for sentence in told_to_actors(finding, voice))
    since_on = finding.since.astimezone(ZoneInfo(judged.zone)).date()
    since = words.SINCE.filled(language, {"date": words.date_words(since_on, language)})
    said = words.joined(
        (since, *_standing(finding, language), *_explains(judged, finding, language)), language
    )
    opening, closing = ("（", "）") if language == "zh" else (" (", ")")
    meaning = (words.FOR_DELIVERY.filled(language, {"meaning": sentence}) for sentence in more)
    clears = finding.clears.filled(language, dict(finding.values)).rstrip(" .。")
    return wiki.row(
        (
            f"{wiki.bold(finding.rule)} {words.SEVERITY[finding.severity].within(language)}",
            "".join((what, opening, said, closing, *meaning)),
            linked(clears, links),
            wiki.text(_who(judged, finding, language), 200),
        )
    )


def _explains(judged: Judged, finding: Finding, language: Language) -> tuple[str, ...]:
    codes = sorted({f.rule for f in judged.findings if f.explained_by == finding.fingerprint})
    listed = ("、" if language == "zh" else " and ").join(codes)
    return (words.EXPLAINS.filled(language, {"codes": listed}),) if codes else ()


def _standing(finding: Finding, language: Language) -> tuple[str, ...]:
    """Who has acknowledged it, or that it comes and goes: why nobody is notified."""
    if finding.state is State.FLAPPING:
        return (words.FLAPPING.within(language),)
    if given := finding.acknowledged:
        return (words.ACKNOWLEDGED.filled(language, {"name": wiki.text(given.owner, 60)}),)
    return ()


def _links(finding: Finding) -> dict[str, str]:
    """Addresses by label. A label that two records share (``!12`` of two projects) is left out: no link is better than a wrong one."""
    by_label: defaultdict[str, set[str]] = defaultdict(set)
    for evidence in finding.evidence:
        by_label[wiki.plain(evidence.label, 120)].add(evidence.url)
    return {label: min(urls) for label, urls in by_label.items() if len(urls) == 1}


def _who(judged: Judged, finding: Finding, language: Language) -> str:
    named = {
        words.TECHNICAL: judged.commitment.technical_owner,
        words.ENGINEERING: judged.commitment.engineering_owner,
    }
    nobody = words.NOBODY.within(language)
    roles = words.roles_of(finding.audience)
    return words.joined(
        (role.filled(language, {"name": named.get(role) or nobody}) for role in roles), language
    )


def _suppressed(judged: Judged, language: Language) -> str:
    why = min((f.suppressed for f in judged.suppressed if f.suppressed), key=lambda s: (s.until, s.reason))
    values = {
        "count": str(len(judged.suppressed)),
        "date": words.date_words(why.until, language),
        "reason": wiki.text(why.reason, 120),
    }
    is_alike = {f.suppressed for f in judged.suppressed} == {why}
    return (words.UNTIL if is_alike else words.UNTIL_FIRST).filled(language, values)
