"""Looking whether people touched our comments: what is looked at, what was found, and what a failed look says (nothing)."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from engine_fakes import SlotBoard, an_issue, page
from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.commands import (
    Announce,
    CommentCommand,
    ObservedComment,
    PropertyCommand,
    Receipt,
    Slot,
    marker_of,
)
from connectors.errors import AuthenticationError, BlockedError, NotFoundError, RetryableError, TandemError
from connectors.port import Scope
from sync.core.condition import Touch
from sync.engine.slots import EVERY, Found, Inspection, found_in, inspect, is_due
from sync.store import outbox, records, slots
from sync.store.slots import Sight

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SLOT = Slot(source="jira", issue_id="1", commitment_key="pay")
DIGEST = "a" * 16
BODY = f"AT RISK\n| a | b |\n{marker_of('pay', DIGEST)}"
RECEIPT = Receipt(slot=SLOT, target="comment", digest=DIGEST, body=BODY, delivered_at=NOW, remote_id="10")
OURS = ObservedComment(remote_id="10", body=BODY, digest=DIGEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """Comments as they were found, and what that means."""

    name: str
    comments: tuple[ObservedComment, ...]
    found: Found


CASES = (
    Case(name="as written", comments=(OURS,), found=Found.STANDING),
    Case(name="none", comments=(), found=Found.DELETED),
    Case(name="line ends changed by the tool", comments=(replace(OURS, body=BODY.replace("\n", "\r\n") + "\n "),), found=Found.STANDING),
    Case(name="text changed by the tool under our name", comments=(replace(OURS, body=BODY.replace("|", "||")),), found=Found.STANDING),
    Case(name="text edited by another", comments=(replace(OURS, body="x\n" + BODY, is_edited_by_other=True),), found=Found.EDITED),
    Case(name="edited by another and put right again", comments=(replace(OURS, is_edited_by_other=True),), found=Found.STANDING),
    Case(name="marker removed under our name", comments=(replace(OURS, body="AT RISK", digest=None),), found=Found.EDITED),
    Case(name="digest forged by another", comments=(replace(OURS, body="x", digest="b" * 16, is_edited_by_other=True),), found=Found.EDITED),
    Case(name="emptied by another", comments=(replace(OURS, body="", digest=None, is_edited_by_other=True),), found=Found.EDITED),
    Case(name="two of ours", comments=(OURS, replace(OURS, remote_id="11")), found=Found.EXTRAS),
    Case(name="another of ours only", comments=(replace(OURS, remote_id="11"),), found=Found.EXTRAS),
    Case(name="newer than the store", comments=(replace(OURS, body=BODY.replace("a" * 16, "b" * 16), digest="b" * 16),), found=Found.EXTRAS),
    Case(name="edited, and another of ours", comments=(replace(OURS, body="x", digest=None), replace(OURS, remote_id="11")), found=Found.EDITED),
)  # fmt: skip


@pytest.mark.pure
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_what_was_found_is_told_from_receipt_and_comments(case: Case) -> None:
    assert found_in(RECEIPT, case.comments) is case.found


SEEN = Sight(slot=SLOT, checked_at=NOW)


@pytest.mark.pure
@pytest.mark.parametrize(
    ("sight", "updated", "now", "due"),
    [
        (None, NOW, NOW, True),
        (SEEN, NOW, NOW, False),
        (SEEN, NOW + timedelta(milliseconds=1), NOW, True),
        (SEEN, NOW, NOW + EVERY - timedelta(seconds=1), False),
        (SEEN, NOW, NOW + EVERY, True),
        (SEEN, NOW, NOW - EVERY, True),
        (SEEN, NOW, NOW - timedelta(hours=5), False),
    ],
)
def test_a_slot_is_looked_at_once_its_issue_changed_or_a_day_went_by(
    sight: Sight | None, updated: datetime, now: datetime, due: bool
) -> None:
    assert is_due(sight, updated_at=updated, tool_now=now) is due


@dataclass
class Stage:
    """A store with comments that were delivered, on issues that can change, and a clock."""

    engine: Engine
    board: SlotBoard
    now: datetime = NOW
    skew_s: float = 0.0
    errors: dict[str, TandemError] = field(default_factory=dict)

    def deliver(self, *receipts: Receipt) -> None:
        with self.engine.begin() as connection:
            for receipt in receipts:
                command = CommentCommand(
                    slot=receipt.slot, body=receipt.body, digest=receipt.digest, announce=Announce.SILENT
                )
                outbox.enqueue(connection, [(command, None)], now=NOW)
                (delivery,) = outbox.deliveries(connection)
                outbox.delivered(connection, (delivery, receipt))
                slots.written(connection, receipt.slot, at=NOW)
                self.board.comments[receipt.slot] = [
                    replace(OURS, remote_id=receipt.remote_id or "", body=receipt.body)
                ]

    def change(self, *issue_ids: str) -> None:
        """The issues change now by the tool's clock, and that is read."""
        at = self.now + timedelta(seconds=self.skew_s)
        scope = Scope(source="jira", stream="issues", partition="PAY")
        with self.engine.begin() as connection:
            issues = (an_issue(id_, updated_at=at) for id_ in issue_ids)
            records.land(connection, scope, page(*issues), now=NOW)

    def inspect(self) -> int:
        self.board.looks.clear()
        return inspect(
            Inspection(
                engine=self.engine,
                sinks={"jira": self.board},
                now=lambda: self.now,
                skew_s=lambda _: self.skew_s,
            )
        )

    def later(self, **by: float) -> None:
        self.now += timedelta(**by)

    @property
    def sight(self) -> Sight:
        with self.engine.connect() as connection:
            return slots.all_sights(connection)[SLOT]


@pytest.fixture
def stage(engine: Engine) -> Stage:
    stage = Stage(engine=engine, board=SlotBoard())
    stage.deliver(RECEIPT)
    stage.change("1")
    return stage


def test_what_stands_and_did_not_change_is_not_looked_at(stage: Stage) -> None:
    assert stage.inspect() == 0
    stage.later(minutes=5)
    assert stage.inspect() == 0


@pytest.mark.parametrize("skew_s", [0.0, 7200.0, -7200.0])
def test_a_changed_issue_is_looked_at_once_whatever_the_tools_clock_says(stage: Stage, skew_s: float) -> None:
    stage.skew_s = skew_s
    stage.later(hours=3)
    stage.change("1")
    assert (stage.inspect(), stage.inspect()) == (1, 0)
    stage.later(minutes=1)
    stage.change("1")
    assert (stage.inspect(), stage.inspect()) == (1, 0)


def test_a_tool_whose_clock_is_ahead_unknown_to_us_does_not_make_us_look_again_and_again(
    stage: Stage,
) -> None:
    stage.skew_s = 7200.0
    stage.later(minutes=5)
    stage.change("1")
    stage.skew_s = 0.0
    assert [stage.inspect() for _ in range(3)] == [1, 0, 0]


def test_every_comment_is_looked_at_once_a_day(stage: Stage) -> None:
    stage.later(hours=24)
    assert (stage.inspect(), stage.inspect()) == (1, 0)


def test_a_touch_is_noticed_once_and_keeps_its_age(stage: Stage) -> None:
    stage.board.comments[SLOT] = []
    stage.later(minutes=5)
    stage.change("1")
    stage.inspect()
    noticed = stage.now
    assert (stage.sight.touch, stage.sight.since, stage.sight.reposts) == (Touch.DELETED, noticed, 0)
    stage.later(hours=25)
    stage.inspect()
    assert (stage.sight.touch, stage.sight.since) == (Touch.DELETED, noticed)
    stage.board.comments[SLOT] = [replace(OURS, body="x", digest=None)]
    stage.later(hours=25)
    stage.inspect()
    assert (stage.sight.touch, stage.sight.since) == (Touch.EDITED, stage.now)
    stage.board.comments[SLOT] = [OURS]
    stage.later(hours=25)
    stage.inspect()
    assert (stage.sight.touch, stage.sight.since) == (None, None)


@pytest.mark.parametrize("error", [RetryableError("html"), NotFoundError("404"), BlockedError("x")])
def test_a_look_that_fails_says_nothing_and_is_tried_again(stage: Stage, error: TandemError) -> None:
    def step(_: str) -> None:
        raise error

    stage.board.comments[SLOT] = []
    stage.board.step = step
    stage.later(minutes=5)
    stage.change("1")
    before = stage.sight
    stage.inspect()
    assert stage.sight == before
    stage.board.step = lambda _: None
    stage.inspect()
    assert stage.sight.touch is Touch.DELETED


@pytest.mark.parametrize("error", [AuthenticationError("401"), BlockedError("403")])
def test_a_site_that_closes_is_asked_no_more(stage: Stage, error: TandemError) -> None:
    def step(_: str) -> None:
        raise error

    stage.deliver(replace(RECEIPT, slot=replace(SLOT, issue_id="2")))
    stage.later(minutes=5)
    stage.change("1", "2")
    stage.board.step = step
    assert stage.inspect() == 1
    assert len(stage.board.looks) == 1


def test_our_own_removal_is_never_taken_for_a_persons(stage: Stage) -> None:
    """A replacement was killed between its removal and its post: the slot is empty, and the delivery is unsure."""
    with stage.engine.begin() as connection:
        command = CommentCommand(slot=SLOT, body="new", digest="b" * 16, announce=Announce.NOTIFY)
        outbox.enqueue(connection, [(command, None)], now=NOW)
        (delivery,) = outbox.deliveries(connection)
        outbox.begin(connection, delivery)
    stage.board.comments[SLOT] = []
    stage.later(hours=25)
    assert stage.inspect() == 0
    assert stage.sight.touch is None


def test_extra_comments_of_ours_make_the_place_unsure(stage: Stage) -> None:
    stage.board.comments[SLOT].append(replace(OURS, remote_id="11"))
    stage.later(hours=25)
    stage.inspect()
    assert stage.sight.touch is None
    with stage.engine.connect() as connection:
        assert outbox.unsure_in(connection) == {(SLOT, "comment")}
    stage.later(hours=25)
    assert stage.inspect() == 0, "what is unsure is the next delivery's to look at"


def test_properties_and_comments_on_issues_that_are_gone_are_not_looked_at(stage: Stage) -> None:
    status = PropertyCommand(
        slot=replace(SLOT, commitment_key="*"), key="tandem.status", value="{}", digest="p"
    )
    with stage.engine.begin() as connection:
        outbox.enqueue(connection, [(status, None)], now=NOW)
        (delivery,) = outbox.deliveries(connection)
        property_ = replace(RECEIPT, slot=status.slot, target=status.key, digest="p", remote_id=None)
        outbox.delivered(connection, (delivery, property_))
        records.bury(connection, [an_issue("1").ref], now=NOW)
    stage.later(hours=25)
    assert stage.inspect() == 0


def test_a_comment_written_before_looks_were_kept_is_looked_at(stage: Stage) -> None:
    with stage.engine.begin() as connection:
        connection.execute(slots.slots.delete())
    assert (stage.inspect(), stage.inspect()) == (1, 0)
