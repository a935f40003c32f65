"""Constants: the numbers that the model multiplies, each with its unit and where it is from, in one file that the benchmarks write."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

from msgspec import Struct

FILE = "constants.json"
"""The file's name, beside this module."""
MEASURED, VENDOR, CODE, ASSUMED, REQUESTS = "measured", "vendor", "code", "assumed", "requests"
PROFILES = ("expected", "measured")
"""The sets of request counts: those to which the runs are held, and those that the code was measured to make."""


class Constant(Struct, frozen=True, kw_only=True):
    """One number. ``unit`` and ``source`` are words for people; the source is a command and a date, a vendor's page, or a reason."""

    name: str
    value: float
    unit: str
    source: str


class Constants(Struct, frozen=True, kw_only=True):
    """All numbers by their names, by section; ``requests`` is one profile of them. ``measured_on`` is a day, ``machine`` and ``command`` are words."""

    sections: Mapping[str, tuple[Constant, ...]]
    values: Mapping[str, float]
    profile: str
    measured_on: str
    machine: str
    command: str

    def __getitem__(self, name: str) -> float:
        """The number of that name. Raises KeyError for one that does not exist."""
        return self.values[name]

    def bytes_of(self, table: str, database: str) -> float:
        """Bytes of one row of a table with its indexes."""
        return self.values[f"bytes_per_{table}_{database}"]


def constants_in_force(profile: str | None = None) -> Constants:
    """The constants of this version, with the requests of ``profile``, by default the one that the file says is in force."""
    return constants_of(document(), profile=profile)


def document() -> dict[str, Any]:
    """The file as it is."""
    found: dict[str, Any] = json.loads(files(__package__).joinpath(FILE).read_text(encoding="utf-8"))
    return found


def constants_of(found: Mapping[str, Any], *, profile: str | None = None) -> Constants:
    """The constants of a document. Raises KeyError for one of another form, ValueError for a name that comes twice."""
    chosen = profile or str(found[REQUESTS]["in_force"])
    sections = {name: tuple(_section(found[name]["constants"])) for name in (MEASURED, VENDOR, CODE, ASSUMED)}
    sections[REQUESTS] = tuple(_section(found[REQUESTS][chosen]))
    every = [one for section in sections.values() for one in section]
    values = {one.name: one.value for one in every}
    if len(values) < len(every):
        raise ValueError("a constant stands in the file twice")
    measured = found[MEASURED]
    return Constants(
        sections=sections,
        values=values,
        profile=chosen,
        measured_on=str(measured["on"]),
        machine=str(measured["machine"]),
        command=str(measured["command"]),
    )


def _section(rows: Mapping[str, Mapping[str, Any]]) -> Iterator[Constant]:
    return (
        Constant(name=name, value=float(row["value"]), unit=str(row["unit"]), source=str(row["source"]))
        for name, row in rows.items()
    )
