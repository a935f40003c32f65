"""Spoken: one fact in the words of who reads it. Technical: what the systems say. Engineering: what it means for delivery, with the mapping's glossary."""

from __future__ import annotations

import re
from collections.abc import Mapping

from sync.core.finding import Audience, Finding
from sync.core.language import Language
from sync.core.voice import Voice

_WORD = r"[0-9A-Za-z_\u00c0-\u024f]"


def spoken(
    finding: Finding, language: Language, *, reader: Audience | None, glossary: Mapping[str, str]
) -> str:
    """The finding in one sentence. Only engineering managers read what it means; rules about Tandem itself mean what they say."""
    values = dict(finding.values)
    if reader is not Audience.ENGINEERING or finding.means is None:
        return finding.says.filled(language, values)
    return translated(finding.means.filled(language, values), glossary)


def told_to_actors(finding: Finding, voice: Voice) -> tuple[str, ...]:
    """The finding in the words of who is to act; where both are, as the voice has it: in the words of one, or what the systems say and then what it means."""
    reader = voice.vocabulary if finding.audience is Audience.BOTH else finding.audience
    readers = (Audience.TECHNICAL, Audience.ENGINEERING) if reader is Audience.BOTH else (reader,)
    said = (spoken(finding, voice.language, reader=one, glossary=voice.glossary) for one in readers)
    return tuple(dict.fromkeys(said))


def translated(text: str, glossary: Mapping[str, str]) -> str:
    """The text with every term of the glossary replaced, longest first, each place once. Terms stand on their own; case does not matter."""
    meaning = {term.casefold(): means for term, means in glossary.items()}
    terms = sorted(glossary, key=lambda term: (-len(term), term))
    if not terms:
        return text
    any_term = "|".join(map(_standing_alone, terms))
    return re.sub(
        any_term, lambda found: meaning.get(found[0].casefold(), found[0]), text, flags=re.IGNORECASE
    )


def _standing_alone(term: str) -> str:
    """A pattern for the term that is no part of a longer word; where it begins or ends with no letter, anything may stand beside it."""
    before = f"(?<!{_WORD})" if re.match(_WORD, term) else ""
    after = f"(?!{_WORD})" if re.search(f"{_WORD}$", term) else ""
    return f"{before}{re.escape(term)}{after}"
