"""Deliver: each command once, a failing one alone, a dead letter after five attempts."""

from datetime import UTC, datetime

from engine_fakes import SlotBoard
from sqlalchemy import Engine

from connectors.commands import Announce, CommentCommand, Slot
from connectors.errors import ForbiddenError
from sync.engine.deliver import ATTEMPTS, Delivered, Post, deliver
from sync.store import outbox

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def comment(issue_id: str) -> CommentCommand:
    slot = Slot(source="jira", issue_id=issue_id, commitment_key="pay-core-2")
    return CommentCommand(
        slot=slot, body=f"about {issue_id}", digest=f"d{issue_id}", announce=Announce.SILENT
    )


def wish(engine: Engine, *commands: CommentCommand) -> None:
    with engine.begin() as connection:
        outbox.enqueue(connection, [(c, None) for c in commands], now=NOW)


def sent(engine: Engine, board: SlotBoard) -> tuple[Delivered, ...]:
    return deliver(Post(engine=engine, sinks={"jira": board}, run_id="r1", now=lambda: NOW))


def test_what_is_delivered_leaves_the_outbox(engine: Engine) -> None:
    board = SlotBoard()
    wish(engine, comment("1"), comment("2"))
    assert [d.error for d in sent(engine, board)] == [None, None]
    assert sent(engine, board) == ()
    assert sorted(board.written.values()) == ["about 1", "about 2"]


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


def test_every_attempt_is_in_the_audit_trail(engine: Engine) -> None:
    wish(engine, comment("1"), comment("2"))
    sent(engine, SlotBoard(refuses={"2": ForbiddenError("403")}))
    with engine.connect() as connection:
        assert outbox.writes_since(connection, NOW) == 2
