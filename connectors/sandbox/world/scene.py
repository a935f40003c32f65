"""Scene: one named change of the world, and how it changes the truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from connectors.sandbox.world.truth import Company, Planted


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What happens in one scene. ``play`` changes the company's state and returns sentences that tell it.

    ``adds`` and ``removes`` are the findings that come and go; ``silences`` are rules that are not asked any more afterwards, because what they
    take as evidence can no longer be read. ``truth_after`` puts the three together.
    """

    name: str
    title: str
    play: Callable[[Company], tuple[str, ...]]
    adds: tuple[Planted, ...] = ()
    removes: tuple[Planted, ...] = ()
    silences: frozenset[str] = frozenset()

    def truth_after(self, company: Company) -> tuple[Planted, ...]:
        """All that rules must find once this scene alone was played on a fresh company."""
        kept = {p for p in company.truth if p not in self.removes and p.rule not in self.silences}
        return tuple(sorted(kept | set(self.adds)))
