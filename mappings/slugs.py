"""Slugs: stable commitment keys made of what people call a record."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Set as AbstractSet

_LONGEST = 60
_SEPARATORS = re.compile(r"[\s/#!:_+,()\[\]-]+")
_STRANGE = re.compile(r"[^a-z0-9._-]+")


def slug_of(*parts: str) -> str:
    """A key of at most 60 lower-case letters, digits, dots and hyphens: ``IMP`` and ``2.0 beta`` give ``imp-2.0-beta``.

    A text that loses letters on the way (Chinese, or too long) gets six digits of its digest, so that two such texts keep different keys whatever else exists.
    """
    text = "-".join(parts)
    spaced = _SEPARATORS.sub("-", text.strip().lower())
    plain = re.sub(r"-{2,}", "-", _STRANGE.sub("-", spaced)).strip("-._")
    if plain == spaced.strip("-._") and plain and len(plain) <= _LONGEST:
        return plain
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{plain[: _LONGEST - 7].strip('-._')}-{digest}".strip("-")


def free_key(wanted: str, id_: str, taken: AbstractSet[str]) -> str:
    """``wanted``, or with the record's id behind it where it is taken."""
    if wanted not in taken:
        return wanted
    suffixed = f"{wanted}-{slug_of(id_)}"
    return suffixed if suffixed not in taken else free_key(suffixed, id_, taken)
