"""Reference: what a reader without a past and without faults makes of the world as it stands."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields
from datetime import timedelta
from pathlib import Path

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.parsing import maybe_instant
from connectors.records import Issue
from connectors.sandbox.state import JiraState, Sandbox
from connectors.sandbox.world.truth import Company
from sync.store import database
from tests.faults.bench import CALM, Bench, bench_over, copy_of
from tests.faults.deletions import undelete_issues
from tests.faults.measure import Reading
from tests.faults.reading import lend_past, reading_in

WHOLE_PAGES = 10_000
_NO_EVIDENCE = frozenset({"clock", "comments", "properties", "notifications", "page_cap"})
"""Parts of the state that no record comes from."""

_UPDATED = re.compile(r"'updated': '[^']*'")


@dataclass
class References:
    """Fault-free readings by the state of the world, kept in ``folder``; a state that was read before is not read again."""

    folder: Path
    kept: dict[str, str] = field(default_factory=dict)
    others: int = 0

    def of(self, bench: Bench) -> Reading:
        """What a fault-free reader sees now, with findings as old and issues as missed as the bench's store knows them to be."""
        sandbox = bench.company.sandbox
        lag = bench.company.clock.now().isoformat() if sandbox.jira.index_lag else ""
        state = state_of(sandbox) + lag
        if state not in self.kept:
            self.kept[state] = self._pulled(bench)
        ours, theirs = database.opened(bench.settings.database), database.opened(self.kept[state])
        try:
            database.upgrade(ours)
            lend_past(ours, theirs)
            return with_touches(_read(theirs, bench), sandbox.jira)
        finally:
            ours.dispose()
            theirs.dispose()

    def later(self, bench: Bench) -> Callable[[], Reading]:
        """A function that tells afterwards what a fault-free reader would see now; for use while the servers wait."""
        return self._reader_of(copy_of(bench.company), bench)

    def unaware(self, bench: Bench) -> Reading:
        """What a fault-free reader sees who has not missed the deleted issues yet: only the daily census tells of them."""
        world = copy_of(bench.company)
        undelete_issues(world)
        return self._reader_of(world, bench)()

    def _reader_of(self, world: Company, bench: Bench) -> Callable[[], Reading]:
        def read() -> Reading:
            sandbox = world.sandbox
            sandbox.faults, sandbox.events, sandbox.date_shift = [], [], timedelta(0)
            self.others += 1
            folder = self.folder / f"other {self.others}"
            url = f"sqlite:///{folder / 'tandem.db'}"
            with bench_over(world, folder, url) as other:
                other.run("pull")
                ours, theirs = database.opened(bench.settings.database), database.opened(url)
                try:
                    lend_past(ours, theirs)
                    return _read(theirs, other)
                finally:
                    ours.dispose()
                    theirs.dispose()

        return read

    def _pulled(self, bench: Bench) -> str:
        self.folder.mkdir(parents=True, exist_ok=True)
        url = f"sqlite:///{self.folder / f'{len(self.kept)}.db'}"
        with undisturbed(bench):
            reader = dataclasses.replace(
                bench, settings=bench.settings.model_copy(update={"database": url}), ran=[]
            )
            reader.host_ahead = timedelta(0)
            ran = reader.run("pull", **CALM)
        if ran.complaint:
            raise AssertionError(f"the fault-free reader failed: {ran.complaint}")
        return url


def _read(engine: Engine, bench: Bench) -> Reading:
    return reading_in(engine, bench.spec, now=bench.company.clock.now())


@contextlib.contextmanager
def undisturbed(bench: Bench) -> Iterator[None]:
    """No fault and no event comes to pass meanwhile, and nothing is noted."""
    sandbox = bench.company.sandbox
    held = (sandbox.faults, sandbox.events, sandbox.date_shift, sandbox.requests)
    caps = sandbox.jira.page_cap, sandbox.gitlab.page_cap
    sandbox.faults, sandbox.events, sandbox.date_shift, sandbox.requests = [], [], timedelta(0), []
    sandbox.jira.page_cap = sandbox.gitlab.page_cap = WHOLE_PAGES
    try:
        yield
    finally:
        sandbox.faults, sandbox.events, sandbox.date_shift, sandbox.requests = held
        sandbox.jira.page_cap, sandbox.gitlab.page_cap = caps


def state_of(sandbox: Sandbox) -> str:
    """A digest of everything in both tools that a record can come from, without the times at which issues were touched last: our own writes touch them."""
    parts = [
        (f.name, getattr(tool, f.name))
        for tool in (sandbox.jira, sandbox.gitlab)
        for f in fields(tool)
        if f.name not in _NO_EVIDENCE
    ]
    text = _UPDATED.sub("", repr(parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def with_touches(reading: Reading, jira: JiraState) -> Reading:
    """The reading with each issue as it was touched last, which is taken from the tool itself."""
    records = {
        ref: replace(one, updated_at=maybe_instant(jira.issues[one.id]["fields"]["updated"]))
        if isinstance(one, Issue) and one.id in jira.issues
        else one
        for ref, one in reading.records.items()
    }
    return dataclasses.replace(reading, records=records)


def is_there(sandbox: Sandbox, ref: str) -> bool:
    """True for what GitLab keeps although a reader without a past does not come by it: commits that no branch reaches any more, jobs of pipelines and what merge requests tell about which nothing needs to be known now."""
    _, kind, id_ = ref.split(":", 2)
    gitlab = sandbox.gitlab
    if kind == "commit":
        project, _, sha = id_.partition("/")
        return sha in gitlab.commits[int(project)]
    if kind in {"merge_request_commits", "merge_request_notes", "approval"}:
        return any(str(one["id"]) == id_ for held in gitlab.merge_requests.values() for one in held.values())
    return kind == "job" and any(str(job["id"]) == id_ for jobs in gitlab.jobs.values() for job in jobs)
