"""Vendor documents: which schema an answer must fit, and in what it does not."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import yaml

FOLDER = Path(__file__).parents[4] / "shared" / "specs"
_TYPES_OF_JSON = ("application/json", "application/json;charset=UTF-8", "*/*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """One place where an answer is not what the document says. ``at`` is dotted, indices are ``*``."""

    document: str
    operation: str
    at: str
    problem: str

    def __str__(self) -> str:
        return f"{self.document}: {self.operation} | {self.at} | {self.problem}"


class Document:
    """One OpenAPI 3.0 document. ``prefix`` is what its paths leave out."""

    def __init__(self, name: str, prefix: str = "") -> None:
        self.name = name
        text = (FOLDER / name).read_text("utf-8")
        raw = json.loads(text) if name.endswith(".json") else yaml.load(text, Loader=yaml.CSafeLoader)
        self._root = {"components": _plain(raw["components"])}
        self._paths = [
            (_pattern(prefix + path), path, operations) for path, operations in raw["paths"].items()
        ]
        self._validators: dict[tuple[str, int], jsonschema.Draft4Validator | None] = {}

    def misfits(self, method: str, path: str, status: int, body: object) -> Iterator[Misfit]:
        """What is wrong with an answer."""
        found = self._operation(method, path)
        if found is None:
            yield Misfit(document=self.name, operation=f"{method} {path}", at="", problem="path unknown")
            return
        template, operation = found
        name = f"{method} {template}"
        key = (name, status)
        if key not in self._validators:
            self._validators[key] = self._validator(operation, status)
        validator = self._validators[key]
        if validator is None:
            yield Misfit(document=self.name, operation=name, at=str(status), problem="no schema")
            return
        for error in validator.iter_errors(body):
            for at, problem in _told(error):
                yield Misfit(document=self.name, operation=name, at=at, problem=problem)

    def example(self, method: str, path: str) -> Any:  # any JSON value
        """The document's example of an answer with status 200."""
        found = self._operation(method, path)
        assert found
        return json.loads(found[1]["responses"]["200"]["content"]["application/json"]["example"])

    def _operation(self, method: str, path: str) -> tuple[str, dict[str, Any]] | None:
        """The most literal template that fits."""
        fits = [
            (template.count("{"), template, operations[method.lower()])
            for pattern, template, operations in self._paths
            if method.lower() in operations and pattern.fullmatch(path)
        ]
        return min(fits, key=lambda fit: fit[:2])[1:] if fits else None

    def _validator(self, operation: dict[str, Any], status: int) -> jsonschema.Draft4Validator | None:
        response = operation["responses"].get(str(status), {})
        content = response.get("content", {})
        schema = next((content[kind].get("schema") for kind in _TYPES_OF_JSON if kind in content), None)
        return jsonschema.Draft4Validator({**self._root, "allOf": [_plain(schema)]}) if schema else None


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"\{[^}]+\}", path)
    return re.compile("[^/]+".join(map(re.escape, parts)))


def _plain(schema: Any) -> Any:  # any JSON value
    """The schema with OpenAPI's ``nullable`` said in JSON Schema, and examples left out."""
    if isinstance(schema, list):
        return [_plain(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        key: _plain(value)
        for key, value in schema.items()
        if key not in {"nullable", "example", "examples", "description"} or isinstance(value, dict)
    }
    return {"anyOf": [kept, {"type": "null"}]} if schema.get("nullable") is True else kept


def _told(error: jsonschema.ValidationError) -> Iterator[tuple[str, str]]:
    """(place, problem) of an error; of alternatives, the problems of the one that comes nearest."""
    if error.context and error.validator in {"anyOf", "oneOf"}:
        branches: dict[Any, list[jsonschema.ValidationError]] = {}
        for one in error.context:
            branches.setdefault(one.schema_path[0], []).append(one)
        nearest = max(
            branches.values(), key=lambda branch: (max(len(e.absolute_path) for e in branch), -len(branch))
        )
        for one in nearest:
            yield from _told(one)
        return
    at = ".".join("*" if isinstance(part, int) else str(part) for part in error.absolute_path)
    given = type(error.instance).__name__
    yield at, f"{error.validator} {_short(error.validator_value)} but {given}" + _extra(error)


def _extra(error: jsonschema.ValidationError) -> str:
    if error.validator == "additionalProperties":
        return f": {sorted(set(error.instance) - set(error.schema.get('properties', {})))}"
    return f": {error.instance!r}"[:60] if error.validator == "enum" else ""


def _short(value: object) -> str:
    return str(value)[:120]


@functools.cache
def document(name: str, prefix: str = "") -> Document:
    """The document, read once per test session."""
    return Document(name, prefix)
