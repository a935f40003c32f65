"""Landing: stores what was read, by one writer, each page in one transaction with the cursor behind it.

Pages that were heard together land together. A page that holds nothing has a cursor only, and that waits for the next transaction: a quiet pull of a thousand scopes is
a few transactions. What a crash can take with it is the progress of scopes in which there was nothing new.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence

from sqlalchemy import Connection

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Project, Ref
from sync.engine.asked import Landed, Pull, reach_of
from sync.logs import log
from sync.store import progress, projects, records

_MOST_WAITING = 50  # cursors
_MOST_TOGETHER = 2500  # records, as many as the largest page has
_MOST_SILENT_S = 60.0
"""Seconds without a transaction: much less than a lease lasts."""


class Landing:
    """Everything that one pull stores of its scopes. ``begin`` and ``end`` enclose the pages of each scope; ``rest`` stores what waits at the end."""

    def __init__(self, job: Pull, *, seconds: Callable[[], float] = time.monotonic) -> None:
        """``seconds`` is a clock that never goes back."""
        self._job = job
        self._seconds = seconds
        self._stored_at = seconds()
        self._waiting: dict[Scope, Cursor] = {}
        self._open: set[Scope] = set()
        self._reset: set[Scope] = set()
        self._resets = 0

    def begin(self, scope: Scope) -> None:
        """From now on the scope is being read."""
        self._open.add(scope)

    def pages(self, heard: Sequence[tuple[Scope, Page]]) -> bool:
        """Store these pages, in their order, in one transaction, or keep their cursors waiting where all are empty; tell of each, and tick.

        Returns whether cursors were reset beside: those of a project that is to be read anew, or is gone.
        """
        resets = self._resets
        if all(map(_is_empty, (page for _, page in heard))):
            landed = [_landed(scope, page, changed=0) for scope, page in heard]
            for scope, page in heard:
                self._wait(scope, page.cursor)
            self.hold_on()
        else:
            landed = self._store(heard)
        for scope, page in heard:
            for skipped in page.skipped:
                log().warning("record_skipped", scope=str(scope), what=skipped.what, reason=skipped.reason)
        for one in landed:
            self._job.watch(one)
        self._job.tick()
        return self._resets > resets

    def end(self, scope: Scope, *, has_reached: bool) -> None:
        """The scope was read to its end, or broke off; with ``has_reached`` it was read whole and with the long reach."""
        if has_reached and scope not in self._reset:
            self._wait(reach_of(scope), Cursor(read_to=self._job.now))
        self._open.discard(scope)
        self._reset.discard(scope)

    def rest(self, connection: Connection) -> None:
        """Store the cursors that wait, in the caller's transaction. Should that fail, the pull is over."""
        progress.keep_cursors(connection, self._waiting, now=self._job.now)
        self._waiting.clear()

    def flush(self) -> None:
        """Store the cursors that wait, if any, in a transaction of its own."""
        if self._waiting:
            self._store()

    def hold_on(self) -> None:
        """Make a transaction, if of nothing, where the last one was long ago: the guard holds the leases in it, which would run out."""
        if self._seconds() - self._stored_at >= _MOST_SILENT_S:
            self._store()

    def _store(self, heard: Sequence[tuple[Scope, Page]] = ()) -> list[Landed]:
        """One transaction: the pages, and the cursors that wait."""
        with self._job.engine.begin() as connection:
            self._job.guard(connection)
            landed = [one for together in _together(heard) for one in self._landed(connection, together)]
            self.rest(connection)
        self._stored_at = self._seconds()
        return landed

    def _wait(self, scope: Scope, cursor: Cursor) -> None:
        if scope not in self._reset:
            self._waiting[scope] = cursor
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def _landed(self, connection: Connection, heard: Sequence[tuple[Scope, Page]]) -> Iterator[Landed]:
        """Store pages that go together, and tell of each."""
        renamed = projects.renamed_among(connection, (one for _, page in heard for one in page.records))
        counts = records.land_together(connection, heard, now=self._job.now)
        for (scope, page), changed in zip(heard, counts, strict=True):
            if scope not in self._reset:
                self._waiting[scope] = page.cursor
            progress.keep_skipped(connection, scope, page.skipped, run_id=self._job.run_id)
            buried = tuple(gone for gone in page.gone if gone.kind == Project.kind)
            more = self._begun_anew(connection, scope, renamed, buried) if renamed or buried else 0
            yield _landed(scope, page, changed=changed + more)

    def _begun_anew(
        self, connection: Connection, scope: Scope, renamed: tuple[Ref, ...], buried: tuple[Ref, ...]
    ) -> int:
        """Reset the cursors of projects that have other addresses by what was heard of ``scope``, or are gone; returns how many records went with these."""
        self.rest(connection)  # these cursors are older than what resets them
        self._note_reset((*renamed, *buried), but=scope)
        for ref in renamed:
            projects.read_anew(connection, ref, now=self._job.now)
        return sum(projects.bury_project(connection, ref, now=self._job.now) for ref in buried)

    def _note_reset(self, anew: Iterable[Ref], *, but: Scope) -> None:
        """The cursors of these projects are reset: what is being read of them meanwhile, from the cursors as they were, must not put them forward again."""
        self._resets += 1
        homes = {(ref.source, ref.id) for ref in anew}
        self._reset |= {s for s in self._open if (s.source, s.partition) in homes and s != but}


def _landed(scope: Scope, page: Page, *, changed: int) -> Landed:
    kinds = tuple(record.kind for record in page.records)
    return Landed(scope=scope, kinds=kinds, changed=changed, skipped=len(page.skipped))


def _together(heard: Sequence[tuple[Scope, Page]]) -> Iterator[list[tuple[Scope, Page]]]:
    """The pages, in their order, parted so that each part can land at once: what buries something or tells of projects lands alone, and no record is in two pages of a part."""
    waiting: list[tuple[Scope, Page]] = []
    held: set[tuple[str, str, str]] = set()
    for one in heard:
        _, page = one
        is_alone = bool(page.gone) or Project in {*map(type, page.records)}
        refs = {(record.source, record.kind, record.id) for record in page.records}
        is_full = len(held) + len(refs) > _MOST_TOGETHER
        if waiting and (is_alone or is_full or not held.isdisjoint(refs)):
            yield waiting
            waiting, held = [], set()
        waiting.append(one)
        held |= refs
        if is_alone:
            yield waiting
            waiting, held = [], set()
    if waiting:
        yield waiting


def _is_empty(page: Page) -> bool:
    return not (page.records or page.skipped or page.gone or page.aliases)
