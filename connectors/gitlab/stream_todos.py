"""Stream of marks (TODO, FIXME, HACK, XXX) in the files that the mapping allows to be read: one partition per project.

What tells whether anything changed is the tip of the default branch, which the commits' stream has seen already: where it stands, nothing is asked. Else each
place is looked up, and only a place whose content changed is listed, and only files whose content changed are read. Once a day every place is listed, to find what a
short list left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from connectors.gitlab.branches import tip_of
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.settings import TodoPath
from connectors.gitlab.signs import rests
from connectors.gitlab.streams import begun, nothing
from connectors.port import Order, Page, Request

if TYPE_CHECKING:
    from connectors.gitlab.todo_memory import TodoMemory


class TodoStream:
    """Marks in files, and what was looked at for them."""

    name = "todos"
    order = Order(
        after=frozenset({"commits"}), alike=frozenset({"commits"})
    )  # for the tips of the default branches

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue

    def partitions(self, known: frozenset[str]) -> Iterable[str]:
        """Ids of the projects that have a place to be read, or had one: what was read there is then forgotten."""
        listed = self._catalogue.listed().projects
        return tuple(
            id_
            for id_ in self._catalogue.project_partitions(known)
            if id_ in known or self._places(id_, listed[id_].record.path if id_ in listed else id_)
        )

    def pages(self, request: Request) -> Iterator[Page]:
        """Pages of marks with those that are gone; the last one finishes. Raises NotFoundError, ForbiddenError, or RetryableError for what could not be read."""
        # few mappings let files be read
        from connectors.gitlab.source_files import SourceFiles  # noqa: PLC0415
        from connectors.gitlab.todo_memory import TodoMemory  # noqa: PLC0415
        from connectors.gitlab.todo_walk import TodoWalk, walked_mark  # noqa: PLC0415

        id_, catalogue = request.scope.partition, self._catalogue
        project = catalogue.require(id_)
        if "repository" in project.off:
            yield from nothing(catalogue, request)
            return
        places = self._places(project.record.id, project.record.path)
        memory = TodoMemory.of(request.cursor.tips)
        if not places and not memory.tips:
            yield from nothing(catalogue, request)
            return
        if memory.is_about(walked_mark(None, places)) and rests(catalogue, request):
            return
        tip = tip_of(catalogue, id_) if places else None
        cursor = begun(catalogue, request)
        if _is_unchanged(request, memory, walked_mark(tip, places)):
            yield Page(records=(), cursor=cursor.finished())
            return
        is_anew = request.is_full or request.cursor.is_reset
        is_broken_off = request.cursor.walk_started_at is not None  # what it saw go may not have been buried
        walk = TodoWalk(
            place=catalogue.place,
            project_id=id_,
            files=SourceFiles(client=catalogue.client, project_id=id_, tip=tip) if tip else None,
            places=places,
            memory=memory.stale() if is_anew else memory,
            is_thorough=is_anew or is_broken_off or bool(request.reach),
            ahead=request.ahead,
        )
        yield from walk.pages(cursor)

    def _places(self, *names: str) -> tuple[TodoPath, ...]:
        return self._catalogue.selection.todos_of(*names)


def _is_unchanged(request: Request, memory: TodoMemory, mark: str) -> bool:
    """True if the newest walk ended, and nothing moved since."""
    cursor = request.cursor
    if request.is_full or request.reach or cursor.read_to is None or cursor.walk_started_at:
        return False
    return memory.walked == mark
