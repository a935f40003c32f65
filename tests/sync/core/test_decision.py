"""What is to happen in a slot after something happened there: a write that broke off, a person's hand, too many new comments."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from connectors.commands import Announce
from sync.core.actions import ActionKind, DeliveredState, comment_action, property_action
from sync.core.condition import Touch, TouchedSlot
from sync.core.finding import Severity, State
from sync.core.plan import plan_for
from sync.core.progress import Counts
from sync.core.status import Health
from sync.core.status_property import PROPERTY_KEY

pytestmark = pytest.mark.pure
ISSUE = ("jira", "10001", "PAY-1")


@pytest.fixture(scope="session")
def after(make):
    """The comment's action for ``now`` where ``before`` was delivered and ``happened`` since."""

    def action(before, now, *, new_comments_per_day=3, **happened):
        state = make.applied(plan_for([before], DeliveredState(), make.options()), DeliveredState())
        options = make.options(new_comments_per_day=new_comments_per_day)
        return comment_action(now, ISSUE, replace(state, **happened), options)

    return action


def touched(make, touch, *, is_left_alone=False):
    one = TouchedSlot(slot=make.slot(), touch=touch, since=make.NOW, is_left_alone=is_left_alone)
    return {make.slot(): one}


def test_a_place_whose_last_write_broke_off_is_looked_after_though_nothing_changed(make, after):
    action = after(make.judged(), make.judged(), unsure=frozenset({(make.slot(), "comment")}))
    assert (action.kind, action.command.announce) == (ActionKind.UPDATE, Announce.SILENT)
    assert action.why == "the last write broke off: look and put right"


def test_an_unsure_place_with_news_is_replaced_as_ever(make, after):
    action = after(
        make.judged(), make.judged(health=Health.DONE), unsure=frozenset({(make.slot(), "comment")})
    )
    assert (action.kind, action.why) == (ActionKind.REPLACE, "health was on track")


def test_an_unsure_place_of_another_slot_or_target_is_nothing_to_this_one(make, after):
    unsure = frozenset({(make.slot("other"), "comment"), (make.slot(), PROPERTY_KEY)})
    assert after(make.judged(), make.judged(), unsure=unsure).kind is ActionKind.NO_OP


def test_an_unsure_property_is_looked_after_though_nothing_changed(make):
    state = make.applied(plan_for([make.judged()], DeliveredState(), make.options()), DeliveredState())
    action = property_action(
        [make.judged()], ISSUE, replace(state, unsure=frozenset({(make.slot("*"), PROPERTY_KEY)}))
    )
    assert (action.kind, action.why) == (ActionKind.UPDATE, "the last write broke off: look and put right")
    assert action.command.value == action.before


def test_an_unsure_place_stays_blocked_while_its_commitment_is_unknown(make, after):
    unsure = frozenset({(make.slot(), "comment")})
    action = after(make.judged(), make.judged(health=Health.UNKNOWN), unsure=unsure)
    assert (action.kind, action.command) == (ActionKind.BLOCKED, None)


def test_what_a_person_edited_is_put_back_silently(make, after):
    action = after(make.judged(), make.judged(), touched=touched(make, Touch.EDITED))
    assert (action.kind, action.command.announce) == (ActionKind.UPDATE, Announce.SILENT)
    assert action.why == "edited by a person, put back once"


def test_what_a_person_deleted_is_posted_again(make, after):
    action = after(make.judged(), make.judged(), touched=touched(make, Touch.DELETED))
    assert (action.kind, action.before) == (ActionKind.CREATE, None)
    assert action.why == "deleted by a person, put back once"


def test_news_about_an_edited_comment_still_notify_and_say_both(make, after):
    action = after(make.judged(), make.judged(health=Health.DONE), touched=touched(make, Touch.EDITED))
    assert (action.kind, action.why) == (
        ActionKind.REPLACE,
        "edited by a person, put back once; health was on track",
    )


@pytest.mark.parametrize("touch", Touch)
@pytest.mark.parametrize("health", [Health.ON_TRACK, Health.DONE, Health.UNKNOWN])
def test_what_was_touched_again_after_ours_was_put_back_is_left_alone_whatever_is_to_be_said(
    make, after, touch, health
):
    action = after(
        make.judged(), make.judged(health=health), touched=touched(make, touch, is_left_alone=True)
    )
    assert (action.kind, action.command, action.told) == (ActionKind.LEFT, None, None)
    assert action.why == (
        f"{touch.value} by a person again after ours was put back: left alone until: tandem outbox retry PAY-1"
    )
    assert action.after == action.before


def test_a_slot_that_is_left_alone_keeps_its_issues_property_up_to_date(make):
    options = make.options()
    state = make.applied(plan_for([make.judged()], DeliveredState(), options), DeliveredState())
    state = replace(state, touched=touched(make, Touch.EDITED, is_left_alone=True))
    plan = plan_for([make.judged([make.finding()])], state, options)
    assert [a.kind.value for a in plan.actions] == ["left", "update"]
    assert plan.counts["left"] == 1


def test_news_beyond_the_days_new_comments_are_edited_in_silently(make, after):
    news = make.judged(health=Health.DONE)
    loud = {("jira", "10001"): 3, ("jira", "10002"): 9}
    action = after(make.judged(), news, loud_today=loud)
    assert (action.kind, action.command.announce) == (ActionKind.UPDATE, Announce.SILENT)
    assert action.why == "silent, the issue has had its 3 new comments today: health was on track"
    assert action.told.health is Health.DONE
    assert after(make.judged(), news, loud_today={("jira", "10001"): 2}).kind is ActionKind.REPLACE
    assert after(make.judged(), news, loud_today={("jira", "10002"): 9}).kind is ActionKind.REPLACE
    assert after(make.judged(), news, new_comments_per_day=0).kind is ActionKind.UPDATE


def test_a_first_comment_is_posted_whatever_else_was_posted_there_today(make):
    state = DeliveredState(loud_today={("jira", "10001"): 50})
    assert comment_action(make.judged(), ISSUE, state, make.options()).kind is ActionKind.CREATE


def test_a_deleted_comment_is_put_back_beyond_the_days_new_comments(make, after):
    action = after(
        make.judged(),
        make.judged(health=Health.DONE),
        touched=touched(make, Touch.DELETED),
        loud_today={("jira", "10001"): 3},
    )
    assert action.kind is ActionKind.CREATE


def test_what_broke_off_goes_first_within_the_write_budget(make):
    options = make.options({key: (("jira", key, f"PAY-{n}"),) for n, key in enumerate("abc", 1)})
    judged = [make.judged(commitment={"key": key}) for key in "abc"]
    state = make.applied(plan_for(judged, DeliveredState(), options), DeliveredState())
    unsure = frozenset({(make.slot("*", "b"), PROPERTY_KEY), (make.slot("c", "c"), "comment")})
    news = [make.judged(commitment={"key": "a"}, health=Health.DONE), *judged[1:]]
    given = replace(options, write=options.write.model_copy(update={"max_writes_per_run": 2}))
    plan = plan_for(news, replace(state, written_today=0, unsure=unsure), given)
    assert [(a.slot.issue_id, a.target) for a in plan.actions if a.command] == [
        ("b", PROPERTY_KEY),
        ("c", "comment"),
    ]
    assert [a.kind.value for a in plan.actions if a.slot.issue_id == "a"] == ["deferred", "deferred"]


def test_counts_of_a_slot_that_is_unsure_and_changed_are_edited_in(make, after):
    action = after(
        make.judged(),
        make.judged(counts=Counts(delivered=9)),
        unsure=frozenset({(make.slot(), "comment")}),
    )
    assert (action.kind, action.why) == (ActionKind.UPDATE, "silent: progress only")


ACKNOWLEDGED = {"state": State.ACKNOWLEDGED}


def test_a_flapping_or_acknowledged_finding_that_returns_notifies_nobody(make, after):
    for state in (State.ACKNOWLEDGED, State.FLAPPING):
        muted = make.judged([make.finding(state=state)], heard=Health.ON_TRACK)
        action = after(make.judged(), muted)
        assert (action.kind, action.command.announce) == (ActionKind.UPDATE, Announce.SILENT)
        assert after(muted, make.judged()).kind is ActionKind.UPDATE
    assert after(make.judged(), make.judged([make.finding()])).kind is ActionKind.REPLACE


def test_acknowledging_what_was_told_is_silent(make, after):
    told = make.judged([make.finding()])
    muted = make.judged([make.finding(**ACKNOWLEDGED)], heard=Health.ON_TRACK)
    assert after(told, muted).kind is not ActionKind.REPLACE


def test_other_news_beside_an_acknowledged_finding_still_notify(make, after):
    known = make.finding(**ACKNOWLEDGED)
    muted = make.judged([known], heard=Health.ON_TRACK)
    action = after(muted, make.judged([known, make.finding("S03")]))
    assert (action.kind, action.why) == (ActionKind.REPLACE, "new: S03 high")


def test_a_told_finding_that_gets_worse_notifies_again(make, after):
    worse = make.judged([make.finding(severity=Severity.CRITICAL)])
    assert after(make.judged([make.finding()]), worse).why == "new: S01 critical"
    assert after(worse, make.judged([make.finding()])).kind is ActionKind.UPDATE


@pytest.mark.parametrize("severity", Severity)
def test_only_high_and_critical_findings_notify(make, after, severity):
    news = make.judged([make.finding(severity=severity)], health=Health.ON_TRACK)
    assert (after(make.judged(), news).kind is ActionKind.REPLACE) is (severity >= Severity.HIGH)
