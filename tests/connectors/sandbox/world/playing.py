"""Playing a scene on a fresh company."""

from __future__ import annotations

from datetime import UTC, datetime

from connectors.sandbox.world import Company, company
from connectors.sandbox.world.scene import Scene
from connectors.sandbox.world.scenes import SCENES

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def played(name: str) -> tuple[Company, tuple[str, ...]]:
    """A company in which the scene was played, and what it told."""
    nova = company(ANCHOR)
    return nova, told(nova, SCENES[name])


def told(nova: Company, scene: Scene) -> tuple[str, ...]:
    """What a scene tells, played after its prologue."""
    if scene.prologue:
        assert scene.prologue(nova)
    return scene.play(nova)
