"""Landing: stores what was read, by one writer, each page in one transaction with the cursor behind it.

A page that holds nothing has a cursor only, and that waits for the next transaction: a quiet pull of a thousand scopes is a few transactions. What a crash can take
with it is the progress of scopes in which there was nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import Project, Ref
from sync.engine.asked import Landed, Pull, reach_of
from sync.logs import log
from sync.store import progress, projects, records

_MOST_WAITING = 50  # cursors


class Landing:
    """Everything that one pull stores of its scopes. ``begin`` and ``end`` enclose the pages of each scope; ``rest`` stores what waits at the end."""

    def __init__(self, job: Pull) -> None:
        self._job = job
        self._waiting: dict[Scope, Cursor] = {}
        self._open: set[Scope] = set()
        self._reset: set[Scope] = set()

    def begin(self, scope: Scope) -> None:
        """From now on the scope is being read."""
        self._open.add(scope)

    def page(self, scope: Scope, page: Page) -> None:
        """Store a page, or keep its cursor waiting where it holds nothing; tell of it, and tick."""
        if _is_empty(page):
            changed = 0
            self._wait(scope, page.cursor)
        else:
            changed = self._land(scope, page)
        for skipped in page.skipped:
            log().warning("record_skipped", scope=str(scope), what=skipped.what, reason=skipped.reason)
        kinds = tuple(r.kind for r in page.records)
        self._job.watch(Landed(scope=scope, kinds=kinds, changed=changed, skipped=len(page.skipped)))
        self._job.tick()

    def end(self, scope: Scope, *, has_reached: bool) -> None:
        """The scope was read to its end, or broke off; with ``has_reached`` it was read whole and with the long reach."""
        if has_reached:
            self._wait(reach_of(scope), Cursor(read_to=self._job.now), of=scope)
        self._open.discard(scope)
        self._reset.discard(scope)

    def rest(self, connection: Connection) -> None:
        """Store what waits, in the caller's transaction."""
        progress.keep_cursors(connection, self._waiting, now=self._job.now)

    def flush(self) -> None:
        """Store what waits, in a transaction of its own."""
        if self._waiting:
            with self._job.engine.begin() as connection:
                self._job.guard(connection)
                self.rest(connection)
            self._waiting.clear()

    def _wait(self, kept_for: Scope, cursor: Cursor, *, of: Scope | None = None) -> None:
        if (of or kept_for) not in self._reset:
            self._waiting[kept_for] = cursor
        if len(self._waiting) >= _MOST_WAITING:
            self.flush()

    def _land(self, scope: Scope, page: Page) -> int:
        """Store the page and what waited before it; returns how many rows were new or different."""
        now, anew = self._job.now, list[Ref]()
        with self._job.engine.begin() as connection:
            self._job.guard(connection)
            self.rest(connection)
            renamed = projects.renamed_among(connection, page.records)
            changed = records.land(connection, scope, page, now=now)
            if scope not in self._reset:
                progress.keep_cursor(connection, scope, page.cursor, now=now)
            for ref in renamed:
                projects.read_anew(connection, ref, now=now)
            progress.keep_skipped(connection, scope, page.skipped, run_id=self._job.run_id)
            buried = tuple(gone for gone in page.gone if gone.kind == Project.kind)
            for ref in buried:
                changed += projects.bury_project(connection, ref, now=now)
            anew += (*renamed, *buried)
        self._waiting.clear()
        self._note_reset(anew, but=scope)
        return changed

    def _note_reset(self, anew: Iterable[Ref], *, but: Scope) -> None:
        """The cursors of these projects were reset: what is being read of them meanwhile, from the cursors as they were, must not put them forward again."""
        homes = {(ref.source, ref.id) for ref in anew}
        self._reset |= {s for s in self._open if (s.source, s.partition) in homes and s != but}


def _is_empty(page: Page) -> bool:
    return not (page.records or page.skipped or page.gone or page.aliases)
