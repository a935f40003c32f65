"""Turns: who may ask one site when, however many ask it side by side; the pace, the patience and the counts of a run under one lock."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

import requests
from msgspec import Struct

from connectors.errors import BlockedError, RetryableError
from connectors.transport.answers import is_reading, target_of
from connectors.transport.losses import not_sent
from connectors.transport.membership import Membership
from connectors.transport.pace import Pace
from connectors.transport.patience import Patience
from connectors.transport.signals import LONGEST_PAUSE_S, asked_wait_s, quota_of


class Clock(Struct, frozen=True, kw_only=True):
    """Where the adapter's time comes from: the wall clock, seconds that never go back, sleep (None: one that the adapter's end cuts short), and chance between 0 and 1."""

    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    seconds: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] | None = None
    chance: Callable[[], float] = random.random


@dataclass(slots=True, kw_only=True)
class Turn:
    """One request's turn: the seconds of waiting that it has left, and whether its next attempt was noted beforehand."""

    left_s: float
    is_noted: bool


class Turns:
    """The turns at one site. Every method but ``wait`` returns at once, or waits as long as it must."""

    def __init__(self, pace: Pace, patience: Patience, clock: Clock) -> None:
        self._pace = pace
        self._membership: Membership | None = None
        self._patience = patience
        self._clock = clock
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._blocked_by: str | None = None
        self.attempts = 0

    def join(self, membership: Membership) -> None:
        """From now on this process has a part in budgets that several share."""
        self._membership = membership

    def taken(self, request: requests.PreparedRequest, *, is_real: bool = True) -> Turn:
        """The turn of a request, once the site may be asked; its first attempt counts as sent then, unless it is not ``is_real``.

        Raises RetryableError or DeferredError where that is too long to wait, BlockedError where the host has refused this address.
        """
        self._require_open(request)
        if is_real:
            self._take_share(request, self._left_s())
        at = self._clock.seconds()
        with self._lock:
            left_s = self._patience.left_s
            wait_s = self._wait_s(request, left_s, at=at)
            if is_real:
                self._pace.sent(_line(request), at=at + wait_s)
        if wait_s:
            self.wait(wait_s, is_real=is_real)
        return Turn(left_s=left_s - wait_s, is_noted=is_real)

    def begin_attempt(self, request: requests.PreparedRequest, turn: Turn) -> None:
        """Note an attempt, once what the tool has told others meanwhile is over. Raises as ``taken``."""
        self._require_open(request)
        while held_s := self._held_s(request):
            turn.left_s = self._waited(request, held_s, turn.left_s)
        if not turn.is_noted:
            turn.left_s = self._take_share(request, turn.left_s)
        with self._lock:
            self.attempts += 1
            if not turn.is_noted:
                self._pace.sent(_line(request), at=self._clock.seconds())
        turn.is_noted = False

    def heed(self, request: requests.PreparedRequest, answer: requests.Response) -> None:
        """Take to heart what the headers say of limits; a 429 holds back its own endpoint family, not the site."""
        at, now = self._clock.seconds(), self._clock.now()
        with self._lock:
            quota = quota_of(answer.headers, now=now)
            self._pace.told(quota, at=at)
            asked = asked_wait_s(answer.headers, now=now) if answer.status_code == 429 else None
            keys = self._pace.refused(_line(request), reason=answer.headers.get("RateLimit-Reason", ""))
            if asked:
                self._pace.hold(keys, until=at + asked)
        if self._membership:
            self._membership.tell(quota, keys if asked else (), for_s=asked or 0.0)

    def largest_mib(self, request: requests.PreparedRequest, *, most: int) -> int:
        """How large the answer may be, ``most`` where nothing else is known."""
        return self._pace.largest_mib(_line(request), most=most)

    def wait(self, seconds: float, *, is_real: bool = True) -> None:
        """Wait on the run's account, until the end of all turns at most; no time passes where it is not ``is_real``."""
        with self._lock:
            self._patience.spend(seconds, at=self._clock.seconds(), is_real=is_real)
        if is_real:
            (self._clock.sleep or self._over.wait)(seconds)

    def block(self, reason: str) -> None:
        """From now on nobody has a turn, for the host refuses this address."""
        self._blocked_by = reason

    def end(self) -> None:
        """Wake who waits; from now on nobody has a turn."""
        self._over.set()

    def _left_s(self) -> float:
        with self._lock:
            return self._patience.left_s

    def _take_share(self, request: requests.PreparedRequest, left_s: float) -> float:
        """Take the request's share of what several processes may ask, and hear what others were told. Returns the seconds of waiting that are left.

        Raises as ``taken``.
        """
        if self._membership is None:
            return left_s
        at = self._clock.seconds()
        news = self._membership.news(at=at)
        with self._lock:
            if news is not None:
                self._pace.hear(news, at=at)
            claims, pause_s = self._pace.claims(_line(request)), self._pace.pause_s(at=at)
        if pause_s and (place_s := self._membership.place_s(pause_s)):
            left_s = self._waited(request, place_s, left_s)
        while wait_s := self._membership.wait_s(claims):
            left_s = self._waited(request, wait_s, left_s)
        return left_s

    def _waited(self, request: requests.PreparedRequest, seconds: float, left_s: float) -> float:
        """Wait, and tell what is left. Raises ``not_sent`` where that is too long."""
        if seconds > left_s:
            raise not_sent(request, seconds)
        self.wait(seconds)
        self._require_open(request)
        return left_s - seconds

    def _wait_s(self, request: requests.PreparedRequest, left_s: float, *, at: float) -> float:
        """Seconds that the request has to wait. Raises ``not_sent`` where that is too long."""
        near_s = 0.0 if is_reading(request) else self._pace.near_s(at=at)
        has_place = self._membership is not None
        wait_s = max(self._pace.wait_s(_line(request), at=at, has_place=has_place), near_s)
        if near_s > LONGEST_PAUSE_S or (wait_s and wait_s > left_s):
            raise not_sent(request, wait_s)
        return wait_s

    def _held_s(self, request: requests.PreparedRequest) -> float:
        with self._lock:
            return self._pace.held_s(_line(request), at=self._clock.seconds())

    def _require_open(self, request: requests.PreparedRequest) -> None:
        if self._blocked_by:
            raise BlockedError(f"{target_of(request)}: not asked, for {self._blocked_by}")
        if self._over.is_set():
            raise RetryableError(f"{target_of(request)}: not asked, for the run has ended")


def _line(request: requests.PreparedRequest) -> str:
    return f"{request.method} {request.path_url.partition('?')[0]}"
