"""Draft: as much of a mapping as has the right shape, so that one wrong value does not hide other problems."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from mappings.mended import mended
from mappings.problems import TOP, Position, Problem, below
from mappings.schema import MappingSpec
from mappings.written import Written

_LISTS = ("people", "milestones", "debt", "suppressions")
_STANDINS = {"version": "1", "sources": {"jira": [{"projects": ["XX"]}]}}


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A validated part of the file. ``kept`` holds the original indexes of the list entries, ``intact`` the top-level keys without shape problems."""

    spec: MappingSpec
    tree: Written
    kept: Mapping[str, tuple[int, ...]]
    intact: frozenset[str]

    @classmethod
    def whole(cls, spec: MappingSpec, tree: Written) -> Draft:
        """The draft of a file without shape problems."""
        kept = {name: tuple(range(len(getattr(spec, name)))) for name in _LISTS}
        return cls(spec=spec, tree=tree, kept=kept, intact=frozenset(MappingSpec.model_fields))

    @classmethod
    def remains(cls, error: ValidationError, tree: Written) -> Draft:
        """The draft of what ``error`` does not speak of; stand-ins fill what must be there and is broken."""
        rest: dict[str, Any] = dict(tree.value) if isinstance(tree.value, dict) else {}
        locations = [detail["loc"] for detail in error.errors(include_url=False)]
        broken = {str(loc[0]) for loc in locations}
        kept: dict[str, tuple[int, ...]] = {}
        for name in _LISTS:
            bad = {loc[1] if len(loc) > 1 else None for loc in locations if loc[0] == name}
            entries = rest.get(name, []) if None not in bad else []
            whole = (e if i not in bad else _mended(name, i, rest, locations) for i, e in enumerate(entries))
            sound = {i: entry for i, entry in enumerate(whole) if entry is not None}
            kept[name], rest[name] = tuple(sound), list(sound.values())
        for name in broken.difference(_LISTS):
            rest.pop(name, None)
        spec = MappingSpec.model_validate(_STANDINS | rest)
        intact = frozenset(MappingSpec.model_fields) - broken
        return cls(spec=spec, tree=tree, kept=kept, intact=intact)

    def path(self, name: str, index: int) -> str:
        """The path in the file of the draft's entry ``index`` of the list ``name``."""
        return below(name, self.kept[name][index])

    def problem(self, path: str, says: str, *, at_key: bool = False) -> Problem:
        """A problem with the value (or with ``at_key`` the key) at ``path``."""
        return Problem(at=self._position(path, at_key=at_key), path=path, says=says)

    def _position(self, path: str, *, at_key: bool) -> Position:
        places = self.tree.keys if at_key else self.tree.values
        while path not in places and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return places.get(path, TOP)

    def path_of_item(self, path: str, index: int) -> str:
        """The path of an item of the list at ``path``, or ``path`` where one text stands instead of a list."""
        item = below(path, index)
        return item if item in self.tree.values else path


def _mended(
    name: str, index: int, tree: Mapping[str, Any], locations: list[tuple[int | str, ...]]
) -> Mapping[str, object] | None:
    """The entry mended with a project that the sources have; where they are broken, projects are not checked."""
    here = [place for place in locations if place[:2] == (name, index)]
    is_sound = all(place[0] != "sources" for place in locations)
    project = tree["sources"]["jira"][0]["projects"][0] if is_sound else "XX"
    return mended(name, tree[name][index], here, project=project)
