"""Pull, side by side: threads ask, the calling thread alone stores; verdicts, orders and ends are those of reading one scope after the other."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from engine_fakes import NOW, FakeConnector, ScriptedStream, an_issue, page, threads_asking
from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.errors import AuthenticationError, BlockedError, ForbiddenError, RetryableError
from connectors.port import PATHS, Completeness, Order, Page, Request
from connectors.records import Project
from sync.engine.pull import Landed, Pull, pull
from sync.stopping import StopRequestedError
from sync.store import progress, records
from sync.store.errors import LeaseLostError
from tests.store_builders import rows_of

WAIT_S = 10


@dataclass
class MeetingStream(ScriptedStream):
    """A stream in which each partition calls ``meet`` with its name before its pages."""

    meet: Callable[[str], object] = lambda _: None

    def pages(self, request: Request) -> Iterator[Page]:
        self.meet(f"{self.name} {request.scope.partition}")
        yield from super().pages(request)


@dataclass
class AttendingConnector(FakeConnector):
    """Remembers the paths that it was told, and wakes ``woken`` when it is closed."""

    attended: list[tuple[tuple[str, str], ...]] = field(default_factory=list)
    woken: threading.Event = field(default_factory=threading.Event)

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        self.attended.append(paths)

    def close(self) -> None:
        self.woken.set()


@pytest.fixture
def wide(job: Pull) -> Pull:
    return replace(job, workers=4)


def names(count: int) -> list[str]:
    return [f"P{number:02}" for number in range(count)]


def script_of(partitions: Iterable[str]) -> dict[str, tuple[Page, ...]]:
    return {p: (page(an_issue(f"{p}-1")), page(an_issue(f"{p}-2"))) for p in partitions}


def keys_in(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {r.id for r in records.all_records(connection)}


def test_partitions_of_one_stream_are_read_side_by_side(engine: Engine, wide: Pull) -> None:
    together = threading.Barrier(4)
    stream = MeetingStream(script_of(names(4)), meet=lambda _: together.wait(WAIT_S))
    assert all(v.is_complete for v in pull(wide, [FakeConnector(streams_=(stream,))]))
    assert len(keys_in(engine)) == 8


def test_sources_are_read_side_by_side(wide: Pull) -> None:
    together = threading.Barrier(2)
    sites = [
        FakeConnector(
            source=source, streams_=(MeetingStream({"*": (page(),)}, meet=lambda _: together.wait(WAIT_S)),)
        )
        for source in ("jira", "gitlab")
    ]
    assert [(v.scope.source, v.is_complete) for v in pull(wide, sites)] == [("jira", True), ("gitlab", True)]


def test_sites_are_logged_in_to_side_by_side(wide: Pull) -> None:
    together = threading.Barrier(2)

    @dataclass
    class Meeting(FakeConnector):
        def connect(self) -> None:
            together.wait(WAIT_S)

    assert pull(wide, [Meeting(source="jira"), Meeting(source="gitlab")]) == ()


def test_the_first_site_that_refuses_its_credentials_is_named(wide: Pull) -> None:
    sites = [
        FakeConnector(source=source, refuses_login=AuthenticationError(f"{source} refused"))
        for source in ("jira", "gitlab")
    ]
    with pytest.raises(AuthenticationError, match="jira refused"):
        pull(wide, sites)


def test_verdicts_come_in_the_order_of_partitions_whichever_ends_first(wide: Pull) -> None:
    is_last_read = threading.Event()

    def meet(name: str) -> None:
        if name == "issues P03":
            is_last_read.set()
        else:
            assert is_last_read.wait(WAIT_S)

    script = script_of(names(4)) | {"P01": (RetryableError("503"),)}
    found = pull(wide, [FakeConnector(streams_=(MeetingStream(script, meet=meet),))])
    assert [(v.scope.partition, v.is_complete) for v in found] == [
        ("P00", True),
        ("P01", False),
        ("P02", True),
        ("P03", True),
    ]


def test_everything_but_asking_happens_in_the_calling_thread(engine: Engine, wide: Pull) -> None:
    asking, doing = set(), set()

    def note(*_: object) -> tuple[()]:
        doing.add(threading.get_ident())
        return ()

    stream = MeetingStream(script_of(names(6)), meet=lambda _: asking.add(threading.get_ident()))
    pull(replace(wide, watch=note, tick=note, guard=note, paths=note), [FakeConnector(streams_=(stream,))])
    assert doing == {threading.get_ident()}
    assert threading.get_ident() not in asking
    assert threads_asking() == []


def test_a_stream_begins_when_those_that_it_comes_after_have_landed(engine: Engine, wide: Pull) -> None:
    log: list[str] = []
    issues = MeetingStream(script_of(names(3)), meet=log.append)
    worklogs = MeetingStream(
        {"*": (page(),)}, name="worklogs", meet=log.append, order=Order(after=frozenset({"issues"}))
    )
    sprints = MeetingStream({"*": (page(),)}, name="sprints", meet=log.append)
    watched = replace(wide, watch=lambda landed: log.append(f"landed {landed.scope.stream}"))
    pull(watched, [FakeConnector(streams_=(issues, worklogs, sprints))])
    assert log.index("worklogs *") > max(n for n, line in enumerate(log) if line == "landed issues")
    assert len(log) == 5 + 6 + 2


def test_rounds_of_a_stream_are_read_one_after_the_other(wide: Pull) -> None:
    log: list[str] = []
    stream = MeetingStream(
        script_of(names(5)),
        meet=log.append,
        order=Order(rounds=lambda partitions: (partitions[:1], (), partitions[1:2], partitions[2:])),
    )
    watched = replace(wide, watch=lambda landed: log.append(f"landed {landed.scope.partition}"))
    found = pull(watched, [FakeConnector(streams_=(stream,))])
    assert log[:6] == ["issues P00", "landed P00", "landed P00", "issues P01", "landed P01", "landed P01"]
    assert [v.scope.partition for v in found] == names(5)


def test_the_watched_paths_are_those_known_once_the_sources_before_were_read(
    engine: Engine, wide: Pull
) -> None:
    at_once = threading.Event()

    def hold(_: str) -> None:
        assert at_once.wait(WAIT_S)

    jira = FakeConnector(streams_=(MeetingStream({"PAY": (page(an_issue("1")),)}, meet=hold),))
    commits = ScriptedStream({"7": (page(),)}, name="commits", order=Order(after=frozenset({PATHS})))
    requests = MeetingStream({"7": (page(),)}, name="merge_requests", meet=lambda _: at_once.set())
    gitlab = AttendingConnector(source="gitlab", streams_=(commits, requests))
    told = replace(wide, paths=lambda: tuple((key, "src") for key in sorted(keys_in(engine))))
    found = pull(told, [jira, gitlab])
    assert gitlab.attended == [(("1", "src"),)]
    assert [v.scope.stream for v in found] == ["issues", "commits", "merge_requests"]


def test_what_names_no_paths_holds_nobody_up(engine: Engine, wide: Pull) -> None:
    is_begun = threading.Event()

    def hold(_: str) -> None:
        assert is_begun.wait(WAIT_S)

    worklogs = MeetingStream({"*": (page(),)}, name="worklogs", meet=hold, order=Order(may_name_paths=False))
    jira = FakeConnector(streams_=(ScriptedStream({"PAY": (page(an_issue("1")),)}), worklogs))
    commits = MeetingStream(
        {"7": (page(),)}, name="commits", meet=lambda _: is_begun.set(), order=Order(after=frozenset({PATHS}))
    )
    found = pull(wide, [jira, FakeConnector(source="gitlab", streams_=(commits,))])
    assert [v.is_complete for v in found] == [True] * 3


def test_streams_that_wait_for_each_other_are_an_error_and_not_an_empty_pull(wide: Pull) -> None:
    first = ScriptedStream({"*": (page(),)}, name="first", order=Order(after=frozenset({"second"})))
    second = ScriptedStream({"*": (page(),)}, name="second", order=Order(after=frozenset({"first"})))
    with pytest.raises(RuntimeError, match="wait for each other"):
        pull(wide, [FakeConnector(streams_=(first, second))])


@pytest.mark.parametrize("error", [BlockedError("address blocked"), AuthenticationError("token refused")])
def test_what_ends_a_whole_site_ends_the_rest_of_it_and_no_other_site(
    engine: Engine, wide: Pull, error: BlockedError
) -> None:
    is_refused = threading.Event()

    def meet(name: str) -> None:
        if name == "issues P00":
            is_refused.set()
        assert is_refused.wait(WAIT_S)

    script = script_of(names(200)) | {"P00": (error,)}
    stream = MeetingStream(script, meet=meet)
    other = FakeConnector(
        source="other", streams_=(ScriptedStream({"OPS": (page(an_issue("3", source="other")),)}),)
    )
    found = pull(wide, [FakeConnector(streams_=(stream,)), other])
    ended = [v for v in found if v.scope.source == "jira"]
    assert [v.scope.partition for v in ended] == [*script]
    assert {v.reason for v in ended} <= {"", str(error)}
    assert ended[0].reason == str(error) == ended[-1].reason
    assert len(stream.asked) < 100
    assert [v.completeness for v in found if v.scope.source == "other"] == [Completeness.COMPLETE]


def stuck(connector: AttendingConnector) -> Callable[[str], None]:
    """Has every partition but the first wait until the connector is closed."""

    def meet(name: str) -> None:
        if not name.endswith("P00"):
            assert connector.woken.wait(WAIT_S)

    return meet


def test_a_lease_that_is_lost_in_mid_pull_ends_it_and_leaves_no_thread_behind(
    engine: Engine, wide: Pull
) -> None:
    site = AttendingConnector()
    site.streams_ = (MeetingStream(script_of(names(6)), meet=stuck(site)),)

    def guard(_: object) -> None:
        raise LeaseLostError("site:jira: the lease was lost")

    with pytest.raises(LeaseLostError):
        pull(replace(wide, guard=guard), [site])
    assert threads_asking() == []
    assert keys_in(engine) == set()


def test_a_stop_in_mid_pull_ends_it_between_two_transactions_and_leaves_no_thread_behind(
    engine: Engine, wide: Pull
) -> None:
    site = AttendingConnector()
    site.streams_ = (MeetingStream(script_of(names(6)), meet=stuck(site)),)
    landed: list[Landed] = []

    def check() -> None:
        if landed:
            raise StopRequestedError

    with pytest.raises(StopRequestedError):
        pull(replace(wide, tick=check, watch=landed.append), [site])
    assert threads_asking() == []
    assert keys_in(engine) in ({"P00-1"}, {"P00-1", "P00-2"})  # heard alone, or together


def test_a_stop_is_heard_while_every_answer_is_waited_for(wide: Pull) -> None:
    site = AttendingConnector()
    is_asked = threading.Event()

    def meet(_: str) -> None:
        is_asked.set()
        assert site.woken.wait(WAIT_S)

    def check() -> None:
        if is_asked.is_set():
            raise StopRequestedError

    site.streams_ = (MeetingStream(script_of(names(6)), meet=meet),)
    with pytest.raises(StopRequestedError):
        pull(replace(wide, tick=check), [site])
    assert threads_asking() == []


def test_a_mistake_of_our_own_in_a_thread_ends_the_pull(wide: Pull) -> None:
    def meet(_: str) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pull(wide, [FakeConnector(streams_=(MeetingStream(script_of(names(3)), meet=meet),))])
    assert threads_asking() == []


def test_a_scope_whose_project_is_read_anew_meanwhile_does_not_put_its_cursor_forward_again(
    engine: Engine, wide: Pull
) -> None:
    def a_project(path: str) -> Project:
        return Project(source="jira", id="7", path=path, name="seven", url="https://x.test")

    def company(path: str, meet: Callable[[str], object]) -> FakeConnector:
        commits = MeetingStream({"7": (page(a_project(path)), page())}, name="commits", meet=meet)
        requests = MeetingStream({"7": (page(an_issue("1")), page())}, name="requests", meet=meet)
        return FakeConnector(streams_=(commits, requests))

    pull(wide, [company("team/seven", lambda _: None)])
    landed, both = threading.Event(), threading.Barrier(2)

    def meet(name: str) -> None:
        both.wait(WAIT_S)  # both have been given their cursors
        if name == "requests 7":
            assert landed.wait(WAIT_S)

    def watch(page_: Landed) -> None:
        if page_.scope.stream == "commits":
            landed.set()

    later = replace(wide, now=NOW + timedelta(hours=1), watch=watch)
    pull(later, [company("other/seven", meet)])
    with engine.connect() as connection:
        kept = progress.read_instants(connection)
    assert {scope.stream for scope in kept if scope.partition == "7"} == {"commits"}


def test_a_scope_that_is_begun_after_its_project_was_reset_is_read_anew(engine: Engine, job: Pull) -> None:
    def company(path: str, meet: Callable[[str], object]) -> tuple[FakeConnector, MeetingStream]:
        project = Project(source="jira", id="7", path=path, name="seven", url="https://x.test")
        commits = MeetingStream({"7": (page(project), page())}, name="commits")
        script = {partition: (page(),) for partition in (*names(9), "7")}
        requests = MeetingStream(script, name="requests", meet=meet)
        return FakeConnector(streams_=(commits, requests)), requests

    two, landed = replace(job, workers=2), threading.Event()
    pull(two, [company("team/seven", lambda _: None)[0]])

    def watch(page_: Landed) -> None:
        if page_.scope.stream == "commits":
            landed.set()

    site, requests = company("other/seven", lambda _: landed.wait(WAIT_S))
    pull(replace(two, now=NOW + timedelta(hours=1), watch=watch), [site])
    read_to = {request.scope.partition: request.cursor.read_to for request in requests.asked}
    assert read_to == dict.fromkeys(names(9), NOW) | {"7": None}


def test_one_worker_and_many_leave_the_same_store(tmp_path, wide: Pull, job: Pull, engine: Engine) -> None:
    script = script_of(names(30)) | {"P05": (ForbiddenError("403"),), "P06": (page(), RetryableError("503"))}

    def pulled(one: Pull) -> dict[str, list[dict[str, object]]]:
        with engine.begin() as connection:
            for table in reversed(progress.cursors.metadata.sorted_tables):
                connection.execute(table.delete())
        pull(one, [FakeConnector(streams_=(ScriptedStream(script),))])
        return rows_of(engine)

    assert pulled(wide) == pulled(job)
