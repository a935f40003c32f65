"""Evaluation: how well a model judges texts of projects that it never saw, by cross validation over projects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from mappings.admitted.folds import folds_of
from mappings.admitted.learning import Labelled, model_of
from mappings.admitted.model import ABOUT, About, DebtKind


class Tried(Struct, frozen=True, kw_only=True):
    """A text beside what a model said that was learned without its project. ``kind`` is what the second stage would call it, debt or not."""

    text: Labelled
    probability: float
    is_debt: bool
    kind: DebtKind


class Accuracy(Struct, frozen=True, kw_only=True):
    """Hits and misses of debt against none, pooled over all folds."""

    hits: int
    false_alarms: int
    missed: int

    @property
    def precision(self) -> float:
        """Share of alarms that are debt; 0 without alarms."""
        return self.hits / max(1, self.hits + self.false_alarms)

    @property
    def recall(self) -> float:
        """Share of debt that is found; 0 without debt."""
        return self.hits / max(1, self.hits + self.missed)

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return 2 * self.hits / max(1, 2 * self.hits + self.false_alarms + self.missed)


class KindAccuracy(Struct, frozen=True, kw_only=True):
    """Accuracy of the second stage over the texts that are debt: ``micro`` over texts, ``macro`` the mean over the kinds that occur."""

    micro: float
    macro: float
    by_kind: tuple[tuple[DebtKind, int, int], ...]
    """(kind, texts, rightly named)."""


def cross_validated(labelled: Sequence[Labelled], *, folds: int = 10) -> tuple[Tried, ...]:
    """Every text once, judged by a model of the other folds' projects, thresholds included."""
    return tuple(tried for train, test in folds_of(labelled, folds) for tried in _tried(train, test))


def _tried(train: Sequence[Labelled], test: Iterable[Labelled]) -> Iterator[Tried]:
    model = model_of(train)
    for one in test:
        probability = model.probability(one.features, one.about)
        yield Tried(
            text=one,
            probability=probability,
            is_debt=probability >= model.thresholds[ABOUT.index(one.about)],
            kind=model.kind_of(one.features),
        )


def accuracy_of(tried: Iterable[Tried], about: About) -> Accuracy:
    """Hits and misses for one sort of text."""
    pairs = [(one.text.kind is not None, one.is_debt) for one in tried if one.text.about == about]
    return Accuracy(
        hits=pairs.count((True, True)),
        false_alarms=pairs.count((False, True)),
        missed=pairs.count((True, False)),
    )


def kind_accuracy_of(tried: Iterable[Tried]) -> KindAccuracy:
    """How often the kind is right, over all texts that a person called debt, found or not."""
    debts = [one for one in tried if one.text.kind]
    by_kind = tuple(
        (kind, len(of_kind), sum(one.kind is kind for one in of_kind))
        for kind in DebtKind
        if (of_kind := [one for one in debts if one.text.kind is kind])
    )
    right = sum(hits for _, _, hits in by_kind)
    macro = sum(hits / count for _, count, hits in by_kind) / max(1, len(by_kind))
    return KindAccuracy(micro=right / max(1, len(debts)), macro=macro, by_kind=by_kind)


def lines_of(tried: Sequence[Tried]) -> Iterator[str]:
    """The table of a cross validation."""
    yield f"{'texts':<16}{'rows':>6}{'debt':>6}{'precision':>11}{'recall':>8}{'F1':>7}"
    for about in ABOUT:
        rows = [one for one in tried if one.text.about == about]
        found = accuracy_of(tried, about)
        debts = found.hits + found.missed
        yield f"{about:<16}{len(rows):>6}{debts:>6}{found.precision:>11.3f}{found.recall:>8.3f}{found.f1:>7.3f}"
    kinds = kind_accuracy_of(tried)
    yield f"kind, given that it is debt: micro {kinds.micro:.3f}, macro {kinds.macro:.3f}"
    for kind, count, hits in kinds.by_kind:
        yield f"  {kind:<14}{hits:>5} of {count}"
