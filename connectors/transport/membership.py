"""Membership: one process's part in the budgets that several share: turns taken a few at a time, and news heard twice a second."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from connectors.commons import Claim, Commons, News
from connectors.transport.signals import Quota

_NEWS_S = 0.5
"""What others were told is as old as this at most."""


class Membership:
    """The turns at one site that this process has taken and not used yet. For several threads at once, of which one at a time asks for more."""

    def __init__(
        self, commons: Commons, source: str, *, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """``seconds`` is a clock that never goes back."""
        self._commons = commons
        self._source = source
        self._seconds = seconds
        self._lock = threading.Lock()
        self._left: dict[str, tuple[int, float]] = {}  # turns, and until when they are to be used
        self._heard_at = float("-inf")

    def wait_s(self, claims: tuple[Claim, ...]) -> float:
        """0 where there is a turn of each claim, which is used by that; else the seconds until it is worth asking again."""
        with self._lock:
            lacking = tuple(claim for claim in claims if not self._has_turn(claim.key))
            if lacking and (wait_s := self._replenished_s(lacking)):
                return wait_s
            for claim in claims:
                turns, until = self._left[claim.key]
                self._left[claim.key] = turns - 1, until
        return 0.0

    def place_s(self, pause_s: float) -> float:
        """Seconds until this request's place, ``pause_s`` behind the latest of all processes."""
        return self._commons.next_s(self._source, pause_s=pause_s)

    def news(self, *, at: float) -> News | None:
        """What others were told; None where that was asked a moment before ``at``."""
        with self._lock:
            if at - self._heard_at < _NEWS_S:
                return None
            self._heard_at = at
        return self._commons.news(self._source)

    def tell(self, quota: Quota | None, keys: tuple[str, ...], *, for_s: float) -> None:
        """Tell others that a limit is near, and of the budgets ``keys`` that the site holds back for so long."""
        if keys:
            self._commons.hold(self._source, keys, for_s=for_s)
        if quota is not None and quota.is_near:
            self._commons.near(self._source, remaining=quota.remaining, left_s=quota.left_s)

    def _has_turn(self, key: str) -> bool:
        turns, until = self._left.get(key, (0, 0.0))
        return turns > 0 and self._seconds() < until

    def _replenished_s(self, lacking: tuple[Claim, ...]) -> float:
        """Take a share for each claim; returns the longest wait of those that got none."""
        at = self._seconds()  # before the question: turns count from when they were given, which is later
        shares = self._commons.shares(self._source, lacking)
        for claim, share in zip(lacking, shares, strict=True):
            if share.turns:
                self._left[claim.key] = share.turns, at + share.for_s
        return max(share.wait_s for share in shares)
