"""Scene: one named change of the world, and how it changes the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from msgspec import Struct

from connectors.sandbox.world.truth import Company, Planted

Play: TypeAlias = Callable[[Company], tuple[str, ...]]
Truth: TypeAlias = Callable[[Company], tuple[Planted, ...]]


class Scene(Struct, frozen=True, kw_only=True):
    """What happens in one scene. ``play`` changes the company's state and returns sentences that tell it.

    ``prologue`` has to happen first, with a complete run in between. ``adds`` and ``removes`` are the findings that come and go, ``brings`` those that come about
    subjects whose ids each company has its own of, ``decoys`` look-alikes that must not come; ``ends`` names actors
    about whose issue nothing is found any more; ``silences`` are rules that are not asked any more afterwards, because what they take as evidence can
    no longer be read, but about the commitments that it ``spares`` they are, save for the rules that it ``blinds``. ``truth_after`` puts them together. ``needs_census`` says that no time in the tools moves: only counting everything finds out.
    ``is_unhinted`` says that times move, but none that is asked for in every run.
    """

    name: str
    title: str
    play: Play
    prologue: Play | None = None
    adds: tuple[Planted, ...] = ()
    brings: Truth = lambda _: ()
    removes: tuple[Planted, ...] = ()
    decoys: tuple[Planted, ...] = ()
    ends: frozenset[str] = frozenset()
    silences: frozenset[str] = frozenset()
    spares: frozenset[str] = frozenset()
    blinds: frozenset[str] = frozenset()
    needs_census: bool = False
    is_unhinted: bool = False

    def truth_after(self, company: Company) -> tuple[Planted, ...]:
        """All that rules must find once this scene alone, with its prologue, was played on a fresh company."""
        ended = {f"jira:issue:{company.issues[name]}" for name in self.ends}
        kept = {
            p
            for p in company.truth
            if p not in self.removes and not self._is_silenced(p) and p.subject not in ended
        }
        return tuple(sorted(kept | {*self.adds, *self.brings(company)}))

    def _is_silenced(self, p: Planted) -> bool:
        is_spared = p.commitment in self.spares and p.rule not in self.blinds
        return p.rule in self.silences and not is_spared
