"""A machine that pulls, changes, fails, crashes and applies in any order, against a model of what must then be so: promises 1 to 8 of the design."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from msgspec.structs import replace

from connectors.commands import Slot, marked
from connectors.errors import ForbiddenError, RetryableError
from connectors.port import Page, Scope
from connectors.records import Issue, Record
from mappings.observed import Observed
from sync.core.build import world_of
from sync.core.coverage import unknown_of
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.judged import judged_of
from sync.core.plan import DeliveredState, Plan, plan_for
from sync.engine import cycle
from sync.engine.job import Job, Outcome, Watch
from sync.engine.run import pull_only, sync
from sync.store import database, progress, records
from sync.store.types import storable
from tests.builders import spec
from tests.engine_fakes import NOW, FakeConnector, SlotBoard
from tests.faults.campaign import IS_WHOLE
from tests.faults.tool import PROJECTS, CensusOfTool, IssuesOfTool, Tool, first_cursor

LIMIT = 32_767
"""Most characters of a comment in Jira."""
MILESTONES = [
    {
        "key": f"{project.lower()}-1.0",
        "title": f"{project} 1.0",
        "technical_owner": "Li Wei",
        "engineering_owner": "Zhang Min",
        "scope": {"project": project},
        "slot": {"issue": f"{project}-1"},
    }
    for project in PROJECTS
]
SPEC = spec(
    milestones=MILESTONES,
    write={"enabled": True, "new_comments_per_day": 10_000, "max_writes_per_day": 100_000},
)

project_names = st.sampled_from(PROJECTS)
numbers = st.integers(1, 5)
titles = st.one_of(
    st.sampled_from(["Retry", "{code}", "||h||", "tandem-slot=x tandem-digest=0123456789abcdef", "支付"]),
    st.text(max_size=40),
)
statuses = st.sampled_from([("To Do", "new"), ("In Progress", "indeterminate"), ("Done", "done")])


class CrashError(BaseException):
    """The process is gone: nothing that it would have done happens any more."""


class Countdown:
    """Lets something happen at the n-th of several moments; never for None. ``at`` is the name of the moment at which it happened."""

    def __init__(self, number: int | None, happen: object) -> None:
        self.left, self.happen, self.at = number, happen, ""

    def __call__(self, *names: object) -> None:
        if self.left is None:
            return
        self.left -= 1
        if self.left < 0:
            self.left = None
            self.at = str(names[0]) if names else ""
            self.happen()


def crash() -> None:
    raise CrashError


def down() -> None:
    raise RetryableError("the tool does not answer")


def forbidden() -> None:
    raise ForbiddenError("the account lost its permission")


def as_kept(issues: Mapping[str, Issue]) -> dict[str, Issue]:
    """What a store can hold of the tool's issues: no database takes a NUL or half a surrogate pair."""
    return {id_: replace(one, title=storable(one.title)) for id_, one in issues.items()}


class Promises(RuleBasedStateMachine):
    """One store, one tool, and what is known of both."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="tandem-machine-"))
        self.engine = database.opened(f"sqlite:///{self.folder / 'tandem.db'}")
        database.upgrade(self.engine)
        self.tool, self.board = Tool(now=NOW), SlotBoard()
        for project in PROJECTS:
            self.tool.put(project, 1, title="The milestone")
        self.cursors: dict[str, object] = {}
        self.lost: dict[tuple[str, int], Issue] = {}
        self.started_at, self.runs = NOW, 0

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.engine.dispose()
            shutil.rmtree(self.folder)

    # what people do

    @rule(project=project_names, number=numbers, title=titles, status=statuses)
    def change(self, project: str, number: int, title: str, status: tuple[str, str]) -> None:
        """An issue is made or edited; several can bear the same instant."""
        self.tool.put(project, number, title=title, status=status[0], status_category=status[1])

    @rule(project=project_names, number=st.integers(2, 5))
    def lose(self, project: str, number: int) -> None:
        if was := self.tool.lose(project, number):
            self.lost[project, number] = was

    @rule(project=project_names, number=st.integers(2, 5))
    def restore(self, project: str, number: int) -> None:
        """What was deleted comes back exactly as it was."""
        if (project, number) in self.lost:
            self.tool.issues.setdefault(self.lost[project, number].id, self.lost[project, number])

    @rule(minutes=st.sampled_from([0, 1, 7, 60, 24 * 60]))
    def wait(self, minutes: int) -> None:
        self.tool.now += timedelta(minutes=minutes)

    # what Tandem does, and what happens to it

    def job(self, *, is_full: bool = False, watch: Watch | None = None) -> Job:
        self.runs += 1
        self.started_at = self.tool.now
        connector = FakeConnector(
            streams_=(IssuesOfTool(self.tool),), censuses_=(CensusOfTool(self.tool),), board=self.board
        )
        return Job(
            engine=self.engine,
            spec=SPEC,
            connectors=(connector,),
            now=lambda: self.tool.now,
            run_id=f"run {self.runs}",
            command="sync",
            census_every=timedelta(days=1),
            is_full=is_full,
            watch=watch or Watch(),
        )

    def good(self, *, is_full: bool = False) -> Outcome:
        outcome = sync(self.job(is_full=is_full))
        assert outcome.word == "complete", outcome
        return outcome

    @rule(is_full=st.booleans())
    def run(self, is_full: bool) -> None:
        self.good(is_full=is_full)

    @rule(at=st.integers(0, 8), project=project_names, number=numbers, title=titles)
    def run_while_it_moves(self, at: int, project: str, number: int, title: str) -> None:
        """An issue changes between two pages: this run or the next one has it."""
        self.tool.moment = Countdown(at, lambda: self.tool.put(project, number, title=title))
        try:
            self.good()
        finally:
            self.tool.moment = lambda _: None
        self.good()
        assert self.stored(project).items() >= as_kept(self.tool.in_project(project)).items()

    @rule(at=st.integers(0, 6), how=st.sampled_from([down, forbidden]))
    def run_half_blind(self, at: int, how: object) -> None:
        """8: a failed or forbidden read makes its scope unknown; nothing is said, taken back or buried because of it."""
        said, stored = self.said(), self.stored_ids()
        failure = self.tool.moment = Countdown(at, how)
        try:
            outcome = sync(self.job())
        finally:
            self.tool.moment = lambda _: None
        assert outcome.judging is not None
        for project in PROJECTS:
            if failure.at in {project, "list"}:
                assert f"{project.lower()}-1.0" in outcome.judging.unknown
                assert self.said()[project] == said[project]
                assert self.stored_ids() >= {ref for ref in stored if ref[0] == project}

    @rule(at=st.integers(0, 12))
    def crash_while_reading(self, at: int) -> None:
        self.tool.moment = Countdown(at, crash)
        self.crashing(Watch())

    @rule(at=st.integers(0, 6))
    def crash_after_a_page(self, at: int) -> None:
        self.crashing(Watch(landed=Countdown(at, crash)))

    @rule(at=st.integers(0, 12))
    def crash_at_a_tick(self, at: int) -> None:
        self.crashing(Watch(check=Countdown(at, crash)))

    @rule(at=st.integers(0, 14))
    def crash_while_writing(self, at: int) -> None:
        self.board.step = Countdown(at, crash)
        self.crashing(Watch())

    @rule(at=st.integers(0, 14))
    def answer_lost_while_writing(self, at: int) -> None:
        """A step of the sink breaks off, and the run goes on."""
        self.board.step = Countdown(at, down)
        try:
            sync(self.job())
        finally:
            self.board.step = lambda _: None

    @rule(at=st.integers(0, 14), project=project_names)
    def change_of_mind_after_a_crash(self, at: int, project: str) -> None:
        """The writes of a finding break off, and when the next run comes there is nothing to find any more."""
        to_do = {"status": "To Do", "status_category": "new"}
        self.tool.put(project, 2, **to_do)
        self.good()
        self.tool.put(project, 2, status="Done", status_category="done")
        self.tool.now += timedelta(days=2)
        self.board.step = Countdown(at, crash)
        self.crashing(Watch())
        self.tool.put(project, 2, **to_do)
        self.settling()

    def crashing(self, watch: Watch) -> None:
        try:
            sync(self.job(watch=watch))
        except CrashError:
            pass
        finally:
            self.tool.moment = lambda _: None
            self.board.step = lambda _: None

    # what must be so whenever it is asked

    @rule()
    def settling(self) -> None:
        """1: apply, then plan again: only no-ops; store, comments and tool agree. 7: exactly one comment in each slot."""
        self.good(is_full=True)
        self.good(is_full=True)
        assert as_kept(self.tool.issues) == {one.id: one for one in self.live()}
        before = list(self.board.writes)
        again = self.good()
        assert again.plan is not None
        assert again.plan.commands == ()
        assert self.board.writes == before
        assert {slot.issue_id: len(found) for slot, found in self.board.comments.items()} == {
            "101": 1,
            "201": 1,
        }

    @rule(seed=st.randoms(use_true_random=False))
    def order_does_not_matter(self, seed: object) -> None:
        """2: shuffled records, same plan."""
        held = list(self.live())
        first = self.plan_from(held)
        seed.shuffle(held)
        assert self.plan_from(held) == first

    @rule(project=project_names)
    def replay(self, project: str) -> None:
        """3: the same page twice leaves the same store."""
        page = Page(records=tuple(self.stored(project).values()), cursor=first_cursor(self.started_at))
        scope = Scope(source="jira", stream="replayed", partition=project)
        before = self.live_rows()
        for _ in range(2):
            with self.engine.begin() as connection:
                assert records.land(connection, scope, page, now=self.tool.now) == 0
        assert self.live_rows() == before

    @rule(number=st.integers(2, 5), title=titles, status=statuses)
    def locality(self, number: int, title: str, status: tuple[str, str]) -> None:
        """5: an issue of one commitment never changes what is planned for the other."""
        self.good()
        other = self.planned_for("PAY")
        self.tool.put("OPS", number, title=title, status=status[0], status_category=status[1])
        pull_only(self.job())
        assert self.planned_for("PAY") == other

    @invariant()
    def cursors_are_honest(self) -> None:
        """4: never back, never past the start of the run."""
        if not hasattr(self, "engine"):
            return
        for project in PROJECTS:
            scope = Scope(source="jira", stream="issues", partition=project)
            with self.engine.connect() as connection:
                read_to = progress.cursor_of(connection, scope).read_to
            former = self.cursors.get(project)
            assert former is None or (read_to is not None and read_to >= former)
            assert read_to is None or read_to <= self.started_at
            self.cursors[project] = read_to

    @invariant()
    def one_comment(self) -> None:
        """7: whatever happened, never two comments in a slot. 6: each within the vendor's limit, its marker in its last line."""
        for slot, found in self.board.comments.items() if hasattr(self, "board") else ():
            assert len(found) <= 1
            for comment in found:
                assert len(comment.body) <= LIMIT
                assert marked(comment.body) == (slot.commitment_key, comment.digest)

    # reading what stands

    def live(self) -> tuple[Record, ...]:
        with self.engine.connect() as connection:
            return records.all_records(connection)

    def live_rows(self) -> dict[str, Record]:
        return {one.id: one for one in self.live()}

    def stored(self, project: str) -> dict[str, Issue]:
        return {one.id: one for one in self.live() if isinstance(one, Issue) and one.project_key == project}

    def stored_ids(self) -> set[tuple[str, str]]:
        return {(one.project_key, one.id) for one in self.live() if isinstance(one, Issue)}

    def said(self) -> dict[str, list[tuple[Slot, str]]]:
        """All that stands in each project's slot."""
        said: dict[str, list[tuple[Slot, str]]] = {project: [] for project in PROJECTS}
        for slot, found in self.board.comments.items():
            said[PROJECTS[int(slot.issue_id[0]) - 1]] += [(slot, one.body) for one in found]
        return said

    def planned_for(self, project: str) -> list[object]:
        judging = cycle.judging_of(self.engine, SPEC, now=self.tool.now)
        plan = cycle.plan_of(self.engine, judging)
        return [a for a in plan.actions if a.issue_key.startswith(f"{project}-")]

    def plan_from(self, held: list[Record]) -> Plan:
        with self.engine.connect() as connection:
            aliases, verdicts = records.all_aliases(connection), progress.all_verdicts(connection)
        world = world_of(
            SPEC, Observed.of(tuple(held), aliases=aliases, verdicts=verdicts), now=self.tool.now
        )
        judgement = findings_of(world, rules(), first_seen={}, unknown=unknown_of(world))
        return plan_for(judged_of(world, judgement.findings), DeliveredState(), cycle.options_of(world))


TestPromises = Promises.TestCase
TestPromises.settings = settings(
    max_examples=300 if IS_WHOLE else 15,
    stateful_step_count=20,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
