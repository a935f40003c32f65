"""Voice: how a managed comment speaks, and who may read it."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from sync.core.finding import Audience
from sync.core.language import Language


class Voice(Struct, frozen=True, kw_only=True):
    """Language and words of a comment, and who may read it (``role:Developers``; empty for everybody).

    ``vocabulary`` (technical, engineering or both) says in whose words that is told on which both owners are to act. ``glossary`` translates
    technical terms where engineering managers read.
    """

    language: Language
    readers: str = ""
    vocabulary: Audience = Audience.BOTH
    glossary: Mapping[str, str] = field(default_factory=dict)
