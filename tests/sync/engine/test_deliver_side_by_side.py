"""Deliver, side by side: threads ask, the calling thread alone uses the store; what one at a time promises holds with many on their way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import pytest
from engine_fakes import NOW, SlotBoard, threads_asking
from msgspec.structs import replace
from sqlalchemy import Connection, Engine, text

from connectors.commands import Announce, Command, CommentCommand, PropertyCommand, Slot
from connectors.errors import AuthenticationError, BlockedError, RetryableError, UnknownOutcomeError
from sync.engine.deliver import Delivered, Post, deliver
from sync.engine.desk import Desk
from sync.stopping import StopRequestedError
from sync.store import lease, outbox
from sync.store.errors import LeaseLostError

WAIT_S = 10
TOGETHER = pytest.mark.parametrize("looks_together", [False, True])


def slot(issue_id: str, key: str = "pay-core-2") -> Slot:
    return Slot(source="jira", issue_id=issue_id, commitment_key=key)


def comment(issue_id: str, digest: str = "d", announce: Announce = Announce.SILENT) -> CommentCommand:
    return CommentCommand(slot=slot(issue_id), body=f"about {issue_id}", digest=digest, announce=announce)


def status(issue_id: str) -> PropertyCommand:
    return PropertyCommand(slot=slot(issue_id, "*"), key="tandem.status", value="{}", digest="p")


def wish(engine: Engine, commands: Iterable[Command]) -> None:
    with engine.begin() as connection:
        outbox.enqueue(connection, [(c, None) for c in commands], now=NOW)


def post(engine: Engine, board: SlotBoard, **given: object) -> Post:
    made = Post(engine=engine, sinks={"jira": board}, run_id="r1", now=lambda: NOW, workers=4)
    return replace(made, **given)  # type: ignore[arg-type]


def unsure(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {slot.issue_id for slot, _ in outbox.unsure_in(connection)}


def pending(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return [one.command.slot.issue_id for one in outbox.deliveries(connection)]


def leased(engine: Engine) -> int:
    with engine.connect() as connection:
        return connection.execute(text("SELECT count(*) FROM leases")).scalar_one()


def at_rest() -> None:
    """Wait until no thread asks any more."""
    for thread in threads_asking():
        thread.join(WAIT_S)


@dataclass
class Steps:
    """What a board does, in order; ``at`` is called with the number and name of each step, and may raise."""

    at: Callable[[int, str], object] = lambda *_: None
    names: list[str] = field(default_factory=list)

    def __call__(self, name: str) -> None:
        self.names.append(name)
        self.at(len(self.names), name)


def test_comments_on_several_issues_are_on_their_way_at_once(engine: Engine) -> None:
    together = threading.Barrier(4)
    board = SlotBoard(step=lambda name: together.wait(WAIT_S) and None if name == "sending post" else None)
    wish(engine, map(comment, "12345678"))
    assert [d.error for d in deliver(post(engine, board))] == [None] * 8
    assert {len(found) for found in board.comments.values()} == {1}
    assert (unsure(engine), leased(engine)) == (set(), 0)


@TOGETHER
def test_what_goes_to_one_issue_is_sent_in_order_and_never_at_once(
    engine: Engine, looks_together: bool
) -> None:
    board = SlotBoard(looks_together=looks_together)
    wish(engine, [c for id_ in "123456" for c in (comment(id_), status(id_))])
    under_way: list[str] = []
    ended = deliver(post(engine, board, watch=lambda d: under_way.append(d.delivery.command.slot.issue_id)))
    assert [d.delivery.place[1] for d in ended] == ["comment", "tandem.status"] * 6
    assert sorted(under_way) == sorted("112233445566")
    assert [board.writes.count(name) for name in ("post", "put")] == [6, 6]


def test_a_second_command_to_an_issue_begins_once_the_first_has_its_receipt(engine: Engine) -> None:
    begun: list[str] = []

    @dataclass
    class Noting(SlotBoard):
        def deliver(self, command, receipt, **given):  # type: ignore[no-untyped-def]
            with engine.connect() as connection:
                begun.append(f"{outbox.target_of(command)} after {len(outbox.all_receipts(connection))}")
            return (yield from super().deliver(command, receipt, **given))

    wish(engine, [comment("1"), status("1")])
    deliver(post(engine, Noting()))
    assert begun == ["comment after 0", "tandem.status after 1"]


@TOGETHER
def test_only_threads_ask_and_only_the_calling_thread_does_the_rest(
    engine: Engine, looks_together: bool
) -> None:
    asking, doing = set(), set()

    def note(*_: object) -> None:
        doing.add(threading.get_ident())

    board = SlotBoard(step=lambda _: asking.add(threading.get_ident()), looks_together=looks_together)
    wish(engine, map(comment, "123456"))
    deliver(post(engine, board, watch=note, tick=note, guard=note))
    assert doing == {threading.get_ident()}
    assert threading.get_ident() not in asking
    assert threads_asking() == []


def test_of_looks_that_can_be_answered_together_one_request_is_under_way_at_a_time(engine: Engine) -> None:
    under_way, most = [], []

    @dataclass
    class Counting(SlotBoard):
        def look_up(self, looks):  # type: ignore[no-untyped-def]
            under_way.append(1)
            most.append(len(under_way))
            answer = super().look_up(looks)
            under_way.pop()
            return answer

    board = Counting(looks_together=True)
    wish(engine, (comment(str(number)) for number in range(40)))
    assert len(deliver(post(engine, board))) == 40
    assert set(most) == {1}
    assert sorted(key for keys in board.together for key in keys) == sorted(
        str(slot(str(number))) for number in range(40)
    )


def test_a_look_for_many_that_fails_is_each_ones_failure_and_nothing_is_written(engine: Engine) -> None:
    def fail(_: int, name: str) -> None:
        if name == "look":
            raise RetryableError("no answer")

    board = SlotBoard(step=Steps(at=fail), looks_together=True)
    wish(engine, map(comment, "123"))
    assert [(d.error, d.is_write) for d in deliver(post(engine, board))] == [("no answer", False)] * 3
    assert (board.writes, unsure(engine), leased(engine)) == ([], set(), 0)


@TOGETHER
@pytest.mark.parametrize("number", range(1, 60, 4))
def test_killed_at_any_step_with_many_on_their_way_the_next_run_leaves_exactly_one_comment_each(
    engine: Engine, number: int, looks_together: bool
) -> None:
    """The thread that meets the end takes the run with it; what others have under way still reaches the tool."""

    class Killed(BaseException):
        pass

    def die(step: int, _: str) -> None:
        if step == number:
            raise Killed

    issues = [str(one) for one in range(12)]
    board = SlotBoard(looks_together=looks_together)
    wish(engine, (comment(id_, "old") for id_ in issues))
    deliver(post(engine, board))
    wish(engine, (comment(id_, "new", Announce.NOTIFY) for id_ in issues))
    board.step, board.writes = Steps(at=die), []
    with pytest.raises(Killed):
        deliver(post(engine, board))
    at_rest()
    begun = {s.issue_id for s, found in board.comments.items() if [c.digest for c in found] != ["old"]}
    assert begun <= unsure(engine) | (set(issues) - set(pending(engine)))
    board.step = lambda _: None
    deliver(post(engine, board))
    assert [[c.digest for c in board.comments[slot(id_)]] for id_ in issues] == [["new"]] * 12
    assert sorted(board.writes) == ["delete"] * 12 + ["post"] * 12, "nothing was done twice"
    assert (unsure(engine), pending(engine), leased(engine)) == (set(), [], 0)


@TOGETHER
@pytest.mark.parametrize("every", [1, 2, 5])
def test_answers_that_are_lost_after_the_write_double_nothing(
    engine: Engine, every: int, looks_together: bool
) -> None:
    posts: list[str] = []

    def lose(_: int, name: str) -> None:
        if name == "after post":
            posts.append(name)
            if len(posts) % every == 0:
                raise UnknownOutcomeError("the line broke")

    board = SlotBoard(step=Steps(at=lose), looks_together=looks_together)
    issues = [str(one) for one in range(20)]
    wish(engine, map(comment, issues))
    ended = deliver(post(engine, board))
    lost = {d.delivery.command.slot.issue_id for d in ended if d.error}
    assert unsure(engine) == lost == set(pending(engine))
    assert lost
    deliver(post(engine, board))
    assert [len(board.comments[slot(id_)]) for id_ in issues] == [1] * 20
    assert (len(board.writes), unsure(engine), pending(engine)) == (20, set(), [])


def test_a_stop_lets_what_has_begun_to_write_end_and_begins_nothing_more(engine: Engine) -> None:
    """The stop is asked for while the first comments are being posted."""
    asked = threading.Event()

    def step(name: str) -> None:
        if name == "sending post":
            asked.set()

    def check() -> None:
        if asked.is_set():
            raise StopRequestedError

    board = SlotBoard(step=step)
    issues = [str(one) for one in range(200)]
    wish(engine, map(comment, issues))
    with pytest.raises(StopRequestedError):
        deliver(post(engine, board, tick=check))
    assert threads_asking() == []
    there = {s.issue_id for s, found in board.comments.items() if found}
    assert 0 < len(there) < 100
    assert set(pending(engine)) == set(issues) - there, "what was written has its receipt"
    assert (unsure(engine), leased(engine)) == (set(), 0)


def test_a_stop_is_heard_while_every_answer_is_waited_for(engine: Engine) -> None:
    stopped, go_on = threading.Event(), threading.Event()

    def check() -> None:
        if go_on.is_set():
            stopped.set()
            raise StopRequestedError

    def step(name: str) -> None:
        if name == "look":
            go_on.set()
            assert stopped.wait(WAIT_S)

    board = SlotBoard(step=step)
    wish(engine, map(comment, "123"))
    with pytest.raises(StopRequestedError):
        deliver(post(engine, board, tick=check))
    assert (board.writes, pending(engine), leased(engine)) == ([], list("123"), 0)


def test_slots_are_taken_before_anything_of_its_own_is_locked(engine: Engine) -> None:
    """The guard, which renews what is held, comes behind: two that held theirs and wanted each other's would wait for each other."""
    seen: list[int] = []

    def guard(connection: Connection) -> None:
        seen.append(connection.execute(text("SELECT count(*) FROM leases")).scalar_one())

    wish(engine, map(comment, "12"))
    deliver(post(engine, SlotBoard(), guard=guard))
    assert seen[0] == 2
    assert pending(engine) == []


def test_a_lease_that_is_lost_ends_it_and_what_is_being_asked(engine: Engine) -> None:
    site = lease.acquired(engine, "site:jira", now=NOW, holder="sleeper 1")
    is_first, taken, abandoned = threading.Lock(), threading.Event(), []

    def step(name: str) -> None:
        if name == "before post" and is_first.acquire(blocking=False):
            lease.acquired(engine, "site:jira", now=NOW + lease.TERM, holder="elsewhere 1")
            taken.set()
        elif name == "before post":
            assert taken.wait(WAIT_S)

    board = SlotBoard(step=step)
    wish(engine, map(comment, "1234"))
    sleeper = post(
        engine,
        board,
        guard=lambda c: lease.hold(c, [site], now=NOW),
        abandon=lambda: abandoned.append(True),
    )
    with pytest.raises(LeaseLostError):
        deliver(sleeper)
    assert abandoned == [True]
    assert threads_asking() == []
    assert sorted(pending(engine)) == list("1234")


@TOGETHER
@pytest.mark.parametrize("error", [AuthenticationError("401"), BlockedError("blocked")])
def test_a_site_that_closes_is_asked_no_more_and_costs_no_delivery_an_attempt(
    engine: Engine, error: Exception, looks_together: bool
) -> None:
    def close(_: int, name: str) -> None:
        if name == "look":
            raise error

    board = SlotBoard(step=Steps(at=close), looks_together=looks_together)
    wish(engine, (comment(str(number)) for number in range(100)))
    ended = deliver(post(engine, board))
    assert {d.error or d.put_off for d in ended} == {str(error), "jira is asked no more in this run"}
    assert len(board.step.names) <= 16  # type: ignore[attr-defined]  # those that were on their way
    with engine.connect() as connection:
        assert {(d.attempts, d.is_unsure) for d in outbox.deliveries(connection)} == {(0, False)}
    assert (len(ended), leased(engine)) == (100, 0)


def test_a_delivery_that_is_taken_out_before_its_write_is_granted_is_not_sent(engine: Engine) -> None:
    def take_out(name: str) -> None:
        if name == "before post":
            with engine.begin() as connection:
                outbox.withdraw(connection, [(slot("1"), "comment")])

    board = SlotBoard(step=take_out)
    wish(engine, [comment("1")])
    (ended,) = deliver(post(engine, board, workers=1))
    assert ended.put_off == "it was replaced or taken out meanwhile"
    assert (board.writes, leased(engine)) == ([], 0)


def test_leases_are_held_on_while_an_answer_takes_long(engine: Engine) -> None:
    """Every glance is a minute later by the desk's clock; the answer comes after three transactions of the guard alone."""
    held, minutes = threading.Semaphore(0), iter(range(0, 10_000, 60))

    def guard(_: object) -> None:
        held.release()

    def step(name: str) -> None:
        if name == "look":
            for _ in range(3):
                assert held.acquire(timeout=WAIT_S)

    wish(engine, [comment("1")])
    with engine.connect() as connection:
        waiting = outbox.deliveries(connection)
    desk = Desk(
        post(engine, SlotBoard(step=step), guard=guard), waiting, {}, seconds=lambda: float(next(minutes))
    )
    assert [d.error for d in desk.all_ended()] == [None]


def test_how_each_ended_is_told_in_the_order_of_the_outbox(engine: Engine) -> None:
    others_ended, seen = threading.Event(), []

    @dataclass
    class Late(SlotBoard):
        def deliver(self, command, receipt, **given):  # type: ignore[no-untyped-def]
            if command.slot.issue_id == "5":
                assert others_ended.wait(WAIT_S)
            return (yield from super().deliver(command, receipt, **given))

    def watch(found: Delivered) -> None:
        seen.append(found.delivery.command.slot.issue_id)
        if len(seen) == 4:
            others_ended.set()

    wish(engine, map(comment, "54321"))
    ended = deliver(post(engine, Late(), watch=watch))
    assert [d.delivery.command.slot.issue_id for d in ended] == list("54321")
    assert seen[-1] == "5"
