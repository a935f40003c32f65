"""Workshop: where the company is put together. It owns the anchor, the seeded randomness, the plan and the list of what was planted."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from connectors.sandbox.world.people import Person, team
from connectors.sandbox.world.plan import Change, DirectCommit, Item
from connectors.sandbox.world.repositories import GATHERED, PROJECT_IDS
from connectors.sandbox.world.titles import titles
from connectors.sandbox.world.truth import Planted, Size

SHANGHAI = timezone(timedelta(hours=8))
_MONDAY = datetime(2020, 1, 6, tzinfo=SHANGHAI)
Subject: TypeAlias = Item | Change | DirectCommit | str
Story: TypeAlias = "Callable[[Workshop, Item], None]"


class Workshop:
    """The plan of one company while it grows. Stories are cast first, numbered next (branch names need keys), then told."""

    def __init__(self, anchor: datetime, seed: int, size: Size = "full") -> None:
        self.anchor = anchor
        self.is_small = size == "small"
        self.rng = random.Random(seed)
        self.items: list[Item] = []
        self.changes: list[Change] = []
        self.directs: list[DirectCommit] = []
        self.epics: dict[str, Item] = {}
        self.issues: dict[str, Item] = {}
        self.requests: dict[str, Change] = {}
        self.mirrors: list[tuple[str, Item]] = []
        self.files: defaultdict[str, dict[str, str]] = defaultdict(dict)
        self._stories: list[tuple[Story, Item]] = []
        self._marks: list[tuple[bool, str, str, Subject, str, bool]] = []
        self._titles = {p: titles(p, self.rng) for p in ("IMP", "RISK")}

    @property
    def repositories(self) -> tuple[str, ...]:
        """The repositories that the company has."""
        return tuple(name for name in PROJECT_IDS if self.home(name) == name)

    def home(self, repository: str) -> str:
        """Where work on ``repository`` goes: a small company keeps several in one."""
        return GATHERED.get(repository, repository) if self.is_small else repository

    def few(self, count: int) -> int:
        """``count``, or what is left of it in a small company: an eighth, but one of any."""
        return -(-count // 8) if self.is_small else count

    def ago(self, days: float = 0, *, hours: float = 0) -> datetime:
        """The instant that long before the anchor; negative numbers lie after it."""
        return self.anchor - timedelta(days=days, hours=hours)

    def within(self, start: datetime, end: datetime, share: float) -> datetime:
        """The instant at ``share`` (0 to 1) of the way, cut to whole seconds."""
        return (start + (end - start) * share).replace(microsecond=0)

    def office(self, at: datetime) -> datetime:
        """``at`` moved into working hours, Monday to Friday in Shanghai. Keeps the order of instants; moves by less than three days."""
        weeks, into = divmod(at - _MONDAY, timedelta(days=7))
        day, part = divmod(into * 5 / 7, timedelta(days=1))
        moved = _MONDAY + timedelta(days=weeks * 7 + day, hours=9) + part * 10 / 24
        return moved.astimezone(at.tzinfo).replace(microsecond=0)

    def title(self, programme: str) -> str:
        """A title that no other item has."""
        return next(self._titles[programme])

    def someone(self, programme: str) -> Person:
        """Somebody who writes code there."""
        return self.rng.choice(team(programme))

    def item(self, project: str, kind: str, *, age: float, title: str = "", **more: Any) -> Item:  # noqa: ANN401  # fields of Item
        """A new item that was created ``age`` days before the anchor. Every item has an assignee from its programme."""
        more = {"assignee": self.someone(project), "reporter": self.someone(project)} | more
        created = min(self.office(self.ago(age)), self.ago(age / 2))
        item = Item(
            project=project, type=kind, title=title or self.title(project), created_at=created, **more
        )
        self.items.append(item)
        return item

    def tell(self, story: Story, item: Item) -> Item:
        """Have ``story`` told about ``item`` once keys are known."""
        self._stories.append((story, item))
        return item

    def plant(
        self, rule: str, commitment: str, subject: Subject, why: str, *, suppressed: bool = False
    ) -> None:
        """Note a drift that rules must find."""
        self._marks.append((True, rule, commitment, subject, why, suppressed))

    def decoy(self, rule: str, commitment: str, subject: Subject, why: str) -> None:
        """Note a look-alike that ``rule`` must leave alone."""
        self._marks.append((False, rule, commitment, subject, why, False))

    @contextmanager
    def apart(self) -> Iterator[None]:
        """Meanwhile chance is another one, so that what is told here changes nothing that is told elsewhere."""
        usual, self.rng = self.rng, random.Random(self.anchor.toordinal())
        try:
            yield
        finally:
            self.rng = usual

    def number(self) -> None:
        """Give every item its number, in the order of creation; numbers that were asked for stay."""
        for project in ("IMP", "RISK"):
            mine = sorted((i for i in self.items if i.project == project), key=lambda i: i.created_at)
            taken = {i.number for i in mine} | {i.former_number for i in self.items}
            free = (n for n in range(1, 10_000) if n not in taken)
            for item in mine:
                item.number = item.number or next(free)

    def tell_all(self) -> None:
        """Tell every story, in the order in which they were cast."""
        for story, item in self._stories:
            story(self, item)

    def marks(self, *, are_planted: bool) -> tuple[Planted, ...]:
        """The planted drifts, or the decoys, with their refs; sorted. Needs ids, so it comes last."""
        return tuple(
            sorted(
                Planted(rule=rule, commitment=commitment, subject=_ref(subject), why=why, suppressed=quiet)
                for is_planted, rule, commitment, subject, why, quiet in self._marks
                if is_planted is are_planted
            )
        )


def _ref(subject: Subject) -> str:
    if isinstance(subject, str):
        return subject
    if isinstance(subject, DirectCommit):
        return f"gitlab:commit:{PROJECT_IDS[subject.repository]}/{subject.sha}"
    return subject.ref
