"""Text in the languages that Tandem writes: the same facts and numbers, in English and Simplified Chinese."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from msgspec import Struct

Language: TypeAlias = Literal["en", "zh"]


class Text(Struct, frozen=True, kw_only=True):
    """One sentence in every language, with ``{named}`` places for values. Values are inserted as they are: escaping is the renderer's."""

    en: str
    zh: str

    def within(self, language: Language) -> str:
        """The template in ``language``."""
        return self.zh if language == "zh" else self.en

    def filled(self, language: Language, values: Mapping[str, str]) -> str:
        """The sentence in ``language``. Raises ``KeyError`` if a place has no value."""
        return self.within(language).format_map(values)
