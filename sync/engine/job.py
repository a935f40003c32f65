"""Job: what a run is asked to do, who watches it, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct, field
from sqlalchemy import Engine

from connectors.port import Connector, Verdict
from mappings.schema import MappingSpec
from sync.core.plan import Plan
from sync.engine.judging import Judging
from sync.engine.pull import Landed
from sync.store.progress import Run

if TYPE_CHECKING:
    from sync.engine.deliver import Delivered


class Watch(Struct, frozen=True, kw_only=True):
    """Who is told what happens: each page that landed, each delivery that ended. ``check`` may raise to end the run at a safe place."""

    landed: Callable[[Landed], None] = lambda _: None
    delivered: Callable[[Delivered], None] = lambda _: None
    check: Callable[[], None] = lambda: None


class Job(Struct, frozen=True, kw_only=True):
    """What a run works with. ``now`` is the clock, ``census_every`` how often deletions are looked for; ``workers`` threads ask the tools at a time, ``writers`` deliver.

    ``max_age`` is for how long a project or list that nothing hints at is not asked again.
    ``has_read_plan`` says that a person has read the plan: what it cautions against is carried out. ``holder`` names this process in its leases, by host and
    process id where None.
    """

    engine: Engine
    spec: MappingSpec
    connectors: tuple[Connector, ...]
    now: Callable[[], datetime]
    run_id: str
    command: str
    census_every: timedelta
    max_age: timedelta = timedelta(0)
    is_full: bool = False
    writes_off: bool = False
    has_read_plan: bool = False
    watch: Watch = field(default_factory=Watch)
    holder: str | None = None
    workers: int = 1
    writers: int = 1

    @property
    def may_write(self) -> bool:
        """True if the mapping allows writing and the kill switch is not pulled."""
        return self.spec.write.enabled and not self.writes_off


class Outcome(Struct, frozen=True, kw_only=True):
    """What a run did. ``judging`` and ``plan`` are None where the command does not come so far; ``read`` are records by kind.

    ``held`` are the reasons why the plan was not carried out: a person must read it first.
    """

    run: Run
    verdicts: tuple[Verdict, ...] = ()
    judging: Judging | None = None
    plan: Plan | None = None
    delivered: tuple[Delivered, ...] = ()
    read: tuple[tuple[str, int], ...] = ()
    held: tuple[str, ...] = ()

    @property
    def is_partial(self) -> bool:
        """True if some scope was not read to its end."""
        return any(not v.is_complete for v in self.verdicts)

    @property
    def has_failed_writes(self) -> bool:
        """True if some delivery did not succeed."""
        return any(d.error for d in self.delivered)

    @property
    def put_off(self) -> tuple[Delivered, ...]:
        """The deliveries that wait for a later run though nothing failed."""
        return tuple(d for d in self.delivered if d.put_off)

    @property
    def word(self) -> str:
        """The outcome in one word, the gravest first."""
        if self.held:
            return "held"
        return "partial" if self.is_partial else "failed" if self.has_failed_writes else "complete"
