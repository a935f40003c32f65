"""Doing: one part of a tick, done under its own lease, and what its end means: done, to be tried again later, or given up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from msgspec.structs import replace

from connectors.errors import BlockedError, RetryableError, TandemError
from mappings.problems import MappingError
from sync import app as application
from sync.app import App
from sync.engine.asked import EVERYTHING, SITE_WIDE, verdict_of
from sync.logs import log
from sync.queue import reading, rounds, writing
from sync.queue.bench import Bench, Done
from sync.queue.sites import Sites
from sync.stopping import StopRequestedError
from sync.store import lease, progress, ticks
from sync.store.errors import LeaseLostError, StoreError
from sync.store.ticks import DONE, Part, Tick

_DO: Mapping[str, Callable[[Bench], Done]] = {
    reading.OPEN: reading.open_source,
    reading.READ: reading.read_portion,
    reading.COUNT: reading.count_source,
    reading.WANT: reading.want,
    reading.DETAIL: reading.ask_details,
    writing.JUDGE: writing.judge,
    writing.DELIVER: writing.deliver_some,
}
KINDS = tuple(_DO)
"""The kinds of parts, in the order in which they come up."""

TRIES = 3
"""A part is given up after so many tries: its scopes are then unknown until the next tick."""
_FIRST_WAIT_S = 10.0
_LONGEST_WAIT_S = 300.0
_OTHER_MAPPING_S = 10.0


class LaterError(Exception):
    """The part is to be done after ``after_s`` seconds. Not a TandemError: nobody on the way up shall take it for a failed scope."""

    def __init__(self, reason: str, *, after_s: float) -> None:
        self.after_s = after_s
        super().__init__(reason)


def wait_s(error: Exception, tries: int) -> float:
    """Seconds before the next try, after so many: what the tool asked for, else ever longer; at most five minutes."""
    asked = getattr(error, "retry_after_s", None)
    return min(asked or _FIRST_WAIT_S * 2.0 ** max(tries - 1, 0), _LONGEST_WAIT_S)


@dataclass(slots=True, kw_only=True)
class Hand:
    """One worker: its application, which takes up a changed mapping with the next tick, and its log-ins."""

    app: App
    name: str
    check: Callable[[], None] = lambda: None
    sites: Sites = field(default_factory=Sites)

    def do(self, tick_id: int, name: str, job: str) -> None:
        """Do a part, unless it is done already. Raises LaterError where it is to be tried again, StopRequestedError where this worker is to end."""
        with self.app.engine.connect() as connection:
            tick, part = ticks.tick_of(connection, tick_id), ticks.part_of(connection, tick_id, name)
        if tick is None or tick.finished_at or part is None or part.state == DONE:
            return
        self._require_mapping(tick)
        try:
            with self._bench(tick, part, job) as bench:
                self._done(bench)
        except LeaseLostError as error:
            self._lost(tick, part, error)

    def _require_mapping(self, tick: Tick) -> None:
        """Work by the tick's mapping: read the file anew where it was another one; raise LaterError where it still is."""
        if tick.mapping != self.app.mapping.digest:
            self.take_up_mapping()
        if tick.mapping != self.app.mapping.digest:
            raise LaterError("this worker's mapping is not the tick's", after_s=_OTHER_MAPPING_S)

    def take_up_mapping(self) -> App:
        """The application with the mapping file read anew; one that is wrong is not taken up."""
        try:
            self.app = replace(self.app, mapping=application.mapping_of(self.app.settings))
        except MappingError as error:
            log().error("mapping_not_taken_up", reason=str(error))
        return self.app

    @contextmanager
    def _bench(self, tick: Tick, part: Part, job: str) -> Iterator[Bench]:
        """The bench under the part's own lease, which whoever had it before has lost now. It goes with the part's end, or else here."""
        with self.app.engine.begin() as connection:
            own = lease.seize(
                connection, f"part:{part.name}", now=self.app.now(), holder=f"{self.name}, job {job}"
            )
            lease.hold(connection, tick.leases, now=self.app.now())  # afterwards: who waits holds nothing
        try:
            yield Bench(app=self.app, sites=self.sites, tick=tick, part=part, lease=own, check=self.check)
        except BaseException as error:
            if not isinstance(error, LaterError):
                self.sites.forget()  # what broke off may have closed the log-ins
            with self.app.engine.begin() as connection:
                lease.forget(connection, own)
            raise

    def _done(self, bench: Bench) -> None:
        part, began = bench.part, time.monotonic()
        before = self.sites.requests_made()
        done = self._tried(bench)
        ended = replace(
            part,
            content=part.content if done.content is None else done.content,
            tries=part.tries + 1,
            requests=part.requests + max(self.sites.requests_made() - before, 0),
            records=part.records + bench.tally.records,
            skipped=part.skipped + bench.tally.skipped,
            writes=part.writes + done.writes,
            trouble=done.trouble,
        )
        if done.again and not done.closes and ended.tries < TRIES:
            self._put_off(bench.tick, ended, done.again)
        self._end(bench, ended, done)
        log().info(
            "part_done", part=part.name, seconds=round(time.monotonic() - began, 2), requests=ended.requests
        )
        if done.defect:
            raise done.defect

    def _tried(self, bench: Bench) -> Done:
        closed = dict(bench.tick.closed).get(bench.part.source)
        try:
            self.check()
            return _refused(bench.part, closed) if closed else _DO[bench.part.kind](bench)
        except (StopRequestedError, LeaseLostError):
            raise
        except TandemError as error:
            return _failed(error)
        except Exception as error:  # noqa: BLE001  # a defect of ours must not keep all others waiting; it is raised once the part is given up
            reason = RetryableError(f"{type(error).__name__}: {error}")
            return Done(trouble=str(reason), again=reason, failed=reason, defect=error)

    def _put_off(self, tick: Tick, part: Part, error: TandemError) -> None:
        with self.app.engine.begin() as connection:
            ticks.put_off(connection, tick, part)
        log().warning("part_put_off", part=part.name, tries=part.tries, reason=str(error))
        raise LaterError(str(error), after_s=wait_s(error, part.tries))

    def _end(self, bench: Bench, ended: Part, done: Done) -> None:
        """The part is done, or given up: what was not read of it is unknown. One transaction under the part's lease, which it gives up."""
        tick, is_opening = bench.tick, ended.kind == reading.OPEN
        if ended.trouble:
            log().warning("part_in_trouble", part=ended.name, reason=ended.trouble)
        unread = done.failed or (is_opening and (done.closes or done.again)) or None
        closes = done.closes or (unread if is_opening else None)
        if unread and is_opening:
            ended = replace(ended, content=((EVERYTHING, EVERYTHING),))
        with self.app.engine.begin() as connection:
            bench.work().guard(connection)
            if closes:
                ticks.close(connection, tick, ended.source, str(closes))
            if unread:
                scopes = reading.scopes_of((ended,))
                verdicts = (verdict_of(scope, unread, at=tick.started_at) for scope in sorted(scopes))
                progress.keep_verdicts(connection, verdicts)
            outcome = rounds.end_part(connection, tick, ended, more=done.more, now=self.app.now())
            lease.forget(connection, bench.lease)
        if outcome:
            log().info("run_ended", run=tick.run_id, outcome=outcome)

    def _lost(self, tick: Tick, part: Part, error: LeaseLostError) -> None:
        """Another worker took the part over, or another process the sites: then the tick is given up."""
        log().warning("part_lost", part=part.name, reason=str(error))
        try:
            lease.renew(self.app.engine, *tick.leases, now=self.app.now())
        except LeaseLostError:
            rounds.give_up(self.app, tick, str(error))


def _failed(error: TandemError) -> Done:
    """What an error in a part's work means, by its class."""
    return Done(
        trouble=str(error),
        again=error if isinstance(error, RetryableError | StoreError) else None,
        closes=error if isinstance(error, SITE_WIDE) else None,
        failed=error,
    )


def _refused(part: Part, reason: str) -> Done:
    """A part of a source that was closed: its scopes end as the one did that closed it, unasked."""
    error = BlockedError(f"{part.source} is asked no more in this tick: {reason}")
    return Done(trouble=str(error), failed=error)
