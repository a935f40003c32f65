"""Pull: reads every scope since its cursor, several side by side, and lands what they hold, page by page, by one writer.

Once a day each scope is read with a long reach behind its cursor, because a search index can lag by more than a window's overlap.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import chain

from connectors.errors import AuthenticationError, TandemError
from connectors.port import Ahead, Connector, Page, Scope, Stream, Verdict
from sync.engine.asked import (
    EVERYTHING,
    REACH,
    SITE_WIDE,
    Landed,
    Pull,
    has_reached,
    reach_of,
    request_of,
    verdict_of,
)
from sync.engine.course import Course, Reading
from sync.engine.crew import Crew, Errand, Told
from sync.engine.landing import Landing
from sync.engine.threads import crew_of
from sync.logs import log
from sync.store import progress
from sync.store.errors import LeaseHeldError, StoreError

__all__ = [
    "EVERYTHING",
    "REACH",
    "SITE_WIDE",
    "Landed",
    "Pull",
    "pull",
    "pull_some",
    "read_scope",
    "verdict_of",
]


def pull(job: Pull, connectors: Iterable[Connector]) -> tuple[Verdict, ...]:
    """Read all connectors and return the verdict of every scope, which are stored as well, in the order of connectors, streams and partitions.

    A site that does not answer is one verdict over everything of it; the others go on. Raises AuthenticationError, before anything is read, if a
    site refuses the credentials; in mid-run that ends the source's remaining scopes only.
    """
    sites = tuple(connectors)
    courses: list[Course] = []
    found: list[Iterator[Verdict]] = []
    for site, error in zip(sites, _connected(job, sites), strict=True):
        if error is None:
            courses.append(Course(job, site, is_open=_have_named_paths(tuple(courses))))
            found.append(courses[-1].verdicts())
        else:
            down = Scope(source=site.source, stream=EVERYTHING, partition=EVERYTHING)
            found.append(iter((verdict_of(down, error, at=job.now),)))
    landing = Landing(job)
    _read(job, courses, landing)
    return _kept(job, landing, chain(*found), answered=frozenset(c.source for c in courses))


def _have_named_paths(courses: tuple[Course, ...]) -> Callable[[], bool]:
    return lambda: all(course.has_named_paths for course in courses)


def _connected(job: Pull, sites: tuple[Connector, ...]) -> tuple[TandemError | None, ...]:
    """Why each site could not be connected to, None where it could. Raises AuthenticationError, after which no further site is asked."""
    errors: dict[int, TandemError | None] = {}
    crew: Crew[int, bool] = crew_of(job.workers, tick=job.tick, abandon=_ending(sites))
    with crew:
        waiting = iter(enumerate(sites))
        while True:
            is_refused = any(isinstance(error, AuthenticationError) for error in errors.values())
            while not is_refused and crew.has_room and (one := next(waiting, None)):
                crew.give(Errand(name=one[0], steps=partial(_connecting, one[1])))
            if crew.is_idle:
                break
            errors |= {told.name: told.error for told in crew.heard() if told.found is None}
    for number, error in sorted(errors.items()):
        if isinstance(error, AuthenticationError):
            raise error
        if error is not None:
            log().warning("site_unreachable", source=sites[number].source, reason=str(error))
    return tuple(errors[number] for number in range(len(sites)))


def _connecting(site: Connector, _: Ahead) -> Iterator[bool]:
    site.connect()
    yield True


def _ending(sites: Iterable[Connector]) -> Callable[[], None]:
    def end() -> None:
        for site in sites:
            site.close()

    return end


def _read(job: Pull, courses: Sequence[Course], landing: Landing) -> None:
    """Read every scope of the courses and land what they hold."""
    sites = tuple(course.connector for course in courses)

    def tick() -> None:
        job.tick()
        landing.hold_on()

    crew: Crew[Reading, Page] = crew_of(job.workers, tick=tick, abandon=_ending(sites))
    with crew:
        while True:
            while crew.has_room and (reading := _following(courses)):
                landing.begin(reading.scope)
                crew.give(Errand(name=reading, steps=reading.pages, stopped=reading.stopped))
            if crew.is_idle:
                break
            _deal_with(crew.heard(), landing, courses)
    if not all(course.is_done for course in courses):
        raise RuntimeError("streams wait for each other, or for one that comes later")


def _deal_with(heard: Sequence[Told[Reading, Page]], landing: Landing, courses: Sequence[Course]) -> None:
    """Land the pages, then note which scopes have ended: what comes after a scope may begin once all of it is stored."""
    pages = [(told.name.scope, told.found) for told in heard if told.found is not None]
    for told in heard:
        if told.found is not None:
            told.name.leg.told.add(told.name.place)
    if pages and landing.pages(pages):
        for course in courses:
            course.look_again()
    for told in heard:
        if told.found is None:
            is_whole = told.error is None and has_reached(told.name.request)
            landing.end(told.name.scope, has_reached=is_whole)
            told.name.course.ended(told.name, told.error)


def _following(courses: Iterable[Course]) -> Reading | None:
    """The next scope of the source of which the fewest are being read, so that none waits for a slow other one."""
    for course in sorted(courses, key=lambda course: course.under_way):
        if (reading := course.following()) is not None:
            return reading
    return None


def _kept(
    job: Pull, landing: Landing, found: Iterable[Verdict], *, answered: frozenset[str]
) -> tuple[Verdict, ...]:
    """The verdicts, stored with what has not been yet."""
    verdicts = tuple(found)
    with job.engine.begin() as connection:
        job.guard(connection)
        landing.rest(connection)
        progress.keep_verdicts(connection, verdicts)
        progress.forget_verdicts(connection, (v.scope for v in verdicts), sources=answered)
    return verdicts


def pull_some(
    job: Pull, connector: Connector, streams: tuple[Stream, ...]
) -> tuple[tuple[Verdict, ...], Mapping[Scope, TandemError]]:
    """Read these streams of a site that is connected; returns the verdicts, which are stored, and what ended scopes early. Those of other scopes stay as they are.

    What the streams come after and is not among them must have been stored before.
    """
    course = Course(job, connector, is_open=lambda: True, streams=streams)
    landing = Landing(job)
    _read(job, (course,), landing)
    verdicts = tuple(course.verdicts())
    with job.engine.begin() as connection:
        job.guard(connection)
        landing.rest(connection)
        progress.keep_verdicts(connection, verdicts)
    return verdicts, course.errors


def read_scope(job: Pull, stream: Stream, scope: Scope) -> TandemError | None:
    """Read one scope from its cursor and land it; returns what ended it early, None where it was read to its end."""
    with job.engine.connect() as connection:
        cursors = progress.cursors_among(connection, (scope, reach_of(scope)), now=job.now)
    request, landing = request_of(job, scope, cursors), Landing(job)
    error: TandemError | None = None
    landing.begin(scope)
    try:
        for page in stream.pages(request):
            landing.pages([(scope, page)])
    except (LeaseHeldError, StoreError):
        raise  # not the tool failed but our own store, or another process took it over: nothing more can be kept
    except TandemError as raised:
        log().warning("scope_unfinished", scope=str(scope), reason=str(raised))
        error = raised
    landing.end(scope, has_reached=error is None and has_reached(request))
    landing.flush()
    return error
