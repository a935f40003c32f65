"""What people and programs are told of plans and runs: nothing that was held, kept, put off or given up goes unsaid."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from connectors.commands import Receipt, Slot
from connectors.port import Completeness
from sync.core.actions import DeliveredState
from sync.core.condition import Condition, Touch, TouchedSlot
from sync.core.finding import Severity
from sync.core.progress import Counts
from sync.core.status import Agreement, Health
from sync.core.told import Told
from sync.engine.deliver import Delivered
from sync.engine.run import Outcome
from sync.reports import aftermath, noticed, outcome, status
from sync.reports import plan as plan_view
from sync.store.outbox import ATTEMPTS, Delivery
from sync.store.progress import Run
from tests import builders

pytestmark = pytest.mark.pure

SLOT = Slot(source="jira", issue_id=builders.number_of("PAY-1"), commitment_key="pay-2.0")
GONE = Slot(source="jira", issue_id="77", commitment_key="old-1.0")
RUN = Run(
    id="r1",
    command="sync",
    started_at=builders.NOW,
    finished_at=builders.NOW + timedelta(seconds=2),
    outcome="complete",
)
BLIND = builders.verdict("issues", "PAY", completeness=Completeness.PARTIAL, reason="502 [bold]")
LEFT = Condition(
    touched=(TouchedSlot(slot=SLOT, touch=Touch.EDITED, since=builders.NOW, is_left_alone=True),),
    dead=(builders.dead_letter("PAY-1", "comment", builders.NOW),),
)


def receipts(slot: Slot = SLOT) -> dict[tuple[Slot, str], Receipt]:
    given = Receipt(slot=slot, target="comment", digest="0" * 16, body="old", delivered_at=builders.NOW)
    return {(slot, "comment"): given}


def told(number: int) -> Told:
    findings = tuple((f"{n:016}", Severity.NOTICE.word) for n in range(number))
    return Told(
        health=Health.ON_TRACK,
        agreement=Agreement.AGREED,
        counts=Counts(),
        findings=findings,
        member_keys=(),
    )


def ended(plan: Any, **how: Any) -> Delivered:
    """The plan's first write as it ended."""
    given: dict[str, Any] = {
        "told": None,
        "state": "pending",
        "last_error": None,
        "attempts": how.pop("attempts", 0),
    }
    at = {"created_at": builders.NOW, "updated_at": builders.NOW}
    return Delivered(delivery=Delivery(id=1, command=plan.commands[0], **given, **at), **how)


def lines(text: str, *words: str) -> Iterable[str]:
    return [line for line in text.splitlines() if all(word in line for word in words)]


def test_a_plan_shows_what_is_left_alone_and_why(view) -> None:
    state = DeliveredState(receipts=receipts(), touched={SLOT: LEFT.touched[0]})
    text = view["printed"](plan_view.view_of(view["plan"](view["judging"](), state)))
    assert lines(text, "! left", "PAY-1", "edited by a person again after ours was put back")


def test_a_plan_shows_its_cautions_and_how_to_go_on(view) -> None:
    plan = view["plan"](view["judging"](), DeliveredState(told={GONE: told(12)}), breaker={"max_slots": 0})
    text = view["printed"](plan_view.view_of(plan))
    assert lines(text, "caution", "it writes 1 comments, more than write.breaker.max_slots (0)")
    assert lines(text, "caution", "it withdraws 12 of the 12 findings told so far")
    assert lines(text, "old-1.0 is no longer in the mapping; its comment stays as it is")
    assert lines(text, "tandem sync", "--i-have-read-the-plan")


def test_a_plan_that_only_forgets_says_how_to_go_on_too(view) -> None:
    nothing = replace(view["judging"](), judged=())
    plan = view["plan"](nothing, DeliveredState(told={GONE: told(12)}))
    text = view["printed"](plan_view.view_of(plan))
    assert lines(text, "Nothing to write, but see the caution above", "tandem sync --i-have-read-the-plan")


def test_a_plan_without_cautions_says_nothing_of_them(view) -> None:
    text = view["printed"](plan_view.view_of(view["plan"](view["judging"]())))
    assert "caution" not in text
    assert "--i-have-read-the-plan" not in text


def test_a_held_run_says_what_was_held_why_where_to_look_and_how_to_go_on(view) -> None:
    judging = view["judging"]()
    plan = view["plan"](judging, breaker={"max_slots": 0})
    held = Outcome(run=replace(RUN, outcome="held"), judging=judging, plan=plan, held=plan.cautions)
    text = view["printed"](outcome.view_of(held))
    assert lines(text, "caution", "write.breaker.max_slots (0)")
    assert lines(
        text, "held", "2 writes not made", "tandem plan --diff", "tandem sync", "--i-have-read-the-plan"
    )
    assert lines(text, "held: 0 requests")
    assert outcome.document_of(held)["held"] == list(plan.cautions)


def test_commitments_that_keep_their_comment_because_something_is_unknown_are_named(view) -> None:
    judging = view["judging"](verdicts=[BLIND])
    blind = Outcome(
        run=RUN,
        verdicts=(BLIND,),
        judging=judging,
        plan=view["plan"](judging, DeliveredState(receipts=receipts())),
    )
    assert aftermath.kept_of(blind) == {"unknown: jira/issues/PAY: 502 [bold]": ("pay-2.0",)}
    text = view["printed"](outcome.view_of(blind))
    assert lines(text, "kept", "the last comment of pay-2.0", "502 [bold]")
    assert outcome.document_of(blind)["kept"] == [
        {"commitments": ["pay-2.0"], "reason": "unknown: jira/issues/PAY: 502 [bold]"}
    ]


def test_an_unknown_commitment_without_a_comment_keeps_none(view) -> None:
    judging = view["judging"](verdicts=[BLIND])
    assert aftermath.kept_of(Outcome(run=RUN, judging=judging, plan=view["plan"](judging))) == {}


def test_what_was_put_off_is_no_failure_and_is_said(view) -> None:
    plan = view["plan"](view["judging"]())
    waits = Outcome(run=RUN, plan=plan, delivered=(ended(plan, put_off="jira is near its limit"),))
    text = view["printed"](outcome.view_of(waits))
    assert lines(text, "put off", str(SLOT), "jira is near its limit")
    assert lines(text, "0 writes, 1 put off")
    document = outcome.document_of(waits)
    assert document["put_off_writes"] == [{"slot": str(SLOT), "reason": "jira is near its limit"}]
    assert document["failed_writes"] == []


def test_dead_letters_are_those_from_before_and_those_that_fell_in_this_run(view) -> None:
    judging = view["judging"](condition=LEFT)
    fell = replace(judging, world=dataclasses.replace(judging.world, condition=Condition()))
    plan = view["plan"](judging)
    last = ended(plan, error="403", attempts=ATTEMPTS - 1)
    of = {
        "from before": Outcome(run=RUN, judging=judging, plan=plan),
        "taken up": Outcome(run=RUN, judging=judging, plan=plan, delivered=(ended(plan),)),
        "fell": Outcome(run=RUN, judging=fell, plan=plan, delivered=(last,)),
        "failed once": Outcome(run=RUN, judging=fell, plan=plan, delivered=(ended(plan, error="403"),)),
        "no judgement": Outcome(run=RUN),
    }
    assert {name: len(aftermath.dead_after(one)) for name, one in of.items()} == {
        "from before": 1,
        "taken up": 0,
        "fell": 1,
        "failed once": 0,
        "no judgement": 0,
    }
    assert lines(view["printed"](outcome.view_of(of["fell"])), "given up", "1 write", "tandem outbox list")
    assert outcome.document_of(of["fell"])["dead_letters"] == 1


def test_a_dead_letter_whose_place_stands_as_it_should_is_none_any_more(view) -> None:
    judging = view["judging"](condition=replace(LEFT, touched=()))
    wanted = view["plan"](judging).commands[0]
    stands = Receipt(
        slot=SLOT, target="comment", digest=wanted.digest, body=wanted.body, delivered_at=builders.NOW
    )
    plan = view["plan"](judging, DeliveredState(receipts={(SLOT, "comment"): stands}))
    assert aftermath.dead_after(Outcome(run=RUN, judging=judging, plan=plan)) == frozenset()
    held = Outcome(run=RUN, judging=judging, plan=plan, held=("why",))
    assert len(aftermath.dead_after(held)) == 1


def test_what_the_engine_noticed_of_itself_is_said_in_runs_and_status_with_what_to_do(view) -> None:
    judging = view["judging"](condition=LEFT, verdicts=[BLIND])
    text = view["printed"](outcome.view_of(Outcome(run=RUN, judging=judging)))
    assert lines(text, "X02", "it is left alone", "-> Agree with whoever touched it")
    assert lines(text, "X03", "5 attempts failed")
    assert not lines(text, "X01")
    assert [f.rule for f in noticed.own_of(judging.judgement.findings)] == ["X03", "X02"]
    document = status.document_of(judging.judged, judging)
    assert document["commitments"][0]["left_alone"] == [str(SLOT)]
    assert [f["rule"] for f in document["noticed"]] == ["X03", "X02"]


def test_what_is_suppressed_is_not_said(view) -> None:
    quiet = {"rule": "X02", "reason": "trial", "owner": "Li Wei", "until": "2026-12-01"}
    judging = view["judging"](condition=LEFT, mapping={"suppressions": [quiet]})
    assert [f.rule for f in noticed.own_of(judging.judgement.findings)] == ["X03"]
