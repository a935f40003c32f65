"""Pace: how fast one site may be asked: budgets per endpoint family, families held back by the tool, and the quota that it tells. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct

from connectors.commons import Claim, News
from connectors.transport.signals import Quota

_VARYING = re.compile(r"[^/ ]*[0-9%][^/ ]*")


class Family(Struct, frozen=True, kw_only=True):
    """Requests that share a limit: at most ``limit`` in any ``window_s`` seconds.

    ``pattern`` is looked for in ``METHOD path``; what its group ``key`` matches has a budget of its own, and with ``is_per_endpoint`` so has each
    endpoint. ``reason`` is the RateLimit-Reason by which the tool names this limit. ``largest_mib`` bounds the body of an answer where the site's own bound is too wide.
    """

    name: str
    pattern: str
    limit: int
    window_s: float = 60.0
    is_per_endpoint: bool = False
    reason: str = ""
    largest_mib: int | None = None

    def key_of(self, line: str) -> str | None:
        """The budget that a ``METHOD path`` draws from; None for a request of another family."""
        found = re.search(self.pattern, line)
        if found is None:
            return None
        part = endpoint_of(line) if self.is_per_endpoint else found.groupdict().get("key", "")
        return f"{self.name} {part}"


def endpoint_of(line: str) -> str:
    """``METHOD path`` with a star for each part that names one thing (it holds a digit or a quoted character)."""
    return _VARYING.sub("*", line)


class Window(Struct, frozen=True, kw_only=True):
    """When the latest requests of one budget were sent or will be, oldest first; instants in seconds of a clock that never goes back."""

    sent: tuple[float, ...] = ()

    def wait_s(self, family: Family, at: float) -> float:
        """Seconds until one more request keeps within the limit."""
        if len(self.sent) < family.limit:
            return 0.0
        return max(0.0, self.sent[-family.limit] + family.window_s - at)

    def after(self, family: Family, at: float) -> Window:
        """The window with one more request; what no longer matters is dropped."""
        return Window(sent=tuple(sorted((*self.sent, at)))[-family.limit :])


class Pace:
    """What one site has been asked and has told. Every instant ``at`` is in seconds of one clock that never goes back.

    Several may ask side by side: whoever waits notes beforehand when it will send, so that the next one waits behind it. Calls must not overlap.
    """

    def __init__(self, families: tuple[Family, ...] = ()) -> None:
        self._families = families
        self._windows: dict[str, Window] = {}
        self._held: dict[str, float] = {}
        self._quota: Quota | None = None
        self._told_at = 0.0
        self._latest_at = 0.0

    def wait_s(self, line: str, *, at: float, has_place: bool = False) -> float:
        """Seconds before a request may go: its families' budgets, what a tool held back, and near a limit a pause, unless it ``has_place`` among those of all processes."""
        windows = (self._window(key).wait_s(family, at) for family, key in self.of(line))
        return max(0.0 if has_place else self._pause_s(at), self.held_s(line, at=at), *windows)

    def held_s(self, line: str, *, at: float) -> float:
        """Seconds for which the tool wants none of these requests."""
        return max(0.0, *(self._held.get(key, at) - at for key in self.keys(line)))

    def _pause_s(self, at: float) -> float:
        """Near a limit the pause behind the latest request, be it still to come."""
        pause_s = self.pause_s(at=at)
        return max(self._latest_at - at, 0.0) + pause_s if pause_s else 0.0

    def pause_s(self, *, at: float) -> float:
        """Seconds between two requests near a limit; 0 where none is near."""
        return self._quota.pause_s if self._quota and self.near_s(at=at) else 0.0

    def largest_mib(self, line: str, *, most: int) -> int:
        """How large an answer may be: ``most``, or what its families say where that is less."""
        return min((most, *(family.largest_mib or most for family, _ in self.of(line))))

    def near_s(self, *, at: float) -> float:
        """Seconds for which, by the tool's last word, its limit is near; 0 where it is not."""
        quota = self._quota
        return max(0.0, self._told_at + quota.left_s - at) if quota and quota.is_near else 0.0

    def sent(self, line: str, *, at: float) -> None:
        """Note a request, or one that will be sent at ``at``."""
        self._latest_at = max(self._latest_at, at)
        for family, key in self.of(line):
            self._windows[key] = self._window(key).after(family, at)

    def told(self, quota: Quota | None, *, at: float) -> None:
        """Note what an answer told of the limit; nothing told leaves the last word standing."""
        if quota is not None:
            self._quota, self._told_at = quota, at

    def refused(self, line: str, *, reason: str = "") -> tuple[str, ...]:
        """The budgets of which a refused request tells: those of the family whose limit the tool names, else all that it draws from, and its endpoint."""
        named = tuple(key for family, key in self.of(line) if reason and family.reason == reason)
        return named or self.keys(line)

    def hold(self, keys: Iterable[str], *, until: float) -> None:
        """Hold back these budgets."""
        for key in keys:
            self._held[key] = max(until, self._held.get(key, until))

    def claims(self, line: str) -> tuple[Claim, ...]:
        """What a request wants of budgets that several share, by key."""
        wanted = {
            key: Claim(key=key, limit=family.limit, window_s=family.window_s) for family, key in self.of(line)
        }
        return tuple(wanted[key] for key in sorted(wanted))

    def hear(self, news: News, *, at: float) -> None:
        """Take to heart what others were told."""
        for key, held_s in news.held_s.items():
            self.hold((key,), until=at + held_s)
        if news.near is not None:
            remaining, left_s = news.near
            self.told(Quota(remaining=remaining, left_s=left_s, is_near=True), at=at)

    def _window(self, key: str) -> Window:
        return self._windows.get(key, Window())

    def of(self, line: str) -> Iterator[tuple[Family, str]]:
        """The families of a request, each with the budget that it draws from."""
        for family in self._families:
            key = family.key_of(line)
            if key is not None:
                yield family, key

    def keys(self, line: str) -> tuple[str, ...]:
        """All under which a request can be held back: its budgets, and its endpoint."""
        return (*(key for _, key in self.of(line)), endpoint_of(line))
