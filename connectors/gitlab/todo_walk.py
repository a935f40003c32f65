"""Todo walk: what the files in the allowed places of one project say now, and what they say no more.

Invariant: a file stands in the cursor's tips under the sha of a content only when that content's marks have landed. So a walk that breaks off goes on with the
files whose content differs, and reads none twice.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from hashlib import blake2b

from msgspec.structs import replace

from connectors.cursor import Cursor
from connectors.errors import NotFoundError, RetryableError
from connectors.gitlab.parse import Place
from connectors.gitlab.parse_todos import parse_todos, scan_ref, todo_ref, url_of_place
from connectors.gitlab.settings import TodoPath
from connectors.gitlab.source_files import Entry, Files, LeftOut, SourceFiles
from connectors.gitlab.todo_memory import KnownFile, TodoMemory, is_below
from connectors.marks import VERSION
from connectors.parsing import MALFORMED
from connectors.port import Ahead, Page, as_they_are
from connectors.records import Record, Ref, Todo, TodoScan

_BEGUN = "?"
"""Stands for the sha of a place in which the files are being read under new limits."""
_PER_PAGE = 50  # files whose marks land together
_MOST_UNREAD = 5  # files that fail before the rest is not asked
_NAMED = 3


def walked_mark(tip: str | None, places: Iterable[TodoPath]) -> str:
    """What tells a complete walk: the commit, the places with their limits, and how marks are read."""
    asked = ";".join(f"{p.place} {p.largest_kb} {p.most_files}" for p in places)
    return f"{tip or 'none'} {VERSION} {blake2b(asked.encode(), digest_size=6).hexdigest()}"


@dataclass(kw_only=True)
class TodoWalk:
    """One walk over the places of a project; ``files`` is None where there is no default branch. With ``is_thorough`` every place is listed, changed or not.

    The texts of files are asked for ``ahead``, for a content never changes.
    """

    place: Place
    project_id: str
    files: SourceFiles | None
    places: tuple[TodoPath, ...]
    memory: TodoMemory
    is_thorough: bool
    ahead: Ahead = as_they_are
    _listed: dict[str, str] = field(default_factory=dict)
    _uncut: list[str] = field(default_factory=list)
    _unread: list[str] = field(default_factory=list)

    def pages(self, cursor: Cursor) -> Iterator[Page]:
        """Place by place, then what is gone; the last page finishes. Raises RetryableError once all else has landed, for files that could not be read."""
        for place in self.places:
            yield from self._place(cursor, place)
        gone = self._forget()
        if self._unread:
            yield Page(records=(), cursor=self._at(cursor), gone=gone)
            raise self._broken_off()
        tip = self.files.tip if self.files else None
        memory = replace(self.memory, walked=walked_mark(tip, self.places))
        yield Page(records=(), cursor=cursor.finished(tips=memory.tips), gone=gone)

    def _place(self, cursor: Cursor, place: TodoPath) -> Iterator[Page]:
        entry = self._entry(place)
        limits = f"{VERSION} {place.largest_kb} {place.most_files}"
        known = self.memory.places.get(place.place, "")
        if known.partition(" ")[2] != limits:
            self.memory = self.memory.stale(place.place).with_place(place.place, f"{_BEGUN} {limits}")
        seen = f"{entry.sha if entry else 'nothing'} {limits}"
        if known == seen and not self.is_thorough:
            self._listed |= {n: f.sha for n, f in self.memory.files.items() if is_below(n, place.place)}
            return
        listed = self._files(place, entry)
        unread = len(self._unread)
        yield from self._changed(cursor, place, listed)
        if len(self._unread) == unread:
            self.memory = self.memory.with_place(place.place, seen)
            yield Page(records=(self._scan(place, entry, listed),), cursor=self._at(cursor))

    def _entry(self, place: TodoPath) -> Entry | None:
        if self.files is None:
            return None
        if not place.place:
            return Entry(path="", sha=self.files.tip, is_folder=True, is_file=False)
        return self.files.entry_at(place.place)

    def _files(self, place: TodoPath, entry: Entry | None) -> Files:
        listed = Files(shas={})
        if self.files and entry:
            listed = self.files.below(place, entry)
        self._listed |= listed.shas
        if self.files and not (listed.is_cut or listed.beyond):
            self._uncut.append(place.place)
        return listed

    def _changed(self, cursor: Cursor, place: TodoPath, listed: Files) -> Iterator[Page]:
        """The marks of the files that are new, changed or stale, some files at a time."""
        changed = [path for path, sha in listed.shas.items() if not self._is_known(path, sha)]
        for start in range(0, len(changed), _PER_PAGE):
            records: list[Record] = []
            news: dict[str, KnownFile] = {}
            some = changed[start : start + _PER_PAGE]
            asked = (self._asked(listed.shas[path], largest_kb=place.largest_kb) for path in some)
            for path, said in zip(some, self.ahead(asked), strict=True):
                if found := self._read(path, listed.shas[path], said):
                    news[path], todos = found
                    records += todos
            gone = tuple(ref for path, known in news.items() for ref in self._vanished(path, known.digests))
            self.memory = self.memory.with_files(news)
            yield Page(records=tuple(records), cursor=self._at(cursor), gone=gone)

    def _is_known(self, path: str, sha: str) -> bool:
        known = self.memory.files.get(path)
        return known is not None and known.sha == sha and not known.is_stale

    def _asked(self, sha: str, *, largest_kb: int) -> Callable[[], str | LeftOut]:
        assert self.files is not None  # noqa: S101  # files are listed only where there is a commit
        return partial(self.files.text_of, sha, largest_kb=largest_kb)

    def _read(
        self, path: str, sha: str, ask: Callable[[], str | LeftOut]
    ) -> tuple[KnownFile, tuple[Todo, ...]] | None:
        """The file and its marks; None for one that cannot be read now: what it said before then stands."""
        try:
            said = ask()
        except (NotFoundError, *MALFORMED) as error:
            self._unread.append(path)
            if len(self._unread) >= _MOST_UNREAD:
                raise self._broken_off() from error
            return None
        if isinstance(said, LeftOut):
            return KnownFile(sha=sha, left_out=said), ()
        todos = parse_todos(said, self.place, project_id=self.project_id, path=path, blob_sha=sha)
        return KnownFile(sha=sha, digests=tuple(todo.id.rpartition("/")[2] for todo in todos)), todos

    def _vanished(self, path: str, digests: Iterable[str] = ()) -> Iterator[Ref]:
        """The marks that the file held and that are not among ``digests``."""
        former = self.memory.files.get(path)
        for digest in (d for d in (former.digests if former else ()) if d not in digests):
            yield todo_ref(self.place.source, self.project_id, path, digest)

    def _forget(self) -> tuple[Ref, ...]:
        """The marks of files that are no longer read, and the scans of places that are no longer allowed.

        Raises RetryableError where such a file is still there.
        """
        lost = sorted(path for path in self.memory.files if path not in self._listed)
        for place in self._uncut:
            if last := max((path for path in lost if is_below(path, place)), default=None):
                assert self.files is not None  # noqa: S101  # a place is listed only where there is a commit
                self.files.confirm_gone(last)
        gone = [ref for path in lost for ref in self._vanished(path)]
        allowed = {place.place for place in self.places}
        gone += [
            scan_ref(self.place.source, self.project_id, p) for p in self.memory.places if p not in allowed
        ]
        self.memory = TodoMemory(
            files={path: file for path, file in self.memory.files.items() if path in self._listed},
            places={path: seen for path, seen in self.memory.places.items() if path in allowed},
        )
        return tuple(gone)

    def _scan(self, place: TodoPath, entry: Entry | None, listed: Files) -> TodoScan:
        out = Counter(str(why) for path in listed.shas if (why := self.memory.files[path].left_out))
        read = len(listed.shas) - out.total()
        if listed.beyond or listed.is_cut:
            out[LeftOut.AT_LEAST if listed.is_cut else LeftOut.TOO_MANY] = max(1, listed.beyond)
        return TodoScan(
            source=self.place.source,
            id=scan_ref(self.place.source, self.project_id, place.place).id,
            project_id=self.project_id,
            path=place.place,
            sha=entry.sha if entry else "",
            files=read,
            url=url_of_place(self.place, self.project_id, place.place),
            left_out=tuple(sorted(out.items())),
            is_there=entry is not None,
        )

    def _at(self, cursor: Cursor) -> Cursor:
        return replace(cursor, tips=self.memory.tips)

    def _broken_off(self) -> RetryableError:
        more = ", ..." if len(self._unread) > _NAMED else ""
        named = ", ".join(self._unread[:_NAMED]) + more
        return RetryableError(
            f"GitLab project {self.project_id}: {len(self._unread)} files could not be read for TODOs ({named}); they are asked for again in the next run"
        )
