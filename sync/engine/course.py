"""Course: one source's way through its streams: which scope is to be read next, and how each ended."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import accumulate, chain

from msgspec import Struct

from connectors.cursor import Cursor
from connectors.errors import TandemError
from connectors.port import PATHS, Ahead, Connector, Page, Request, Scope, Stream, Verdict
from sync.engine.asked import EVERYTHING, SITE_WIDE, Pull, reach_of, request_of, verdict_of
from sync.logs import log
from sync.store import progress

_TOGETHER = 100
"""Scopes whose cursors are looked up by one question; the cursors of no more are held for each stream."""


class Reading(Struct, frozen=True, kw_only=True):
    """One scope to be read, as ``request`` says. ``place`` is that of its verdict in its leg."""

    course: Course
    leg: Leg
    place: int
    request: Request

    @property
    def scope(self) -> Scope:
        """What is read."""
        return self.request.scope

    def pages(self, ahead: Ahead) -> Iterator[Page]:
        """The pages, each asked for as it is wanted. Raises a TandemError."""
        return self.leg.stream.pages(replace(self.request, ahead=ahead))

    def stopped(self) -> TandemError | None:
        """What ended the whole source meanwhile."""
        return self.course.end


@dataclass(slots=True, kw_only=True)
class Leg:
    """One stream under way. Scopes are given out in their order, up to the next of the ``walls``, behind which those before must have ended.

    ``given`` is how many were given out, ``under_way`` how many of these have not ended; ``cursors`` are those of the next ones, up to ``known_to``. ``told`` are the places
    of those that were asked for anything.
    """

    stream: Stream
    scopes: tuple[Scope, ...]
    walls: deque[int]
    verdicts: list[Verdict | None]
    given: int = 0
    under_way: int = 0
    known_to: int = 0
    cursors: Mapping[Scope, Cursor] = field(default_factory=dict)
    told: set[int] = field(default_factory=set)

    @property
    def is_done(self) -> bool:
        """True once every scope has ended."""
        return self.given == len(self.scopes) and not self.under_way

    @property
    def room(self) -> int:
        """How many scopes may be given out now."""
        while self.walls and self.walls[0] == self.given and not self.under_way:
            self.walls.popleft()
        return (self.walls[0] if self.walls else len(self.scopes)) - self.given


class Course:
    """One source's streams, or some of them. ``end`` is what ended all of it, ``errors`` what ended single scopes.

    ``is_open`` tells whether the sources before have been read as far as they may name watched paths.
    """

    def __init__(
        self,
        job: Pull,
        connector: Connector,
        *,
        is_open: Callable[[], bool],
        streams: tuple[Stream, ...] | None = None,
    ) -> None:
        self._job = job
        self.connector = connector
        self._is_open = is_open
        self._has_attended = False
        self._streams = connector.streams() if streams is None else streams
        self._legs: dict[int, Leg] = {}
        self._former: Mapping[Scope, Verdict] = _former_of(job, connector.source)
        self.end: TandemError | None = None
        self.errors: dict[Scope, TandemError] = {}

    @property
    def source(self) -> str:
        """The configured name of the site."""
        return self.connector.source

    @property
    def under_way(self) -> int:
        """How many of its scopes are being read."""
        return sum(leg.under_way for leg in self._legs.values())

    @property
    def is_done(self) -> bool:
        """True once every scope has ended."""
        return len(self._legs) == len(self._streams) and all(leg.is_done for leg in self._legs.values())

    @property
    def has_named_paths(self) -> bool:
        """True once every scope has ended that may name watched paths."""
        return all(
            number in self._legs and self._legs[number].is_done
            for number, stream in enumerate(self._streams)
            if stream.order.may_name_paths
        )

    def verdicts(self) -> Iterator[Verdict]:
        """Of each scope that has ended, in the order of streams and partitions."""
        for _, leg in sorted(self._legs.items()):
            yield from (verdict for verdict in leg.verdicts if verdict)

    def following(self) -> Reading | None:
        """The next scope to be read; None while none can be begun. Scopes behind a site-wide error end with the same one, unasked."""
        if not self._has_attended and self._is_open():
            self.connector.attend(self._job.paths())
            self._has_attended = True
        while True:
            for leg in self._legs.values():
                if self.end is not None:
                    self._end_with(leg, self.end)
                elif leg.room:
                    return self._given(leg)
            if not self._begin():
                return None

    def look_again(self) -> None:
        """Cursors were reset: those that were looked up for scopes to come may be out of date."""
        for leg in self._legs.values():
            leg.known_to = leg.given

    def ended(self, reading: Reading, error: TandemError | None) -> None:
        """Note how a scope ended; one of which nothing was asked stands as it was read before."""
        if error is not None:
            log().warning("scope_unfinished", scope=str(reading.scope), reason=str(error))
        leg, place = reading.leg, reading.place
        leg.under_way -= 1
        self._note(leg, place, error)
        former = self._former.get(reading.scope)
        if error is None and former and place not in leg.told:
            leg.verdicts[place] = former

    def _note(self, leg: Leg, place: int, error: TandemError | None) -> None:
        if isinstance(error, SITE_WIDE) and self.end is None:
            self.end = error
        if error is not None:
            self.errors[leg.scopes[place]] = error
        leg.verdicts[place] = verdict_of(leg.scopes[place], error, at=self._job.now)

    def _end_with(self, leg: Leg, error: TandemError) -> None:
        for place in range(leg.given, len(leg.scopes)):
            self._note(leg, place, error)
        leg.given = len(leg.scopes)

    def _given(self, leg: Leg) -> Reading:
        if leg.given >= leg.known_to:
            self._look_up(leg)
        place = leg.given
        leg.given, leg.under_way = place + 1, leg.under_way + 1
        scope = leg.scopes[place]
        request = request_of(self._job, scope, leg.cursors, former=self._former.get(scope))
        return Reading(course=self, leg=leg, place=place, request=request)

    def _look_up(self, leg: Leg) -> None:
        scopes = leg.scopes[leg.given : leg.given + min(leg.room, _TOGETHER)]
        with self._job.engine.connect() as connection:
            names = chain(scopes, map(reach_of, scopes))
            leg.cursors = progress.cursors_among(connection, names, now=self._job.now)
        leg.known_to = leg.given + len(scopes)

    def _begin(self) -> bool:
        """Begin the first stream that waits for nothing more; returns whether there is one."""
        left = {
            s.name for n, s in enumerate(self._streams) if n not in self._legs or not self._legs[n].is_done
        }
        left |= set() if self._has_attended else {PATHS}
        for number, stream in enumerate(self._streams):
            if number not in self._legs and left.isdisjoint(stream.order.after):
                self._legs[number] = self._leg(stream)
                return True
        return False

    def _leg(self, stream: Stream) -> Leg:
        source = self.source
        with self._job.engine.connect() as connection:
            known = progress.known_partitions(connection, source=source, stream=stream.name)
        try:
            partitions = tuple(dict.fromkeys(stream.partitions(known)))
            leg = _leg_of(source, stream, tuple(map(tuple, stream.order.rounds(partitions))))
        except TandemError as error:
            leg = _leg_of(source, stream, ((EVERYTHING,),))
            self._end_with(leg, error)
        return leg


def _former_of(job: Pull, source: str) -> Mapping[Scope, Verdict]:
    """How the scopes of a source ended last time."""
    if not job.max_age:
        return {}
    with job.engine.connect() as connection:
        return {v.scope: v for v in progress.all_verdicts(connection, source=source)}


def _leg_of(source: str, stream: Stream, rounds: tuple[tuple[str, ...], ...]) -> Leg:
    scopes = tuple(Scope(source=source, stream=stream.name, partition=p) for one in rounds for p in one)
    return Leg(
        stream=stream,
        scopes=scopes,
        walls=deque(accumulate(len(one) for one in rounds)),
        verdicts=[None] * len(scopes),
    )
