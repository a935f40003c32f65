"""Membership: turns are taken a few at a time, used within their time, and what a tool told one is heeded by all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
import requests

from connectors.commons import Claim, News, Share
from connectors.errors import RetryableError
from connectors.transport.membership import Membership
from connectors.transport.pace import Family, Pace
from connectors.transport.patience import Patience
from connectors.transport.turns import Clock, Turns

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@dataclass
class HeldCommons:
    """Gives ``turns`` at a time, ``left`` in all; what is told it tells again."""

    turns: int = 3
    left: int = 1_000
    asked: list[tuple[str, ...]] = field(default_factory=list)
    held_s: dict[str, float] = field(default_factory=dict)
    quota: tuple[float, float] | None = None
    places: list[float] = field(default_factory=list)

    def shares(self, source: str, claims: tuple[Claim, ...]) -> tuple[Share, ...]:
        self.asked.append(tuple(claim.key for claim in claims))
        given = min(self.turns, self.left)
        self.left -= given
        share = Share(turns=given, for_s=10.0) if given else Share(turns=0, wait_s=7.0)
        return tuple(share for _ in claims)

    def news(self, source: str) -> News:
        held: Mapping[str, float] = dict(self.held_s)
        return News(held_s=held, near=self.quota)

    def hold(self, source: str, keys: tuple[str, ...], *, for_s: float) -> None:
        self.held_s |= dict.fromkeys(keys, for_s)

    def near(self, source: str, *, remaining: float, left_s: float) -> None:
        self.quota = remaining, left_s

    def next_s(self, source: str, *, pause_s: float) -> float:
        self.places.append(pause_s)
        return pause_s * (len(self.places) - 1)


@dataclass
class Moving:
    """Only sleeping moves the time."""

    at: float = 1_000.0
    slept: list[float] = field(default_factory=list)

    def seconds(self) -> float:
        return self.at + sum(self.slept)

    def turns(self, commons: HeldCommons, *families: Family, budget_s: float = 120.0) -> Turns:
        clock = Clock(now=lambda: NOW, seconds=self.seconds, sleep=self.slept.append)
        made = Turns(Pace(families), Patience(budget_s), clock)
        made.join(Membership(commons, "gitlab", seconds=self.seconds))
        return made


ALL = Family(name="site", pattern="", limit=100)


def request(path: str = "/api/v4/user") -> requests.PreparedRequest:
    return requests.Request("GET", f"https://gitlab.example{path}").prepare()


def answer(status: int = 200, **headers: str) -> requests.Response:
    found = requests.Response()
    found.status_code = status
    found.headers.update({name.replace("_", "-"): value for name, value in headers.items()})
    return found


def test_the_commons_are_asked_once_for_a_few_requests() -> None:
    commons, clock = HeldCommons(), Moving()
    turns = clock.turns(commons, ALL)
    for _ in range(7):
        turns.begin_attempt(request(), turns.taken(request()))
    assert commons.asked == [("site ",)] * 3
    assert clock.slept == []


def test_turns_that_were_not_used_in_time_are_taken_anew() -> None:
    commons, clock = HeldCommons(), Moving()
    turns = clock.turns(commons, ALL)
    turns.taken(request())
    clock.at += 10.0
    turns.taken(request())
    assert len(commons.asked) == 2


def test_a_repeated_attempt_takes_a_turn_too() -> None:
    commons, clock = HeldCommons(turns=1), Moving()
    turns = clock.turns(commons, ALL)
    turn = turns.taken(request())
    turns.begin_attempt(request(), turn)
    turns.begin_attempt(request(), turn)
    assert len(commons.asked) == 2


def test_what_is_of_no_budget_asks_for_nothing() -> None:
    commons, clock = HeldCommons(), Moving()
    clock.turns(commons, Family(name="files", pattern="/files/", limit=5)).taken(request())
    assert commons.asked == []


def test_who_gets_nothing_waits_and_gives_up_where_that_is_too_long() -> None:
    clock = Moving()
    commons = HeldCommons(left=0)
    with pytest.raises(RetryableError, match="7 s would have to be waited"):
        clock.turns(commons, ALL, budget_s=5.0).taken(request())
    with pytest.raises(RetryableError):
        clock.turns(commons, ALL, budget_s=20.0).taken(request())
    assert clock.slept == [7.0, 7.0]


def test_a_refusal_told_to_one_holds_up_the_others() -> None:
    commons, one, other = HeldCommons(), Moving(), Moving()
    one.turns(commons, ALL).heed(request(), answer(429, Retry_After="30"))
    assert commons.held_s["site "] == 30.0
    other.turns(commons, ALL).taken(request())
    assert sum(other.slept) == 30.0


def test_news_is_as_old_as_half_a_second_at_most() -> None:
    commons, clock = HeldCommons(turns=100), Moving()
    turns = clock.turns(commons, ALL)
    turns.taken(request())
    commons.held_s["site "] = 30.0
    clock.at += 0.4
    turns.taken(request())
    assert clock.slept == []
    clock.at += 0.2
    turns.taken(request())
    assert clock.slept == [pytest.approx(30.0)]


def test_near_a_limit_all_wait_behind_one_another() -> None:
    commons, one, other = HeldCommons(), Moving(), Moving()
    near = answer(RateLimit_Limit="100", RateLimit_Remaining="5", RateLimit_Reset="20")
    one.turns(commons, ALL).heed(request(), near)
    assert commons.quota == (5.0, 20.0)
    turns = other.turns(commons, ALL)
    turns.taken(request())
    turns.taken(request())
    assert commons.places[0] == 4.0
    assert len(commons.places) == 2
    assert sum(other.slept) == pytest.approx(commons.places[1])
