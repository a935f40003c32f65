"""Load: the mapping file as a checked value, or every problem in it at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from msgspec import Struct
from pydantic import ValidationError

from connectors.errors import ConfigError
from mappings.coherence import coherence_problems
from mappings.draft import Draft
from mappings.problems import TOP, Position, Problem, in_order, shown
from mappings.references import reference_problems
from mappings.schema import MappingSpec
from mappings.shape import shape_problems
from mappings.written import Written, written

RuleCodes = Mapping[str, frozenset[str]]
"""Known drift rules: code to the names of its thresholds."""


class LoadedMapping(Struct, frozen=True, kw_only=True):
    """A mapping that passed every check that needs no network.

    ``positions`` tells where each path such as ``milestones[2].scope.any[0].fix_version`` stands. ``name`` is what messages call the file,
    ``digest`` the SHA-256 of its text in hexadecimal digits.
    """

    spec: MappingSpec
    positions: Mapping[str, Position]
    name: str
    digest: str

    def position_of(self, path: str) -> Position:
        """Where ``path`` stands, or else the nearest part of the file above it."""
        while path not in self.positions and path:
            path = path[: max(path.rfind("."), path.rfind("["), 0)]
        return self.positions.get(path, TOP)

    def place_of(self, path: str) -> str:
        """``mapping.yaml:34`` for ``path``."""
        return f"{self.name}:{self.position_of(path).line}"


def loaded(path: Path, *, rule_codes: RuleCodes | None = None) -> LoadedMapping:
    """The mapping in the file ``path``. Raises ConfigError with every problem, or that the file cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: is not UTF-8 text (byte {error.start + 1}): save it as UTF-8.") from error
    except FileNotFoundError as error:
        raise ConfigError(f"{path}: there is no such file.") from error
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}.") from error
    return parsed(text, name=str(path), rule_codes=rule_codes)


def parsed(text: str, *, name: str, rule_codes: RuleCodes | None = None) -> LoadedMapping:
    """The mapping that ``text`` says; pure. Known drift rules are checked where ``rule_codes`` is given.

    Raises ConfigError with one line per problem, by place: ``mapping.yaml:34:7   milestones[2].scope   unknown key ...``.
    """
    tree = written(text)
    spec, problems = _checked(tree, rule_codes=rule_codes)
    if spec is None or problems:
        raise ConfigError(*(p.line_in(name) for p in in_order(problems)))
    return LoadedMapping(
        spec=spec,
        positions=MappingProxyType(dict(tree.keys)),
        name=name,
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )


def _checked(tree: Written, *, rule_codes: RuleCodes | None) -> tuple[MappingSpec | None, list[Problem]]:
    problems = list(tree.problems)
    if not isinstance(tree.value, dict):
        return None, problems or [Problem(at=TOP, path="", says=_no_mapping(tree.value))]
    spec: MappingSpec | None = None
    try:
        spec = MappingSpec.model_validate(tree.value)
        draft = Draft.whole(spec, tree)
    except ValidationError as error:
        problems += shape_problems(error, tree)
        draft = Draft.remains(error, tree)
    problems += reference_problems(draft, rule_codes)
    problems += coherence_problems(draft)
    return spec, problems


def _no_mapping(value: object) -> str:
    example = 'it begins with "version: 1"'
    if value is None:
        return f"the file is empty; {example}."
    return f"the file must hold keys with values, not {shown(value)}; {example}."


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of the mapping file, for editors and other checkers."""
    schema = MappingSpec.model_json_schema(by_alias=True, mode="validation")
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://tandem-sync.invalid/schemas/mapping-1.json",
        **schema,
        "title": "Tandem mapping, version 1",
    }
