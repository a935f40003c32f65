"""The composition root: settings, mapping, store, connectors and clock are put together here and nowhere else."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import Engine

from connectors import discovery
from connectors.commons import Commons
from connectors.errors import ConfigError
from connectors.port import Connector, Tape
from mappings.load import LoadedMapping, RuleCodes, loaded
from mappings.problems import MappingError
from sync.core.drift.catalogue import rules
from sync.engine.job import Job
from sync.settings import Settings
from sync.store import database


def new_run_id() -> str:
    """A fresh id for a run."""
    return uuid.uuid4().hex[:12]


class App(Struct, frozen=True, kw_only=True):
    """Everything that a command needs. ``now`` is the clock; tests and the demo bring their own. ``commons`` are budgets that are shared with other processes."""

    settings: Settings
    mapping: LoadedMapping
    engine: Engine
    now: Callable[[], datetime]
    commons: Commons | None = None

    @contextmanager
    def connectors(self, *, tape: Tape | None = None) -> Iterator[tuple[Connector, ...]]:
        """A connector for each source of the mapping, closed at the end. Raises ConfigError for every source without settings.

        ``tape`` keeps what they exchange with the tools, or answers instead of them.
        """
        with ExitStack() as stack:
            yield tuple(stack.enter_context(closing(c)) for c in self._opened(tape))

    def job(self, command: str, connectors: tuple[Connector, ...]) -> Job:
        """A job for one run of ``command``, as the settings want it."""
        settings = self.settings
        return Job(
            engine=self.engine,
            spec=self.mapping.spec,
            connectors=connectors,
            now=self.now,
            run_id=new_run_id(),
            command=command,
            census_every=timedelta(hours=settings.census_hours),
            max_age=timedelta(minutes=settings.quiet_minutes),
            writes_off=settings.writes_off,
            workers=settings.pull_workers,
            writers=settings.write_workers,
        )

    def _opened(self, tape: Tape | None) -> Iterator[Connector]:
        types = discovery.found()
        problems: list[str] = []
        for kind, sources in self.mapping.spec.sources:
            for source in sources:
                try:
                    given = self.settings.site(source.name)
                    site = replace(given, now=self.now, tape=tape, commons=self.commons)
                except ConfigError as error:
                    problems += error.problems
                else:
                    if not problems:
                        yield types[kind].open(site, source.model_dump())
        if problems:
            raise ConfigError(*problems)


class _Thresholds(Mapping[str, frozenset[str]]):
    """The names of a rule's thresholds by its code; only the rules are loaded that a mapping names."""

    def __getitem__(self, code: str) -> frozenset[str]:
        return frozenset(dict(rules()[code].thresholds))

    def __iter__(self) -> Iterator[str]:
        return iter(rules())

    def __len__(self) -> int:
        return len(rules())


def rule_codes() -> RuleCodes:
    """The drift rules that there are, for checking a mapping."""
    return _Thresholds()


def mapping_of(settings: Settings) -> LoadedMapping:
    """The mapping file that the settings name, checked against the rules that there are. Raises MappingError with every problem."""
    try:
        return loaded(settings.mapping, rule_codes=rule_codes())
    except ConfigError as error:
        raise MappingError(*error.problems) from error


@contextmanager
def opened(settings: Settings, *, now: Callable[[], datetime]) -> Iterator[App]:
    """The application over a checked mapping and an upgraded store."""
    mapping = mapping_of(settings)
    engine = database.opened(settings.database)
    try:
        database.upgrade(engine)
        yield App(settings=settings, mapping=mapping, engine=engine, now=now)
    finally:
        engine.dispose()
