"""Shape: what the models find wrong with a mapping's values, said in sentences for the person who edits the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.atoms import MEANINGS
from mappings.commitments import DebtDiscovery, DebtSpec, MilestoneDiscovery, MilestoneSpec
from mappings.problems import TOP, Position, Problem, below, shown
from mappings.schema import MappingSpec
from mappings.suggest import allowed
from mappings.written import Written

Loc = tuple[int | str, ...]

_FORMS: Mapping[tuple[str, str], type[BaseModel]] = {
    ("milestones", "named"): MilestoneSpec,
    ("milestones", "found"): MilestoneDiscovery,
    ("debt", "named"): DebtSpec,
    ("debt", "found"): DebtDiscovery,
}


def shape_problems(error: ValidationError, tree: Written) -> Iterator[Problem]:
    """One problem for each of the models' errors, at the key (unknown, missing) or the value that it concerns."""
    for detail in error.errors(include_url=False):
        if _is_echo(detail):
            continue
        path = written_path(detail["loc"], tree.value)
        at = _place(tree.values, path)
        if detail["type"] == "missing":
            at, path = _place(tree.keys, path), below(path, str(detail["loc"][-1]))
        if detail["type"] == "extra_forbidden":
            at, path = _place(tree.keys, path), written_path(detail["loc"][:-1], tree.value)
        yield Problem(at=at, path=path, says=_sentence(detail))


def _is_echo(detail: ErrorDetails) -> bool:
    """True for a list called too short only because its bad items, reported by themselves, were not counted."""
    given = detail["input"]
    return detail["type"] == "too_short" and isinstance(given, list | tuple) and bool(given)


def _place(places: Mapping[str, Position], path: str) -> Position:
    return places.get(path, TOP)


def _steps(loc: Loc) -> Loc:
    """The models' location without the tag that tells which form of an entry was tried."""
    return loc[:2] + loc[3:] if len(loc) > 2 and (loc[0], loc[2]) in _FORMS else loc


def written_path(loc: Loc, value: object) -> str:
    """The path in the file of what the models call ``loc``, as far as it exists there."""
    path, here = "", value
    for part in _steps(loc):
        is_item = isinstance(here, list) and isinstance(part, int) and part < len(here)
        if not is_item and not (isinstance(here, dict) and part in here):
            break
        here = here[part]  # type: ignore[index]  # one of the two conditions above holds
        path = below(path, part)
    return path


def keys_at(loc: Loc) -> tuple[str, ...]:
    """The keys that may stand at ``loc``, in the models' order."""
    models: list[type[BaseModel]] = [MappingSpec]
    is_name = False  # the next part is a name that the file gives (a key of a dict field)
    for place, part in enumerate(loc):
        if place == 2 and (loc[0], part) in _FORMS:
            models = [_FORMS[str(loc[0]), str(part)]]
        elif isinstance(part, str) and not is_name:
            annotation = _annotation(models, part)
            models, is_name = list(_models_in(annotation)), _is_dict(annotation)
        else:
            is_name = False
    return tuple(dict.fromkeys(f.alias or n for m in models for n, f in m.model_fields.items()))


def _annotation(models: list[type[BaseModel]], key: str) -> object:
    fields = ((f.alias or n, f.annotation) for m in models for n, f in m.model_fields.items())
    return next((annotation for name, annotation in fields if name == key), None)


def _is_dict(annotation: object) -> bool:
    return get_origin(annotation) is dict


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and get_origin(annotation) is None and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


def _unknown_key(detail: ErrorDetails) -> str:
    key = str(detail["loc"][-1])
    return f"unknown key {shown(key)}. {allowed(key, keys_at(detail['loc'][:-1]))}"


def _not_one_of(detail: ErrorDetails) -> str:
    words = re.findall(r"'([^']*)'", _context(detail, "expected")) or [_context(detail, "expected")]
    written = detail["input"]
    if not isinstance(written, str):
        return f"is {shown(written)}. {allowed('', words)}"
    return f"{shown(written)} is not known here. {allowed(written, words)}"


def _not_like(detail: ErrorDetails) -> str:
    meaning = MEANINGS.get(_context(detail, "pattern"), "written as it must be")
    return f"{shown(detail['input'])} is not {meaning}."


def _ours(detail: ErrorDetails) -> str:
    reason = str(detail["ctx"]["error"]).rstrip(".")
    return f"{shown(detail['input'])} {reason}."


def _kind(wanted: str) -> Callable[[ErrorDetails], str]:
    def sentence(detail: ErrorDetails) -> str:
        if detail["input"] is None:
            return f"is empty: write {wanted}, or remove the key."
        return f"must be {wanted}, not {shown(detail['input'])}."

    return sentence


def _limit(words: str, name: str) -> Callable[[ErrorDetails], str]:
    return lambda detail: f"{shown(detail['input'])} must be {words} {_context(detail, name)}."


def _too_short(detail: ErrorDetails) -> str:
    least = _context(detail, "min_length")
    return "must not be empty." if least == "1" else f"must have at least {least} characters or entries."


def _context(detail: ErrorDetails, name: str) -> str:
    return str(detail.get("ctx", {}).get(name, ""))


def _always(sentence: str) -> Callable[[ErrorDetails], str]:
    return lambda _: sentence


_LIST, _TEXT, _KEYS = _kind("a list"), _kind("a text"), _kind("keys with values")
_WHOLE, _NUMBER, _FLAG = _kind("a whole number"), _kind("a number"), _kind("true or false")

_SENTENCES: Mapping[str, Callable[[ErrorDetails], str]] = {
    "missing": _always("is missing and must be given."),
    "extra_forbidden": _unknown_key,
    "literal_error": _not_one_of,
    "enum": _not_one_of,
    "string_pattern_mismatch": _not_like,
    "value_error": _ours,
    "string_type": _TEXT,
    "string_too_short": _too_short,
    "too_short": _too_short,
    "tuple_type": _LIST,
    "frozen_set_type": _LIST,
    "dict_type": _KEYS,
    "model_type": _KEYS,
    "model_attributes_type": _KEYS,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_parsing_size": _WHOLE,
    "int_from_float": _WHOLE,
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "finite_number": _NUMBER,
    "bool_type": _FLAG,
    "bool_parsing": _FLAG,
    "greater_than_equal": _limit("at least", "ge"),
    "less_than_equal": _limit("at most", "le"),
    "recursion_loop": _always("contains itself."),
}


def _sentence(detail: ErrorDetails) -> str:
    known: Any = _SENTENCES.get(detail["type"], lambda d: f"{shown(d['input'])} cannot stand here.")
    return str(known(detail))
