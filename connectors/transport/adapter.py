"""Transport: the one owner of timeout, retry, waiting and redaction, as an adapter that every session mounts.

Both vendor libraries talk through ``requests`` sessions, so one adapter below them gives both the same policy; their own retries are
switched off. Reads are repeated, writes never are once their outcome is unknown. What an answer is worth is decided in ``answers``, how fast a site may be
asked in ``pace``, who may ask when in ``turns``; here it is carried out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import requests
import tenacity
from requests.adapters import HTTPAdapter
from urllib3.exceptions import HTTPError

from connectors.errors import ConfigError
from connectors.port import MOST_AT_ONCE, Policy, Site, Tape
from connectors.transport.answers import (
    Answer,
    error_for,
    is_blocking,
    is_reading,
    is_usable,
    was_refused,
)
from connectors.transport.deadline import pools_for
from connectors.transport.exchange import TooLargeError, answer_of, body_of, exchange_of, read_whole
from connectors.transport.losses import lost
from connectors.transport.membership import Membership
from connectors.transport.pace import Family, Pace
from connectors.transport.patience import Patience
from connectors.transport.signals import asked_wait_s, instant_of
from connectors.transport.turns import Clock, Turn, Turns


def adapter_for(site: Site, *families: Family) -> PolicyAdapter:
    """The adapter of one site. Raises ConfigError where its token or user cannot go into a header."""
    for what, text in (("token", site.token), ("user", site.user or "")):
        if not (text.isascii() and text.isprintable()):
            raise ConfigError(
                f"{site.source}: the {what} holds a line break or another character that no header carries"
            )
    clock = Clock(now=site.now) if site.now else Clock()
    if site.requests_per_minute:
        families += (Family(name="site", pattern="", limit=site.requests_per_minute),)
    adapter = PolicyAdapter(site.policy, families=families, tape=site.tape, source=site.source, clock=clock)
    if site.commons:
        adapter.join(Membership(site.commons, site.source))
    return adapter


class PolicyAdapter(HTTPAdapter):
    """An HTTP adapter with Tandem's policy: one per site and run, under all sessions of that site, each of which one thread uses at a time.

    Budgets, what the tool holds back and the waiting of a run are counted over all of them together. ``close`` ends it for good: who waits is woken and
    nothing more is sent. ``server_at`` is the Date of the newest answer and ``skew_s`` how far the tool's clock is ahead of ours.
    """

    def __init__(
        self,
        policy: Policy,
        *,
        families: tuple[Family, ...] = (),
        tape: Tape | None = None,
        source: str = "",
        clock: Clock | None = None,
    ) -> None:
        self._pools = pools_for(policy.answer_timeout_s)
        super().__init__(pool_maxsize=MOST_AT_ONCE)
        self._policy = policy
        self._clock = clock or Clock()
        self._tape = tape
        self._source = source
        self._turns = Turns(Pace(families), Patience(policy.wait_budget_s), self._clock)
        self._is_played = False  # the newest answer came from the tape, as then all do
        self.server_at: datetime | None = None
        self.skew_s: float | None = None

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401  # the base class's signature
        """Pools whose answers have a deadline."""
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = self._pools

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:  # noqa: ANN401  # the base class's signature
        """The same through a proxy; SOCKS brings pools of its own."""
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = self._pools
        return manager

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> Answer:  # noqa: ANN401
        """The answer, able to decode its JSON once."""
        return Answer.of(super().build_response(req, resp))

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """The answer after at most ``attempts`` tries, whatever its status.

        Raises RetryableError when a read got no answer or must wait too long, DeferredError when a write was not sent for the tool's limits,
        UnknownOutcomeError when a write may or may not have been carried out, BlockedError once the host has refused this address.
        """
        kwargs["timeout"] = kwargs.get("timeout") or (
            self._policy.connect_timeout_s,
            self._policy.read_timeout_s,
        )
        turn = self._turns.taken(request, is_real=not self._is_played)
        answer = self._answered(request, turn.left_s, lambda: self._attempt(request, turn, *args, **kwargs))
        if is_blocking(answer):
            self._turns.block(str(error_for(answer)))
        return answer

    def mount_on(self, session: requests.Session) -> None:
        """Let all that the session sends go through this adapter."""
        for scheme in ("https://", "http://"):
            session.mount(scheme, self)

    def join(self, membership: Membership) -> None:
        """From now on take turns of budgets that several processes share. To be called before anything is asked."""
        self._turns.join(membership)

    def close(self) -> None:
        """End the connections and all waiting; whatever is asked from now on is refused with RetryableError."""
        self._turns.end()
        super().close()

    @property
    def requests_made(self) -> int:
        """Number of attempts that went over the network."""
        return self._turns.attempts

    def _answered(
        self, request: requests.PreparedRequest, left_s: float, attempt: Callable[[], requests.Response]
    ) -> requests.Response:
        is_repeatable = is_reading(request)
        retrying = tenacity.Retrying(
            stop=lambda state: (
                state.attempt_number >= self._policy.attempts
                or state.idle_for + state.upcoming_sleep > left_s
            ),
            wait=self._next_wait_s,
            retry=tenacity.retry_if_exception(lambda error: is_repeatable and _may_pass(error))
            | tenacity.retry_if_result(
                lambda answer: was_refused(answer) or (is_repeatable and not is_usable(answer))
            ),
            sleep=self._wait,
            retry_error_callback=_last_outcome,
        )
        try:
            answer: requests.Response = retrying(attempt)
        except (HTTPError, OSError) as error:  # what requests raises is an OSError too
            if (meaning := lost(request, error, policy=self._policy)) is None:
                raise
            raise meaning from error
        return answer

    def _attempt(
        self,
        request: requests.PreparedRequest,
        turn: Turn,
        *args: Any,  # noqa: ANN401  # the base class's signature
        **kwargs: Any,  # noqa: ANN401
    ) -> requests.Response:
        played = self._played(request)
        self._is_played = played is not None
        if played is None:
            self._turns.begin_attempt(request, turn)
        answer = self._fetched(request, *args, **kwargs) if played is None else played  # a refusal is falsy
        if server_at := instant_of(answer.headers.get("Date")):
            self.server_at = server_at
            self.skew_s = None if self._is_played else (server_at - self._clock.now()).total_seconds()
        return answer

    def _fetched(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401
        """One attempt over the network, noted by the tape."""
        answer = super().send(request, *args, **kwargs)
        most_mib = self._turns.largest_mib(request, most=self._policy.largest_answer_mib)
        read_whole(answer, most_mib=most_mib)  # one that breaks off is a failed attempt, not a short answer
        self._turns.heed(request, answer)
        if self._tape:
            self._tape.keep(exchange_of(self._source, request, answer))
        return answer

    def _played(self, request: requests.PreparedRequest) -> Answer | None:
        """The tape's answer, where it has one."""
        if self._tape is None:
            return None
        kept = self._tape.played(self._source, request.method or "", request.path_url, body_of(request))
        return None if kept is None else answer_of(kept, request)

    def _next_wait_s(self, state: tenacity.RetryCallState) -> float:
        """Seconds before the next try: Retry-After as a minimum with some chance added, else ever longer."""
        assert state.outcome is not None  # noqa: S101  # tenacity calls this after an attempt only
        headers = {} if state.outcome.failed else state.outcome.result().headers
        asked = asked_wait_s(headers, now=self._clock.now())
        jitter = self._clock.chance() * self._policy.first_wait_s
        if asked:  # Data Center says 0 with every answer, which is no promise
            return asked + jitter
        backoff = self._policy.first_wait_s * 2.0 ** min(state.attempt_number - 1, 30)
        return min(backoff + jitter, self._policy.longest_wait_s)

    def _wait(self, seconds: float) -> None:
        """Sleep, on the run's account; a played exchange asks nothing of the tool, so nothing is slept for it."""
        self._turns.wait(seconds, is_real=not self._is_played)


def _may_pass(error: BaseException) -> bool:
    return isinstance(error, requests.RequestException | HTTPError) and not isinstance(error, TooLargeError)


def _last_outcome(state: tenacity.RetryCallState) -> Any:  # noqa: ANN401  # the answer, or the exception raised again
    assert state.outcome is not None  # noqa: S101  # tenacity calls this after an attempt only
    return state.outcome.result()
