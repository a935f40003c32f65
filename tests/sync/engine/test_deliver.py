"""Deliver: each command once, a failing one alone, a dead letter after five attempts, and no outcome taken for known that is not."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
from engine_fakes import SlotBoard
from msgspec.structs import replace
from sqlalchemy import Engine, text

from connectors.commands import Announce, CommentCommand, PropertyCommand, Receipt, Slot
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    DeferredError,
    ForbiddenError,
    RetryableError,
    UnknownOutcomeError,
)
from sync.engine.deliver import GRAIN, Delivered, Post, deliver
from sync.store import lease, outbox, slots
from sync.store.errors import LeaseLostError
from sync.store.outbox import ATTEMPTS

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def slot(issue_id: str) -> Slot:
    return Slot(source="jira", issue_id=issue_id, commitment_key="pay-core-2")


def comment(issue_id: str, digest: str = "", announce: Announce = Announce.SILENT) -> CommentCommand:
    return CommentCommand(
        slot=slot(issue_id), body=f"about {issue_id}", digest=digest or f"d{issue_id}", announce=announce
    )


def wish(engine: Engine, *commands: CommentCommand | PropertyCommand) -> None:
    with engine.begin() as connection:
        outbox.enqueue(connection, [(c, None) for c in commands], now=NOW)


def post(engine: Engine, board: SlotBoard) -> Post:
    return Post(engine=engine, sinks={"jira": board}, run_id="r1", now=lambda: NOW)


def sent(engine: Engine, board: SlotBoard) -> tuple[Delivered, ...]:
    return deliver(post(engine, board))


def unsure(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {slot.issue_id for slot, _ in outbox.unsure_in(connection)}


def receipts(engine: Engine) -> Mapping[tuple[Slot, str], Receipt]:
    with engine.connect() as connection:
        return outbox.all_receipts(connection)


def test_what_is_delivered_leaves_the_outbox(engine: Engine) -> None:
    board = SlotBoard()
    wish(engine, comment("1"), comment("2"))
    assert [d.error for d in sent(engine, board)] == [None, None]
    assert sent(engine, board) == ()
    assert sorted(board.written.values()) == ["about 1", "about 2"]
    assert unsure(engine) == set()


def test_one_that_fails_does_not_hold_up_the_others_and_is_tried_again(engine: Engine) -> None:
    board = SlotBoard(refuses={"1": ForbiddenError("403")})
    wish(engine, comment("1"), comment("2"))
    assert [d.error for d in sent(engine, board)] == ["403", None]
    board.refuses.clear()
    assert [d.delivery.command.slot.issue_id for d in sent(engine, board)] == ["1"]
    assert len(board.written) == 2


def test_after_five_failures_it_is_a_dead_letter_with_its_reason(engine: Engine) -> None:
    board = SlotBoard(refuses={"1": ForbiddenError("no permission to comment")})
    wish(engine, comment("1"))
    for _ in range(ATTEMPTS):
        assert len(sent(engine, board)) == 1
        wish(engine, comment("1"))
    assert sent(engine, board) == ()
    with engine.connect() as connection:
        (dead,) = outbox.deliveries(connection, state="dead")
    assert (dead.attempts, dead.last_error) == (ATTEMPTS, "no permission to comment")


def test_the_audit_trail_tells_writes_from_attempts_that_sent_nothing(engine: Engine) -> None:
    wish(engine, comment("1"), comment("2"))
    board = SlotBoard(refuses={"2": ForbiddenError("403")})
    assert [d.is_write for d in sent(engine, board)] == [True, False]
    wish(engine, comment("1", "again"))
    board.comments[slot("1")][0] = replace(board.comments[slot("1")][0], digest="again")
    assert [d.is_write for d in sent(engine, board)] == [False, False]
    with engine.connect() as connection:
        assert outbox.writes_since(connection, NOW) == 1
        lines = connection.execute(text("SELECT outcome FROM audit ORDER BY id")).scalars().all()
    assert lines == ["delivered", "failed: 403", "failed: 403", "delivered"]


def test_only_a_new_comment_is_loud(engine: Engine) -> None:
    board = SlotBoard()
    status = PropertyCommand(slot=replace(slot("1"), commitment_key="*"), key="k", value="{}", digest="p")
    for command in (comment("1", "a"), comment("1", "b"), comment("1", "c", Announce.NOTIFY), status):
        wish(engine, command)
        sent(engine, board)
    with engine.connect() as connection:
        assert outbox.loud_since(connection, NOW) == {("jira", "1"): 2}
        assert outbox.loud_since(connection, NOW + timedelta(seconds=1)) == {}


class Killed(BaseException):
    """The process ends here."""


def kill_at(step: str) -> Callable[[str], None]:
    def check(name: str) -> None:
        if name == step:
            raise Killed(step)

    return check


STEPS = (
    "look", "before delete", "sending delete", "after delete", "before post", "sending post", "after post", "receipt"
)  # fmt: skip


def begun_by(step: str) -> set[str]:
    """The issues on which a write was begun before ``step`` of a replacement."""
    return set() if step in {"look", "before delete"} else {"1"}


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_of_a_replacement_the_next_run_leaves_exactly_the_new_comment(
    engine: Engine, step: str
) -> None:
    board = SlotBoard()
    wish(engine, comment("1", "old"))
    sent(engine, board)
    wish(engine, comment("1", "new", Announce.NOTIFY))
    board.step, board.writes = kill_at(step), []
    with pytest.raises(Killed):
        sent(engine, board)
    assert unsure(engine) == begun_by(step)
    with engine.begin() as connection:
        outbox.withdraw(connection, [(slot("1"), "comment")])
    assert unsure(engine) == begun_by(step), "what was begun is not taken back"
    wish(engine, comment("1", "new", Announce.NOTIFY))
    board.step = lambda _: None
    assert [d.error for d in sent(engine, board)] == [None]
    assert [c.digest for c in board.comments[slot("1")]] == ["new"]
    assert sorted(board.writes) == ["delete", "post"], "nothing was done twice"
    assert unsure(engine) == set()
    assert receipts(engine)[slot("1"), "comment"].remote_id == board.comments[slot("1")][0].remote_id


@pytest.mark.parametrize("step", STEPS)
def test_killed_at_any_step_a_return_to_the_old_content_is_still_carried_out(
    engine: Engine, step: str
) -> None:
    board = SlotBoard()
    wish(engine, comment("1", "old"))
    sent(engine, board)
    wish(engine, comment("1", "new", Announce.NOTIFY))
    board.step = kill_at(step)
    with pytest.raises(Killed):
        sent(engine, board)
    board.step = lambda _: None
    wish(engine, comment("1", "old"))
    assert unsure(engine) == begun_by(step), "another wish does not make the place sure"
    sent(engine, board)
    assert [c.digest for c in board.comments[slot("1")]] == ["old"]
    assert unsure(engine) == set()


def failing_after(step: str, error: Exception) -> Callable[[str], None]:
    def check(name: str) -> None:
        if name == step:
            raise error

    return check


def test_an_unknown_outcome_stays_unsure_until_it_is_delivered(engine: Engine) -> None:
    board = SlotBoard(step=failing_after("after post", UnknownOutcomeError("the line broke")))
    wish(engine, comment("1"))
    assert [(d.error, d.is_write) for d in sent(engine, board)] == [("the line broke", True)]
    assert unsure(engine) == {"1"}
    board.step = failing_after("look", ForbiddenError("403"))
    sent(engine, board)
    assert unsure(engine) == {"1"}, "that nothing was sent now settles nothing"
    board.step = lambda _: None
    sent(engine, board)
    assert unsure(engine) == set()
    assert len(board.comments[slot("1")]) == 1


@pytest.mark.parametrize("error", [ForbiddenError("403"), RetryableError("no answer")])
def test_an_error_that_proves_that_nothing_was_sent_leaves_nothing_unsure(
    engine: Engine, error: Exception
) -> None:
    board = SlotBoard(step=failing_after("look", error))
    wish(engine, comment("1"))
    assert [(d.error, d.is_write) for d in sent(engine, board)] == [(str(error), False)]
    assert unsure(engine) == set()


def test_a_write_that_is_put_off_is_no_attempt(engine: Engine) -> None:
    board = SlotBoard(step=failing_after("before post", DeferredError("near the limit")))
    wish(engine, comment("1"))
    for _ in range(ATTEMPTS + 1):
        (ended,) = sent(engine, board)
        assert (ended.error, ended.put_off, ended.is_write) == (None, "near the limit", False)
    with engine.connect() as connection:
        (pending,) = outbox.deliveries(connection)
        assert outbox.writes_since(connection, NOW) == 0
    assert (pending.attempts, pending.last_error, pending.is_unsure) == (0, "near the limit", False)
    board.step = lambda _: None
    assert [d.error for d in sent(engine, board)] == [None]


@pytest.mark.parametrize("error", [AuthenticationError("401"), BlockedError("blocked")])
def test_a_site_that_closes_in_mid_delivery_costs_no_delivery_an_attempt(
    engine: Engine, error: Exception
) -> None:
    board, other = SlotBoard(), SlotBoard()
    there = replace(comment("9"), slot=replace(slot("9"), source="jira2"))
    wish(engine, comment("1"), comment("2"), comment("3"), there)
    asked: list[str] = []

    def step(name: str) -> None:
        asked.append(name)
        if asked.count("look") == 2 and name == "look":
            raise error

    board.step = step
    job = Post(engine=engine, sinks={"jira": board, "jira2": other}, run_id="r1", now=lambda: NOW)
    ended = deliver(job)
    assert [(d.error, bool(d.put_off)) for d in ended] == [
        (None, False),
        (str(error), False),
        (None, True),
        (None, False),
    ]
    assert asked.count("look") == 2, "the third was not tried"
    with engine.connect() as connection:
        assert [(d.attempts, d.is_unsure) for d in outbox.deliveries(connection)] == [(0, False), (0, False)]


@pytest.mark.parametrize(
    "lie",
    [
        lambda r: replace(r, digest="other"),
        lambda r: replace(r, slot=replace(r.slot, issue_id="7")),
        lambda r: replace(r, target="tandem.status"),
    ],
)
def test_a_receipt_for_something_else_is_not_believed(
    engine: Engine, lie: Callable[[Receipt], Receipt]
) -> None:
    wish(engine, comment("1"))
    (ended,) = sent(engine, SlotBoard(lies=lie))
    assert "receipt" in (ended.error or "")
    assert receipts(engine) == {}
    assert unsure(engine) == {"1"}


def test_a_doubt_is_not_delivered_but_makes_the_next_wish_unsure(engine: Engine) -> None:
    board = SlotBoard()
    wish(engine, comment("1"))
    sent(engine, board)
    (receipt,) = receipts(engine).values()
    with engine.begin() as connection:
        outbox.doubt(connection, receipt, "two of ours", now=NOW)
    assert sent(engine, board) == ()
    assert unsure(engine) == {"1"}
    wish(engine, comment("1"))
    assert [d.delivery.is_unsure for d in sent(engine, board)] == [True]
    assert unsure(engine) == set()


def test_a_comment_that_was_touched_counts_as_put_back_when_it_stands_again(engine: Engine) -> None:
    board = SlotBoard()
    wish(engine, comment("1"))
    with engine.begin() as connection:
        seen = slots.Sight(slot=slot("1"), checked_at=NOW, touch=slots.Touch.DELETED, since=NOW)
        slots.keep(connection, seen)
    sent(engine, board)
    with engine.connect() as connection:
        sight = slots.all_sights(connection)[slot("1")]
    assert (sight.touch, sight.since, sight.reposts) == (None, None, 1)


def test_what_our_writes_change_on_an_issue_is_dated_by_the_tools_clock(engine: Engine) -> None:
    other = replace(slot("1"), commitment_key="other")
    with engine.begin() as connection:
        for one in (other, slot("2")):
            slots.keep(connection, slots.Sight(slot=one, checked_at=NOW))
    wish(engine, comment("1"))
    deliver(replace(post(engine, SlotBoard()), skew_s=lambda _: 7200.0))
    with engine.connect() as connection:
        seen = slots.all_sights(connection)
    ahead = NOW + timedelta(hours=2) + GRAIN
    assert (seen[slot("1")].checked_at, seen[other].checked_at) == (ahead, ahead)
    assert seen[slot("2")].checked_at == NOW


def test_a_slot_in_which_another_process_writes_is_put_off(engine: Engine) -> None:
    lease.acquired(engine, lease.slot_name(slot("1")), now=NOW, holder="elsewhere 1")
    wish(engine, comment("1"), comment("2"))
    board = SlotBoard()
    ended = sent(engine, board)
    assert [(d.error, "elsewhere 1" in (d.put_off or "")) for d in ended] == [(None, True), (None, False)]
    assert unsure(engine) == set()


def test_slot_leases_leave_no_rows_behind(engine: Engine) -> None:
    wish(engine, comment("1"), comment("2"))
    sent(engine, SlotBoard(refuses={"2": ForbiddenError("403")}))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM leases")).scalar_one() == 0


@pytest.mark.parametrize(
    "step", ["look", "before delete", "after delete", "before post", "after post", "receipt"]
)
def test_a_process_that_slept_while_another_took_over_writes_nothing_more(engine: Engine, step: str) -> None:
    """The sleeper's leases run out at ``step``; from there on neither the store nor the tool hears of it."""
    board = SlotBoard()
    wish(engine, comment("1", "old"))
    sent(engine, board)
    site = lease.acquired(engine, "site:jira", now=NOW, holder="sleeper 1")
    wish(engine, comment("1", "new", Announce.NOTIFY))
    kept, done = receipts(engine), []

    def take_over(name: str) -> None:
        if name == step:
            lease.acquired(engine, "site:jira", now=NOW + lease.TERM, holder="elsewhere 1")
            done.extend(board.writes)

    board.step, board.writes = take_over, []
    sleeper = replace(post(engine, board), guard=lambda c: lease.hold(c, [site], now=NOW))
    with pytest.raises(LeaseLostError):
        deliver(sleeper)
    assert board.writes == done
    assert receipts(engine) == kept
    assert unsure(engine) == begun_by(step)
