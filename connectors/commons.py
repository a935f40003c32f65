"""Commons: what several processes that ask the same site share: its budgets, what it holds back, and how near its limit is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from msgspec import Struct, field


class Claim(Struct, frozen=True, kw_only=True):
    """A turn is wanted of the budget ``key``, which allows ``limit`` requests in any ``window_s`` seconds."""

    key: str
    limit: int
    window_s: float


class Share(Struct, frozen=True, kw_only=True):
    """``turns`` to be used within ``for_s`` seconds; where there are none, some will be left in ``wait_s`` seconds."""

    turns: int
    for_s: float = 0.0
    wait_s: float = 0.0


class News(Struct, frozen=True, kw_only=True):
    """What a site has told anybody: seconds for which it holds back each of some budgets; and of a limit that is near, what remains and in how many seconds it is whole."""

    held_s: Mapping[str, float] = field(default_factory=dict)
    near: tuple[float, float] | None = None


class Commons(Protocol):
    """The budgets of all sites. For several threads at once; each call is one short transaction."""

    def shares(self, source: str, claims: tuple[Claim, ...]) -> tuple[Share, ...]:
        """A share for each claim."""
        ...

    def news(self, source: str) -> News:
        """What others were told."""
        ...

    def hold(self, source: str, keys: tuple[str, ...], *, for_s: float) -> None:
        """Tell all others that the site wants nothing of these budgets for so long."""
        ...

    def near(self, source: str, *, remaining: float, left_s: float) -> None:
        """Tell all others that the site's limit is near."""
        ...

    def next_s(self, source: str, *, pause_s: float) -> float:
        """Seconds until the caller's turn where all wait ``pause_s`` behind one another; the turn is taken."""
        ...
