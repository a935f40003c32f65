"""Seen: what has come of a listing, so that nothing of it comes twice. Of a million ids a bit is kept of each, of pages a digest."""

from __future__ import annotations

import re
from collections.abc import Iterable
from hashlib import blake2b

_PLAIN = re.compile(r"[1-9][0-9]{0,17}")
"""A number that is written in one way only, and is not so long that to read it takes time."""
_SPAN = 512
"""Ids of one piece of bits: where a project has one id in a hundred of those about it, a piece still takes no more than its ids would."""


class SeenIds:
    """Ids that have come. Those that are no plain numbers are kept as they are."""

    def __init__(self) -> None:
        self._bits: dict[int, bytearray] = {}
        self._others: set[str] = set()

    def take(self, ids: Iterable[str]) -> bool:
        """Add ids; False if one of them had come before, also among these. Then it has not been decided which of the others are in."""
        return all(map(self._is_new, ids))

    def _is_new(self, id_: str) -> bool:
        if not _PLAIN.fullmatch(id_):
            is_new = id_ not in self._others
            self._others.add(id_)
            return is_new
        number, place = divmod(int(id_), _SPAN)
        piece = self._bits.get(number)
        if piece is None:
            piece = self._bits[number] = bytearray(_SPAN // 8)
        mask = 1 << place % 8
        is_new = not piece[place // 8] & mask
        piece[place // 8] |= mask
        return is_new


class SeenPages:
    """Pages that have come, whatever they held."""

    def __init__(self) -> None:
        self._digests: set[bytes] = set()

    def take(self, rows: object) -> bool:
        """Add a page; False if the same had come before."""
        digest = blake2b(repr(rows).encode(errors="surrogatepass"), digest_size=16).digest()
        is_new = digest not in self._digests
        self._digests.add(digest)
        return is_new
