"""Fields: which ids the mapped custom fields have on this site. Names are neither unique nor the same on two sites."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from msgspec import Struct

from connectors.errors import ConfigError
from connectors.jira.settings import FieldNames

_SPRINT = "com.pyxis.greenhopper.jira:gh-sprint"
_EPIC_LINK = "com.pyxis.greenhopper.jira:gh-epic-link"


class SiteField(Struct, frozen=True, kw_only=True):
    """A field as the site lists it. ``custom`` is the type of a custom field, empty for a system field."""

    id: str
    name: str
    custom: str = ""


class Fields(Struct, frozen=True, kw_only=True):
    """The mapped fields as found on the site; None where not mapped. ``others`` holds (name used in the mapping, field)."""

    story_points: SiteField | None = None
    sprint: SiteField | None = None
    epic_link: SiteField | None = None
    others: tuple[tuple[str, SiteField], ...] = ()

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all mapped fields, each once, sorted."""
        named = (self.story_points, self.sprint, self.epic_link, *(field for _, field in self.others))
        return tuple(sorted({field.id for field in named if field}))


def parse_field(payload: Any) -> SiteField:  # noqa: ANN401
    """A field of GET field."""
    schema = payload.get("schema") or {}
    return SiteField(id=str(payload["id"]), name=str(payload["name"]), custom=str(schema.get("custom") or ""))


def fields_of(listed: Iterable[SiteField], names: FieldNames, *, source: str) -> Fields:
    """The mapped fields among those that the site lists.

    Sprint and epic link are found by their type where the site has one such field, everything else by name or id. A site without sprints is no
    error unless the mapping names a sprint field of its own. Raises ConfigError with every ambiguous and every missing name.
    """
    search = _Search(tuple(listed), source)
    found = Fields(
        story_points=search.named(names.story_points),
        sprint=search.typed(names.sprint, _SPRINT, may_lack=names.sprint == "Sprint"),
        epic_link=search.typed(names.epic_link, _EPIC_LINK),
        others=tuple((name, field) for name in names.others if (field := search.named(name))),
    )
    if search.problems:
        raise ConfigError(*search.problems)
    return found


class _Search:
    """A search that goes on after a problem, so that all of them are reported at once."""

    def __init__(self, listed: tuple[SiteField, ...], source: str) -> None:
        self._listed = listed
        self._source = source
        self.problems: list[str] = []

    def typed(self, name: str | None, custom: str, *, may_lack: bool = False) -> SiteField | None:
        if name is None:
            return None
        of_type = [field for field in self._listed if field.custom == custom]
        if len(of_type) == 1:
            return of_type[0]
        if not of_type and may_lack and not self._matching(name):
            return None
        return self.named(name)

    def named(self, name: str | None) -> SiteField | None:
        if name is None:
            return None
        matching = self._matching(name)
        if len(matching) == 1:
            return matching[0]
        self.problems.append(self._ambiguous(name, matching) if matching else self._missing(name))
        return None

    def _matching(self, name: str) -> list[SiteField]:
        by_id = [field for field in self._listed if field.id == name]
        exact = [field for field in self._listed if field.name == name]
        return by_id or exact or [f for f in self._listed if f.name.casefold() == name.casefold()]

    def _ambiguous(self, name: str, matching: list[SiteField]) -> str:
        ids = ", ".join(sorted(field.id for field in matching))
        return f'{self._source}: several fields are called "{name}": {ids}. Write the id of the right one instead of the name.'

    def _missing(self, name: str) -> str:
        near = get_close_matches(name, sorted({field.name for field in self._listed}), n=3, cutoff=0.5)
        hint = f" Nearest: {', '.join(f'{n!r}' for n in near)}." if near else ""
        return f'{self._source}: no field is called "{name}", or the account may not see it.{hint}'
