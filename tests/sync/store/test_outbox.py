"""The outbox: one wish per place, receipts, dead letters, and the writes of the day."""

from datetime import UTC, datetime, timedelta

from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.commands import Announce, CommentCommand, PropertyCommand, Receipt, Slot, Visibility
from sync.store import outbox
from sync.store.outbox import AuditLine, Delivery

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SLOT = Slot(source="jira", issue_id="10001", commitment_key="pay-core-2")


def comment(digest: str = "d1") -> CommentCommand:
    return CommentCommand(
        slot=SLOT,
        body=f"body {digest} 中文",
        digest=digest,
        announce=Announce.NOTIFY,
        visibility=Visibility(kind="role", name="Devs"),
    )


def receipt(digest: str = "d1") -> Receipt:
    return Receipt(slot=SLOT, target="comment", digest=digest, body="b", delivered_at=NOW, remote_id="77")


def pending(engine: Engine) -> tuple[Delivery, ...]:
    with engine.connect() as connection:
        return outbox.deliveries(connection)


def enqueue(engine: Engine, *commands: CommentCommand | PropertyCommand) -> None:
    with engine.begin() as connection:
        outbox.enqueue(connection, [(c, '{"health":"done"}') for c in commands], now=NOW)


def test_commands_come_out_as_they_went_in(engine: Engine) -> None:
    status = PropertyCommand(slot=SLOT, key="tandem.status", value='{"version":1}', digest="p1")
    enqueue(engine, comment(), status)
    assert [d.command for d in pending(engine)] == [comment(), status]


def test_a_newer_wish_for_the_same_place_replaces_the_older_one(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    enqueue(engine, comment("d2"))
    assert [d.command.digest for d in pending(engine)] == ["d2"]


def test_a_delivery_leaves_the_outbox_and_keeps_receipt_and_what_was_told(engine: Engine) -> None:
    enqueue(engine, comment())
    (delivery,) = pending(engine)
    with engine.begin() as connection:
        outbox.delivered(connection, (delivery, receipt()))
    with engine.connect() as connection:
        assert outbox.all_receipts(connection) == {(SLOT, "comment"): receipt()}
        assert outbox.all_told(connection) == {SLOT: '{"health":"done"}'}
    assert pending(engine) == ()


def test_a_wish_that_came_during_the_delivery_stays(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    enqueue(engine, comment("d2"))
    with engine.begin() as connection:
        outbox.delivered(connection, (delivery, receipt("d1")))
    assert [d.command.digest for d in pending(engine)] == ["d2"]


def test_a_dead_letter_is_not_tried_but_stays_visible_until_there_is_something_new_to_say(
    engine: Engine,
) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    with engine.begin() as connection:
        outbox.failed(connection, delivery, "403", is_dead=True, now=NOW)
    assert pending(engine) == ()
    with engine.connect() as connection:
        (dead,) = outbox.deliveries(connection, state="dead")
    assert (dead.attempts, dead.last_error) == (1, "403")
    enqueue(engine, comment("d1"))
    assert pending(engine) == ()
    enqueue(engine, comment("d2"))
    assert [(d.command.digest, d.attempts) for d in pending(engine)] == [("d2", 0)]


def test_a_withdrawn_place_has_nothing_pending(engine: Engine) -> None:
    enqueue(engine, comment())
    with engine.begin() as connection:
        outbox.withdraw(connection, [(SLOT, "comment")])
    assert pending(engine) == ()


def test_what_was_begun_is_not_taken_back_and_another_wish_inherits_the_doubt(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    with engine.begin() as connection:
        assert outbox.begin(connection, delivery)
        outbox.withdraw(connection, [(SLOT, "comment")])
    enqueue(engine, comment("d2"))
    (after,) = pending(engine)
    assert (after.command.digest, after.is_unsure) == ("d2", True)
    with engine.connect() as connection:
        assert outbox.unsure_in(connection) == {(SLOT, "comment")}


def test_a_delivery_that_was_replaced_or_taken_out_is_not_begun(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    enqueue(engine, comment("d2"))
    with engine.begin() as connection:
        assert not outbox.begin(connection, delivery)
        outbox.withdraw(connection, [(SLOT, "comment")])
        assert not outbox.begin(connection, delivery)


def test_a_wish_that_came_during_a_delivery_is_sure_once_that_is_delivered(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    with engine.begin() as connection:
        outbox.begin(connection, delivery)
    enqueue(engine, comment("d2"))
    with engine.begin() as connection:
        outbox.delivered(connection, (delivery, receipt("d1")))
    assert [d.is_unsure for d in pending(engine)] == [False]


def test_a_failure_of_a_delivery_that_was_replaced_meanwhile_is_not_the_newer_ones(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    enqueue(engine, comment("d2"))
    with engine.begin() as connection:
        outbox.failed(connection, delivery, "403", is_dead=True, now=NOW)
        outbox.put_off(connection, delivery, "later", now=NOW)
    assert [(d.command.digest, d.attempts, d.last_error) for d in pending(engine)] == [("d2", 0, None)]


def test_putting_off_is_no_attempt_and_leaves_what_was_known(engine: Engine) -> None:
    enqueue(engine, comment("d1"))
    (delivery,) = pending(engine)
    with engine.begin() as connection:
        outbox.begin(connection, delivery)
        outbox.put_off(connection, delivery, "near the limit", now=NOW)
    (after,) = pending(engine)
    assert (after.attempts, after.last_error, after.is_unsure) == (0, "near the limit", False)


def test_a_doubt_waits_for_the_next_wish_and_is_never_taken_back(engine: Engine) -> None:
    with engine.begin() as connection:
        outbox.doubt(connection, receipt("d1"), "two of ours", now=NOW)
        outbox.withdraw(connection, [(SLOT, "comment")], state="doubt")
    assert pending(engine) == ()
    enqueue(engine, comment("d1"))
    assert [(d.command, d.is_unsure) for d in pending(engine)] == [(comment("d1"), True)]


def test_a_doubt_leaves_what_is_on_its_way(engine: Engine) -> None:
    enqueue(engine, comment("d2"))
    with engine.begin() as connection:
        outbox.doubt(connection, receipt("d1"), "two of ours", now=NOW)
    assert [(d.command, d.state, d.is_unsure) for d in pending(engine)] == [(comment("d2"), "pending", True)]


def test_what_was_told_is_forgotten_where_the_commitment_left(engine: Engine) -> None:
    enqueue(engine, comment())
    (delivery,) = pending(engine)
    with engine.begin() as connection:
        outbox.delivered(connection, (delivery, receipt()))
        outbox.forget_told(connection, [replace(SLOT, commitment_key="another")])
        assert set(outbox.all_told(connection)) == {SLOT}
        outbox.forget_told(connection, [SLOT])
        assert outbox.all_told(connection) == {}
        assert set(outbox.all_receipts(connection)) == {(SLOT, "comment")}


def test_loud_writes_are_counted_by_issue_whatever_the_source_is_called(engine: Engine) -> None:
    slots = [
        SLOT,
        replace(SLOT, commitment_key="other"),
        Slot(source="a/b", issue_id="7", commitment_key="x"),
    ]
    with engine.begin() as connection:
        for slot in slots:
            line = AuditLine(
                at=NOW, run_id="r", command=replace(comment(), slot=slot), outcome="delivered", is_write=True, is_loud=True
            )  # fmt: skip
            outbox.note(connection, line)
            outbox.note(connection, replace(line, is_loud=False))
        assert outbox.loud_since(connection, NOW) == {("jira", "10001"): 2, ("a/b", "7"): 1}
        assert outbox.loud_since(connection, NOW + timedelta(seconds=1)) == {}


def test_only_real_writes_since_the_instant_count_for_the_budget(engine: Engine) -> None:
    lines = [(NOW, True), (NOW, False), (NOW - timedelta(hours=1), True)]
    with engine.begin() as connection:
        for at, is_write in lines:
            outbox.note(
                connection,
                AuditLine(at=at, run_id="r", command=comment(), outcome="delivered", is_write=is_write),
            )
    with engine.connect() as connection:
        assert outbox.writes_since(connection, NOW) == 1


def test_many_are_begun_and_delivered_at_once_but_for_those_that_were_replaced_meanwhile(
    engine: Engine,
) -> None:
    wishes = [replace(comment(f"d{number}"), slot=replace(SLOT, issue_id=str(number))) for number in range(3)]
    with engine.begin() as connection:
        outbox.enqueue(connection, [(one, "said") for one in wishes], now=NOW)
        waiting = outbox.deliveries(connection)
        newer = replace(wishes[1], digest="newer")
        outbox.enqueue(connection, [(newer, "newer")], now=NOW)
        assert outbox.waiting_among(connection, waiting) == {waiting[0].id: False, waiting[2].id: False}
        assert outbox.begin(connection, *waiting) == {waiting[0].id, waiting[2].id}
        assert outbox.begin(connection) == frozenset()
        outbox.delivered(connection, *((one, replace(receipt(), slot=one.command.slot)) for one in waiting))
        (left,) = outbox.deliveries(connection)
        assert (left.command, left.is_unsure) == (newer, False)
        assert len(outbox.all_receipts(connection)) == 3
        assert len(outbox.all_told(connection)) == 3
