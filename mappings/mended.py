"""Mended: a list entry with wrong values made whole with stand-ins, so that what else is wrong with it is told at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

_DEBT_MARKS = frozenset({"label", "type", "component", "project"})


def mended(
    section: str, entry: object, locations: Iterable[tuple[int | str, ...]], *, project: str
) -> Mapping[str, object] | None:
    """``entry`` of ``section`` without the values that ``locations`` (of the models' errors) speak of, and with stand-ins for what must be there.

    A stand-in never makes a problem of its own: it names ``project``. None where too little remains to be checked.
    """
    places = tuple(locations)
    if section not in {"milestones", "debt"} or not isinstance(entry, dict):
        return None
    if any(len(place) < 4 for place in places):
        return None
    broken = {str(place[3]) for place in places}
    rest = {key: value for key, value in entry.items() if key not in broken}
    if "from" in broken:
        return None
    key = f"unreadable-{section}-{places[0][1]}"  # entries that lack their own must not be called alike
    if section == "milestones":
        return rest if "from" in rest else _milestone(rest, broken, key=key, project=project)
    return _debt(entry, rest, broken, key=key, project=project)


def _milestone(rest: dict[str, object], broken: set[str], *, key: str, project: str) -> dict[str, object]:
    whole: dict[str, object] = {"key": key, "title": "T"} | rest
    if broken & {"scope", "slot"}:
        whole |= {"scope": {"label": "x"}, "slot": {"issue": f"{project}-1"}}
    return whole


def _debt(
    entry: dict[str, object], rest: dict[str, object], broken: set[str], *, key: str, project: str
) -> dict[str, object]:
    if "issue" in entry:
        return {"key": key, "issue": f"{project}-1"} | rest
    return rest | ({"label": "x"} if broken & _DEBT_MARKS else {})
