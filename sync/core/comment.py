"""Comment: the managed comment of one commitment in one slot, in wiki markup. A manager reads it in ten seconds."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from connectors.commands import Slot, marker_of
from sync.core import wiki, words
from sync.core.comment_rows import remainder, rows_of, table
from sync.core.comment_since import ages, since_last
from sync.core.judged import Judged, told_of
from sync.core.language import Language
from sync.core.status import Health, headline
from sync.core.status_property import digest_of
from sync.core.told import Told
from sync.core.voice import Voice

BODY_LIMIT = 30_000
"""Most characters of a body. Jira takes 32,767; the rest is room for what its conversions add."""

_COLOURS = {
    Health.DONE: "#006644",
    Health.ON_TRACK: "#006644",
    Health.AT_RISK: "#B65C02",
    Health.OFF_TRACK: "#BF2600",
    Health.BLOCKED: "#BF2600",
    Health.UNKNOWN: "#42526E",
}
_GREY = "#7A869A"


class Comment(Struct, frozen=True, kw_only=True):
    """A rendered comment. ``digest`` identifies what it says: everything but the ages of the data and what changed since last time."""

    body: str
    digest: str
    category: Health


def comment_of(
    judged: Judged, told: Told | None, *, language: Language, now: datetime, slot: Slot
) -> Comment:
    """The comment about ``judged`` for everybody; see ``comment_in``."""
    return comment_in(judged, told, voice=Voice(language=language), now=now, slot=slot)


def comment_in(judged: Judged, told: Told | None, *, voice: Voice, now: datetime, slot: Slot) -> Comment:
    """The comment about ``judged``; ``told`` is what the slot said last time. Under ``BODY_LIMIT``, its last line is the marker.

    What changed since last time stays out of the digest: saying it makes it old, and the next run must find nothing to write. Who may read it is in
    the digest: a changed visibility must be written. Raises ``ValueError`` for an unknown commitment, about which nothing is said.
    """
    if judged.is_unknown:
        raise ValueError(f"{judged.commitment.key} is unknown; nothing is written about it")
    language = voice.language
    rows = rows_of(judged, voice)
    said = told_of(judged, readers=voice.readers).to_json()
    digest = digest_of("\n".join((*_stable(judged, rows, language), said)))
    passing = (*since_last(judged, told, language), *ages(judged, language, now=now))
    while True:
        lines = (*_stable(judged, rows, language), *passing, _foot(slot, digest, language))
        body = "\n".join(lines)
        if len(body) <= BODY_LIMIT or not rows:
            return Comment(body=body, digest=digest, category=judged.status.health)
        rows = rows[:-1]


def _stable(judged: Judged, rows: tuple[str, ...], language: Language) -> tuple[str, ...]:
    """The lines that change only when the judgement does."""
    why = f"{wiki.bold(words.WHY.within(language))} {wiki.text(headline(judged.status, language), 600)}"
    return (
        _first(judged, language),
        why,
        "",
        *table(rows, language),
        *remainder(judged, len(rows), language),
        *([""] if judged.findings or judged.suppressed else []),
        _progress(judged, language),
    )


def _first(judged: Judged, language: Language) -> str:
    status = judged.status
    health = wiki.colored(wiki.bold(status.health.word.within(language)), _COLOURS[status.health])
    title = wiki.bold(wiki.text(judged.commitment.title, 200) or judged.commitment.key)
    due = words.NO_DATE.within(language)
    if judged.due_on:
        due = words.DUE.filled(language, {"date": words.date_words(judged.due_on, language)})
    return " · ".join((health, status.agreement.word.within(language), title, due))


def _progress(judged: Judged, language: Language) -> str:
    counts = judged.counts
    said = [words.NO_ITEMS.within(language)]
    if counts.total:
        values = {"delivered": str(counts.delivered), "total": str(counts.total)}
        said = [words.DELIVERED.filled(language, values)]
    parts = (
        (words.IN_REVIEW, counts.in_review),
        (words.IN_PROGRESS, counts.in_progress),
        (words.TO_DO, counts.to_do),
        (words.DROPPED, counts.dropped),
    )
    said += [text.filled(language, {"count": str(number)}) for text, number in parts if number]
    return f"{wiki.bold(words.PROGRESS.within(language))} {words.joined(said, language)}"


def _foot(slot: Slot, digest: str, language: Language) -> str:
    """The last line: how to silence a finding, and the marker, in a typeface in which Jira changes no sign."""
    marker = marker_of(slot.commitment_key, digest)
    return f"{wiki.colored(words.SILENCE.within(language), _GREY)} {{{{{marker}}}}}"
