"""Todo memory: what a walk over the files of one project has read so far, as it stands among the tips of its cursor.

A file's tip is the sha of its content with the digests of its marks: so an unchanged file is never read again, and marks that vanish are known by name.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct, field
from msgspec.structs import replace

from connectors.gitlab.source_files import LeftOut

_PLACE = "/"
"""Before the path of a place. No path in a repository begins with a slash."""
_WALKED = "//"
_STALE = "?"
_LEFT_OUT = "!"


class KnownFile(Struct, frozen=True, kw_only=True):
    """A file as it was read last; with ``is_stale`` it is to be read again although its content may be the same."""

    sha: str
    digests: tuple[str, ...] = ()
    left_out: LeftOut | None = None
    is_stale: bool = False

    @property
    def tip(self) -> str:
        """The file as a cursor's tip."""
        rest = (f"{_LEFT_OUT}{self.left_out}",) if self.left_out else self.digests
        return " ".join((f"{_STALE if self.is_stale else ''}{self.sha}", *rest))

    @classmethod
    def of(cls, tip: str) -> KnownFile:
        """The file that ``tip`` wrote."""
        sha, _, rest = tip.partition(" ")
        bare, is_stale = sha.removeprefix(_STALE), sha.startswith(_STALE)
        if not rest.startswith(_LEFT_OUT):
            return cls(sha=bare, digests=tuple(rest.split()), is_stale=is_stale)
        why = next((one for one in LeftOut if one == rest.removeprefix(_LEFT_OUT)), None)
        return cls(sha=bare, left_out=why, is_stale=is_stale or why is None)


class TodoMemory(Struct, frozen=True, kw_only=True):
    """The files by path; of each place by its path the sha of what was listed there and its limits; and the last complete walk, empty where there is none to rely on."""

    files: Mapping[str, KnownFile] = field(default_factory=dict)
    places: Mapping[str, str] = field(default_factory=dict)
    walked: str = ""

    @classmethod
    def of(cls, tips: Iterable[tuple[str, str]]) -> TodoMemory:
        """The memory that ``tips`` wrote."""
        known = dict(tips)
        walked = known.pop(_WALKED, "")
        places = {n.removeprefix(_PLACE): t for n, t in known.items() if n.startswith(_PLACE)}
        files = {n: KnownFile.of(t) for n, t in known.items() if not n.startswith(_PLACE)}
        return cls(files=files, places=places, walked=walked)

    def is_about(self, mark: str) -> bool:
        """True if the last complete walk was over the same places, with the same limits, as a walk of this mark, whatever the commit."""
        return self.walked.partition(" ")[2] == mark.partition(" ")[2]

    @property
    def tips(self) -> tuple[tuple[str, str], ...]:
        """The memory as a cursor's tips, sorted."""
        places = {f"{_PLACE}{path}": listed for path, listed in self.places.items()}
        files = {path: file.tip for path, file in self.files.items()}
        walked = {_WALKED: self.walked} if self.walked else {}
        return tuple(sorted({**places, **files, **walked}.items()))

    def with_files(self, files: Mapping[str, KnownFile]) -> TodoMemory:
        """The memory with these files beside the others."""
        return replace(self, files={**self.files, **files})

    def with_place(self, path: str, listed: str) -> TodoMemory:
        """The memory with what was listed at a place."""
        return replace(self, places={**self.places, path: listed})

    def stale(self, path: str = "") -> TodoMemory:
        """The memory with every file at or below ``path`` to be read again, and no walk to rely on."""
        files = {
            name: replace(file, is_stale=True) if is_below(name, path) else file
            for name, file in self.files.items()
        }
        places = {name: "" if is_below(name, path) else listed for name, listed in self.places.items()}
        return TodoMemory(files=files, places=places)


def is_below(name: str, path: str) -> bool:
    """True if ``name`` is ``path`` or lies below it; everything lies below the empty path."""
    return not path or name == path or name.startswith(f"{path}/")
