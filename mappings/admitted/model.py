"""The model: how much each feature speaks for debt and for each kind of it. Weights are learned elsewhere; here they are only read and applied."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal, TypeAlias, get_args

from msgspec import Struct

About: TypeAlias = Literal["commit", "merge_request"]
ABOUT: tuple[About, ...] = get_args(About)
Weights: TypeAlias = Mapping[str, tuple[float, ...]]

_FILE = "model.json"
_DIGITS = 3


class DebtKind(StrEnum):
    """What is owed."""

    CODE = "code"
    DESIGN = "design"
    DOCUMENTATION = "documentation"
    TEST = "test"
    REQUIREMENT = "requirement"
    ARCHITECTURE = "architecture"
    BUILD = "build"
    DEFECT = "defect"


class Linear(Struct, frozen=True, kw_only=True):
    """Several logistic scores over the same features; ``weights`` and ``biases`` have one number per score.

    A score is the bias plus the sum of the weights of the known features, divided by the square root of their count, so that long texts do not win by length.
    """

    biases: tuple[float, ...]
    weights: Weights

    def scores(self, features: Iterable[str]) -> tuple[float, ...]:
        """The log odds of each score."""
        rows = [row for feature in features if (row := self.weights.get(feature))]
        scale = scale_of(len(rows))
        return tuple(bias + scale * sum(row[at] for row in rows) for at, bias in enumerate(self.biases))


class Model(Struct, frozen=True, kw_only=True):
    """Debt or none by sort of text, with the probability from which on a text counts as debt; then which kind, among ``kinds``."""

    debt: Linear
    thresholds: tuple[float, ...]
    """In the order of ``ABOUT``."""
    kind: Linear
    kinds: tuple[DebtKind, ...]

    def probability(self, features: Iterable[str], about: About) -> float:
        """How likely a text with these features admits debt."""
        return odds_as_probability(self.debt.scores(features)[ABOUT.index(about)])

    def kind_of(self, features: Iterable[str]) -> DebtKind:
        """The likeliest kind; the first in order where two are equal."""
        scores = self.kind.scores(features)
        return self.kinds[scores.index(max(scores))]


def scale_of(count: int) -> float:
    """What a sum over ``count`` features is multiplied by."""
    return 1 / math.sqrt(max(1, count))


def odds_as_probability(log_odds: float) -> float:
    """The logistic function, without overflow for any number."""
    return (1 + math.tanh(log_odds / 2)) / 2


def document_of(model: Model) -> str:
    """The model as JSON text, one feature a line in alphabetical order, so that two of them can be compared."""
    rest = {
        "version": 1,
        "about": ABOUT,
        "thresholds": _rounded(model.thresholds),
        "kinds": model.kinds,
        "debt_biases": _rounded(model.debt.biases),
        "kind_biases": _rounded(model.kind.biases),
    }
    parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items()]
    parts += [f'"debt": {_table(model.debt.weights)}', f'"kind": {_table(model.kind.weights)}']
    return "{" + ",\n".join(parts) + "}\n"


def _table(weights: Weights) -> str:
    lines = (
        f"{json.dumps(name, ensure_ascii=False)}:{json.dumps(_rounded(row), separators=(',', ':'))}"
        for name, row in sorted(weights.items())
    )
    return "{\n" + ",\n".join(lines) + "}"


def _rounded(numbers: Iterable[float]) -> list[float]:
    return [round(number, _DIGITS) for number in numbers]


def parsed(text: str) -> Model:
    """The model that ``document_of`` wrote."""
    document: Mapping[str, Any] = json.loads(text)
    return Model(
        debt=_linear(document, "debt"),
        thresholds=tuple(document["thresholds"]),
        kind=_linear(document, "kind"),
        kinds=tuple(map(DebtKind, document["kinds"])),
    )


def _linear(document: Mapping[str, Any], name: str) -> Linear:
    weights = {feature: tuple(row) for feature, row in document[name].items()}
    return Linear(biases=tuple(document[f"{name}_biases"]), weights=MappingProxyType(weights))


@lru_cache(maxsize=1)
def packed() -> Model:
    """The model that comes with the package; read once."""
    return parsed(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
