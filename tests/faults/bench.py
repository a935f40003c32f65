"""Bench: a company, its servers, and the program run in this process against a store, with everything that it says written down."""

from __future__ import annotations

import contextlib
import copy
import functools
import io
import traceback
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from msgspec.structs import replace

from connectors.port import Policy
from connectors.sandbox.server import SandboxServer
from connectors.sandbox.world.truth import Company
from mappings.schema import MappingSpec
from sync.app import mapping_of
from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.settings import Settings, SourceSettings
from sync.store import database
from tests.faults.journal import Journal
from tests.faults.measure import Reading
from tests.faults.reading import reading_in
from tests.faults.said import Said

DOCUMENTED = frozenset({0, 1, 3, 5, 6})
"""Exit codes that a run may have under a fault; 2 is for other commands, and nobody edits the configuration here."""


class Brisk(Settings):
    """Settings under which a fault costs milliseconds: short waits between attempts."""

    def policy(self) -> Policy:
        """The policy in force, with waits of hundredths of a second."""
        return replace(super().policy(), first_wait_s=0.01, longest_wait_s=0.03)


CALM = {"attempts": 3, "read_timeout_s": 30.0, "answer_timeout_s": 60.0, "wait_budget_s": 2.0}
"""For runs without faults: a slow machine must not make one."""
HASTY = {"attempts": 3, "read_timeout_s": 0.6, "answer_timeout_s": 1.2, "wait_budget_s": 0.5}
"""For runs with faults that keep a client waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How one run went. ``trace`` is the traceback of what escaped, ``said`` all that it wrote."""

    code: int | None
    out: str
    err: str
    trace: str
    requests: tuple[str, ...]
    said: tuple[Said, ...]

    @property
    def complaint(self) -> str:
        """What is wrong with how it ended; empty where it ended as documented."""
        if self.trace or "Traceback" in self.err:
            return f"traceback: {self.trace or self.err}"
        return "" if self.code in DOCUMENTED else f"exit code {self.code}: {self.err[-500:]}"


@dataclass
class Bench:
    """One company under test. ``host_ahead`` is how far the host's clock is ahead of the tools'."""

    company: Company
    server: SandboxServer
    settings: Settings
    journal: Journal
    host_ahead: timedelta = timedelta(0)
    ran: list[Ran] = field(default_factory=list)

    @functools.cached_property
    def spec(self) -> MappingSpec:
        """The mapping; nobody edits it here."""
        return mapping_of(self.settings).spec

    def now(self) -> datetime:
        """The host's clock."""
        return self.company.clock.now() + self.host_ahead

    def run(self, *arguments: str, **changed: object) -> Ran:
        """One command line in this process; ``changed`` settings hold for it alone."""
        self.journal.clear()  # events are numbered by the requests of their run
        settings = self.settings.model_copy(update=changed)
        out, err, trace, code = io.StringIO(), io.StringIO(), "", None
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = exit_status(list(arguments), options=Options(settings=settings, now=self.now))
            except Exception:  # noqa: BLE001  # whatever escapes is what the trial is about
                trace = traceback.format_exc()
        ran = Ran(
            code=code,
            out=out.getvalue(),
            err=err.getvalue(),
            trace=trace,
            requests=tuple(self.journal),
            said=self.journal.taken(),
        )
        self.ran.append(ran)
        return ran

    def reading(self) -> Reading:
        """What the store holds now and what is made of it."""
        engine = database.opened(self.settings.database)
        try:
            database.upgrade(engine)
            return reading_in(engine, self.spec, now=self.now())
        finally:
            engine.dispose()


def settings_for(folder: Path, server: SandboxServer, company: Company, *, database_url: str) -> Settings:
    """Brisk settings for a company served by ``server``, with its mapping written to ``folder``.

    One worker: faults and events are counted by the order of requests. Nothing rests: what a fault hid must be found by the next run, not within the hour.
    """
    mapping = folder / "tandem.yaml"
    mapping.write_text(company.mapping, encoding="utf-8")
    return Brisk(
        mapping=mapping,
        database=database_url,
        sources={
            "jira": SourceSettings(
                url=server.jira_url, token="sandbox-jira-token", browse_url="https://jira.nova.example"
            ),
            "gitlab": SourceSettings(url=server.gitlab_url, token="sandbox-gitlab-token"),
        },
        pull_workers=1,
        write_workers=1,
        quiet_minutes=0,
        **CALM,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where the two tools listen; 0 is any free port."""

    jira: int = 0
    gitlab: int = 0


@contextlib.contextmanager
def bench_over(
    company: Company,
    folder: Path,
    database_url: str,
    ports: Ports = Ports(),  # frozen
) -> Iterator[Bench]:
    """A bench over ``company``, which it may change at will."""
    folder.mkdir(parents=True, exist_ok=True)
    sandbox = company.sandbox
    journal = Journal(sandbox)
    sandbox.requests = journal
    with SandboxServer(sandbox, jira_port=ports.jira, gitlab_port=ports.gitlab) as server:
        settings = settings_for(folder, server, company, database_url=database_url)
        yield Bench(company=company, server=server, settings=settings, journal=journal)


def copy_of(company: Company) -> Company:
    """A company of its own in the same state, with its own clock."""
    sandbox = company.sandbox
    held = sandbox.requests
    sandbox.requests = []
    try:
        clock, copied = copy.deepcopy((company.clock, sandbox))
    finally:
        sandbox.requests = held
    return replace(company, clock=clock, sandbox=copied)
