"""Learning: from labelled texts to a model. Thresholds come from folds inside the given texts, so that the texts it is tested on have no say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct

from mappings.admitted.fitting import Row, logistic_weights
from mappings.admitted.folds import folds_of
from mappings.admitted.model import ABOUT, About, DebtKind, Linear, Model, odds_as_probability, scale_of

_DEBT_COST = 4.0
_KIND_COST = 1.0
_INNER_FOLDS = 5
_FEWEST_PROJECTS = 2
"""A feature that only one project uses says more about the project than about debt."""


class Labelled(Struct, frozen=True, kw_only=True):
    """A text that a person judged: its features, and the kind of debt that it admits, None for none."""

    project: str
    about: About
    kind: DebtKind | None
    features: frozenset[str]


def model_of(labelled: Sequence[Labelled]) -> Model:
    """The model that these texts give. The same texts in the same order give the same model."""
    kinds = tuple(kind for kind in DebtKind if any(one.kind is kind for one in labelled))
    return Model(
        debt=debt_of(labelled), thresholds=_thresholds(labelled), kind=_kind_of(labelled, kinds), kinds=kinds
    )


def debt_of(labelled: Sequence[Labelled]) -> Linear:
    """Debt against none: every feature has one weight for all texts and one more for each sort of text; a model of one sort adds the two."""
    number = _numbered(labelled)
    width = len(number)
    rows = [_debt_row(one, number) for one in labelled]
    weights, bias = logistic_weights(rows, width * (1 + len(ABOUT)))
    shares = [width * (1 + at) for at in range(len(ABOUT))]
    summed = {
        feature: tuple(weights[n] + weights[share + n] for share in shares) for feature, n in number.items()
    }
    return Linear(biases=(bias,) * len(ABOUT), weights=MappingProxyType(summed))


def _debt_row(one: Labelled, number: Mapping[str, int]) -> Row:
    known = sorted(number[f] for f in one.features if f in number)
    share = len(number) * (1 + ABOUT.index(one.about))
    return Row(
        features=(*known, *(share + n for n in known)),
        value=scale_of(len(known)),
        is_positive=one.kind is not None,
        cost=_DEBT_COST,
    )


def _kind_of(labelled: Iterable[Labelled], kinds: Sequence[DebtKind]) -> Linear:
    """One score per kind, each against all others; a kind weighs as much as all others together, however rare it is."""
    debts = [one for one in labelled if one.kind]
    number = _numbered(debts)
    columns = []
    biases = []
    for kind in kinds:
        share = sum(one.kind is kind for one in debts) / len(debts)
        dearer = (1 - share) / share
        rows = [_kind_row(one, number, kind, dearer if one.kind is kind else 1.0) for one in debts]
        weights, bias = logistic_weights(rows, len(number))
        columns.append(weights)
        biases.append(bias)
    rows_by_feature = {feature: tuple(column[n] for column in columns) for feature, n in number.items()}
    return Linear(biases=tuple(biases), weights=MappingProxyType(rows_by_feature))


def _kind_row(one: Labelled, number: Mapping[str, int], kind: DebtKind, cost: float) -> Row:
    known = tuple(sorted(number[f] for f in one.features if f in number))
    return Row(
        features=known, value=scale_of(len(known)), is_positive=one.kind is kind, cost=cost * _KIND_COST
    )


def _numbered(labelled: Iterable[Labelled]) -> dict[str, int]:
    projects: dict[str, set[str]] = defaultdict(set)
    for one in labelled:
        for feature in one.features:
            projects[feature].add(one.project)
    kept = sorted(f for f, names in projects.items() if len(names) >= _FEWEST_PROJECTS)
    return {feature: n for n, feature in enumerate(kept)}


def _thresholds(labelled: Sequence[Labelled]) -> tuple[float, ...]:
    """The probability per sort of text that gives the best F1 where each text is judged by a model that never saw its project."""
    seen: dict[About, list[tuple[float, bool]]] = {about: [] for about in ABOUT}
    for train, test in folds_of(labelled, _INNER_FOLDS):
        inner = debt_of(train)
        for one in test:
            score = inner.scores(one.features)[ABOUT.index(one.about)]
            seen[one.about].append((odds_as_probability(score), one.kind is not None))
    return tuple(best_threshold(seen[about]) for about in ABOUT)


def best_threshold(judged: Collection[tuple[float, bool]]) -> float:
    """The lowest probability still counted as debt where F1 of (probability, is debt) pairs is highest; 0.5 where nothing is debt."""
    debts = sum(is_debt for _, is_debt in judged)
    hits, best, threshold = 0, 0.0, 0.5
    for count, (probability, is_debt) in enumerate(sorted(judged, reverse=True), 1):
        hits += is_debt
        if debts and 2 * hits / (count + debts) > best:
            best, threshold = 2 * hits / (count + debts), probability
    return threshold
