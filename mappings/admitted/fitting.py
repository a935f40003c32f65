"""Fitting: regularised logistic regression by dual coordinate descent, in plain Python.

The method is that of Yu, Huang and Lin, "Dual coordinate descent methods for logistic regression and maximum entropy models", Machine Learning 85
(2011): one dual variable per row, each solved by a few Newton steps inside (0, cost). Rows are visited in an order that is shuffled by a checksum,
so that the same rows give the same weights.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Sequence

from msgspec import Struct

_ROUNDS = 20
_STEPS = 30
_EXACT = 1e-4
_STILL = 0.01
"""A round in which no variable moves more than this share of its cost is the last."""


class Row(Struct, frozen=True, kw_only=True):
    """One text: the numbers of its features, the value that all of them have, and how dear a mistake about it is."""

    features: tuple[int, ...]
    value: float
    is_positive: bool
    cost: float


def logistic_weights(rows: Sequence[Row], feature_count: int) -> tuple[list[float], float]:
    """The weights by feature number and the bias that tell positive rows from the others."""
    weights = [0.0] * feature_count
    bias = 0.0
    dual = [1e-6 * row.cost for row in rows]
    for turn in range(_ROUNDS):
        largest = 0.0
        for at in _shuffled(len(rows), turn):
            row = rows[at]
            sign = 1.0 if row.is_positive else -1.0
            slope = sign * (row.value * sum([weights[f] for f in row.features]) + bias)
            curve = row.value * row.value * len(row.features) + 1.0
            solved = _solved(dual[at], row.cost, slope, curve)
            moved = solved - dual[at]
            largest = max(largest, abs(moved) / row.cost)
            dual[at] = solved
            bias += moved * sign
            step = moved * sign * row.value
            for feature in row.features:
                weights[feature] += step
        if largest < _STILL:
            break
    return weights, bias


def _shuffled(count: int, turn: int) -> list[int]:
    return sorted(range(count), key=lambda at: zlib.crc32(b"%d,%d" % (turn, at)))


def _solved(start: float, cost: float, slope: float, curve: float) -> float:
    """The z in (0, cost) that minimises z log z + (cost - z) log (cost - z) + curve / 2 (z - start)^2 + slope (z - start)."""
    z = start
    for _ in range(_STEPS):
        gradient = curve * (z - start) + slope + math.log(z / (cost - z))
        if abs(gradient) < _EXACT:
            break
        wanted = z - gradient / (curve + cost / (z * (cost - z)))
        if wanted <= 0:
            z *= 0.1
        elif wanted >= cost:
            z = cost - (cost - z) * 0.1
        else:
            z = wanted
    return min(max(z, 1e-12 * cost), cost * (1 - 1e-12))
