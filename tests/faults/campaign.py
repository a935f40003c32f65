"""Campaign: how much is run. A tenth of it in CI, all of it by ``make faults``."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass

from connectors.sandbox.world.truth import Flavour
from tests.faults.kind import Kind, Spot
from tests.faults.kinds import KINDS
from tests.faults.laboratory import DATABASES, Which

RUNS = int(os.environ.get("TANDEM_FAULT_RUNS", "16"))
"""Random runs. Of everything else the usual run of tests tries a tenth, see ``share``; from 500 on it is all."""
IS_WHOLE = RUNS >= 500
FIRST_SEED = int(os.environ.get("TANDEM_FAULT_SEED", "0"))
"""The first of the seeds; with ``TANDEM_FAULT_RUNS=1`` that one alone."""
FLAVOURS: tuple[Flavour, ...] = ("cloud", "datacenter")


def share(whole: int) -> int:
    """What of a number of a whole campaign is run now: all of it, or a tenth."""
    return whole if IS_WHOLE else max(1, whole // 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One trial of one kind."""

    kind: Kind
    spot: Spot
    company: Which
    database: str
    seed: int

    def __str__(self) -> str:
        return f"{self.kind.name} - {self.spot.name} - {self.company.flavour} - {self.database} - {self.seed}"


def _ways(spots: int, turn: int) -> tuple[int, ...]:
    """Product and database in one number. A kind with one spot is tried in all four ways; spots of the others take turns with the two pairs that hold both of each."""
    return (0, 1, 2, 3) if spots == 1 else ((0, 3), (1, 2))[turn % 2]


def cells() -> Iterator[Cell]:
    """In a whole campaign every spot of every kind, with both products and on both databases; else one for each kind in turn."""
    for number, kind in enumerate(KINDS):
        chosen = kind.spots if IS_WHOLE else (kind.spots[number % len(kind.spots)],)
        for turn, spot in enumerate(chosen):
            for way in _ways(len(chosen), turn) if IS_WHOLE else (number % 4,):
                yield Cell(
                    kind=kind,
                    spot=spot,
                    company=Which(flavour=FLAVOURS[way % 2], anchor=kind.anchor),
                    database=DATABASES[way // 2],
                    seed=1000 * number + 10 * turn + way,
                )


CELLS = tuple(cells())
