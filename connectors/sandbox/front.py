"""Front: what every request passes before its tool answers: the log, events that are due, faults, and the blocked host. No sockets here."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from msgspec.structs import replace

from connectors.sandbox.faults import REPEATS, taken
from connectors.sandbox.http import UNREADABLE, ReplyError, Request, Response
from connectors.sandbox.lies import Listing, in_pages_of, listing_of, with_former_token, without_rows
from connectors.sandbox.state import Fault, GitlabState, JiraState, Sandbox
from connectors.sandbox.wire import Answer

_NO_JSON = Response(status=400, body={"errorMessages": ["no JSON"], "message": "400 Bad request"})


class Stage:
    """What both tools share: one state under one lock, the length of the line to them, and the errors that nobody else would see."""

    def __init__(self, sandbox: Sandbox, *, round_trip_s: float = 0.0) -> None:
        self.sandbox = sandbox
        self.round_trip_s = round_trip_s
        self.lock = threading.RLock()
        self.stopping = threading.Event()
        self.errors: list[Exception] = []

    def enter(self, line: str) -> None:
        """Play the events that are due before this request, and log it."""
        events, number = self.sandbox.events, len(self.sandbox.requests)
        self.sandbox.requests.append(line)
        for event in sorted((e for e in events if e.at_request <= number), key=lambda e: e.at_request):
            events.remove(event)
            try:
                event.play()
            except Exception as error:  # noqa: BLE001  # whatever an event raises is raised when the server stops
                self.errors.append(error)


class Front:
    """One tool behind its faults. ``answer`` gives the tool's own answer and may raise ``ReplyError``."""

    def __init__(
        self, stage: Stage, state: JiraState | GitlabState, answer: Callable[[Request], Response]
    ) -> None:
        self.stage = stage
        self._state = state
        self._answer = answer
        self._former: dict[str, tuple[Response, Answer]] = {}

    def date(self) -> datetime:
        """What the Date header says."""
        return self._state.clock() + self.stage.sandbox.date_shift

    def fault_for(self, request: Request, line: str) -> Fault | None:
        """Log a request, let happen what is due, and take the fault that it gets. ``line`` is METHOD and target."""
        listing, sandbox = listing_of(request), self.stage.sandbox
        with self.stage.lock:
            self.stage.enter(line)
            is_further = listing.is_further and listing.key in self._former
            return taken(sandbox.faults, f"{request.method} {request.path}", is_further_page=is_further)

    def answer_to(self, request: Request, fault: Fault | None) -> Answer | None:
        """Carry a request out; None once the server stops, for then nothing may change any more."""
        with self.stage.lock:
            if self.stage.stopping.is_set():
                return None
            response = self._told(request)
            return self._lied(listing_of(request), response, fault.kind if fault else "")

    def _told(self, request: Request) -> Response:
        if self._state.blocked:
            return Response(status=403, body=b"Forbidden", headers={"Content-Type": "text/plain"})
        if self._state.quota and (wait_s := self._state.quota.wait_s(time.monotonic())):
            return Response(
                status=429,
                body={"message": "429 Too Many Requests"},
                headers={"Retry-After": f"{wait_s:.3f}"},
            )
        try:
            response = (
                _NO_JSON
                if request.body is UNREADABLE
                else self._answer(in_pages_of(self._state.page_cap, request))
            )
        except ReplyError as error:
            response = error.response
        return replace(response, headers={**response.headers, **self._state.rate_headers})

    def _lied(self, listing: Listing, response: Response, kind: str) -> Answer:
        former = self._former.get(listing.key)
        if former and kind == "repeat_page":
            return former[1]
        if former and kind == "repeat_token":
            response = with_former_token(response, former[0])
        if kind == "empty_list":
            response = without_rows(response)
        answer = Answer.of(response)
        if any(fault.kind in REPEATS for fault in self.stage.sandbox.faults):
            self._former[listing.key] = (response, answer)
        return answer
