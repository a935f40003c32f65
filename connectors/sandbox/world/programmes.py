"""Programmes: the two programmes' milestones, how much work stands in each, and the epics that carry them."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import TypeAlias

from msgspec import Struct

from connectors.sandbox.world import stories
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.plan import Item
from connectors.sandbox.world.titles import HOSTILE
from connectors.sandbox.world.workshop import SHANGHAI, Workshop

Counts: TypeAlias = tuple[tuple[str, int], ...]


def slug_of(name: str) -> str:
    """The key of a commitment that was discovered under ``name``."""
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-")


class Milestone(Struct, frozen=True, kw_only=True):
    """One milestone of the plan. ``due_days`` after the anchor; ``counts`` are ordinary items by story; ``epic`` is the number of its epic."""

    title: str
    project: str
    epic: int
    epic_title: str
    key: str = ""
    version: str | None = None
    due_days: int | None = None
    is_released: bool = False
    counts: Counts = ()

    @property
    def commitment(self) -> str:
        """The key of the commitment."""
        return self.key or slug_of(f"{self.project} {self.title}")


def _counts(delivered: int, reviewed: int, begun: int, waiting: int, *, dropped: int = 1) -> Counts:
    return (
        ("delivered", delivered),
        ("in_review", reviewed),
        ("in_progress", begun),
        ("to_do", waiting),
        ("dropped", dropped),
    )


MES = Milestone(
    key="mes-core-2.0",
    title="MES core 2.0",
    project="IMP",
    epic=1,
    epic_title="MES core 2.0 · 制造执行核心",
    version="MES core 2.0",
    due_days=40,
    counts=_counts(46, 5, 6, 10, dropped=3),
)
RISK = Milestone(
    key="risk-engine-1.4",
    title="Risk engine 1.4",
    project="RISK",
    epic=1,
    epic_title="Risk engine 1.4 · 风控引擎",
    version="Risk engine 1.4",
    due_days=18,
    counts=_counts(42, 4, 5, 6, dropped=3),
)
PORTAL = Milestone(
    title="Line portal 3.2",
    project="IMP",
    epic=2,
    epic_title="Line portal for shift leaders · 班组门户",
    version="Line portal 3.2",
    due_days=-9,
    counts=_counts(22, 2, 2, 3),
)
FEATURES = Milestone(
    title="Feature store 2.1",
    project="RISK",
    epic=2,
    epic_title="Feature store on the new lake · 特征平台",
    version="Feature store 2.1",
    due_days=24,
    counts=_counts(22, 2, 3, 6),
)
LAKE = Milestone(
    key="imp-3",
    title="Line data lake · 产线数据湖",
    project="IMP",
    epic=3,
    epic_title="Line data lake · 产线数据湖",
    due_days=-12,
    counts=_counts(18, 2, 3, 5),
)
PILOT = Milestone(
    title="Pilot line 1.0",
    project="IMP",
    epic=4,
    epic_title="Pilot line in Suzhou · 苏州试点线",
    version="Pilot line 1.0",
    due_days=-60,
    is_released=True,
    counts=_counts(16, 0, 0, 1),
)
VISION = Milestone(
    title="Line vision 0.1",
    project="IMP",
    epic=5,
    epic_title="Line vision study · 视觉检测预研",
    version="Line vision 0.1",
)
PLATFORM = "platform-5.1"
"""The commitment made of GitLab's milestone Platform 5.1; its work has no Jira version."""
MILESTONES = (MES, RISK, PORTAL, FEATURES, LAKE, PILOT, VISION)
_KEPT = (MES, RISK, PORTAL)
"""The milestones of a small company."""
_LOOSE = {"IMP": _counts(12, 0, 1, 8, dropped=2), "RISK": _counts(10, 0, 1, 6, dropped=2)}
_AGES = {
    "delivered": (22, 262),
    "in_review": (10, 60),
    "in_progress": (9, 50),
    "to_do": (4, 150),
    "dropped": (14, 220),
}
_TYPES = ("Story", "Story", "Story", "Bug", "Task", "Improvement")


def due_on(shop: Workshop, days: int) -> date:
    """The calendar day in Shanghai that lies ``days`` after the anchor's."""
    return shop.anchor.astimezone(SHANGHAI).date() + timedelta(days=days)


def milestones(shop: Workshop) -> tuple[Milestone, ...]:
    """The milestones that the company has."""
    return _KEPT if shop.is_small else MILESTONES


def epics(shop: Workshop) -> None:
    """Make the epic of every milestone."""
    for milestone in milestones(shop):
        epic = shop.item(milestone.project, "Epic", age=266 - milestone.epic / 10, title=milestone.epic_title)
        epic.number = milestone.epic
        epic.assignee = BY_LOGIN["zhang.min" if milestone.project == "IMP" else "emma.larsen"]
        epic.versions = (milestone.version,) if milestone.version and milestone is not VISION else ()
        epic.moves = [(shop.office(shop.ago(255)), "In Progress")]
        if milestone.is_released:
            epic.moves.append((shop.office(shop.ago(61)), "Done"))
        if milestone is LAKE:
            epic.labels = ("milestone",)
            epic.due_on = due_on(shop, LAKE.due_days or 0)
        shop.epics[milestone.commitment] = epic


def member(shop: Workshop, milestone: Milestone, kind: str, *, age: float, title: str = "") -> Item:
    """A new item that belongs to ``milestone``: by its version, or by its epic where the milestone has none."""
    versions = (milestone.version,) if milestone.version else ()
    above = None if kind == "Epic" else shop.epics[milestone.commitment]
    points = float(shop.rng.choice((1, 2, 3, 5, 8)))
    return shop.item(
        milestone.project, kind, age=age, title=title, epic=above, versions=versions, points=points
    )


def ordinary(shop: Workshop) -> None:
    """All work that is as it should be, in milestones and outside of them, with sub-tasks here and there."""
    hostile = iter(HOSTILE)
    for milestone in milestones(shop):
        for story, count in milestone.counts:
            for index in range(shop.few(count)):
                item = member(
                    shop,
                    milestone,
                    shop.rng.choice(_TYPES),
                    age=_age(shop, story, milestone),
                    title=next(hostile, "") if index % 6 == 2 else "",
                )
                shop.tell(getattr(stories, story), item)
                if index % 7 == 3:
                    _sub_task(shop, item)
    for project, counts in _LOOSE.items():
        for story in (name for name, count in counts for _ in range(shop.few(count))):
            item = shop.item(project, shop.rng.choice(_TYPES), age=_age(shop, story))
            shop.tell(getattr(stories, story), item)


def _sub_task(shop: Workshop, parent: Item) -> None:
    title = shop.rng.choice(
        ("Write the test plan", "Review with operations", "更新用户手册", "Prepare the roll-out")
    )
    child = shop.item(
        parent.project, "Sub-task", age=1, title=f"{title}: {parent.title}"[:120], parent=parent
    )
    child.created_at = parent.created_at + timedelta(minutes=40)
    shop.tell(stories.alongside, child)


def _age(shop: Workshop, story: str, milestone: Milestone | None = None) -> float:
    low, high = _AGES[story]
    if milestone is not None and milestone.is_released and story == "delivered":
        low = 120
    return shop.rng.uniform(low, high)
