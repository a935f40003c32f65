from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from connectors.commands import Announce, Visibility
from connectors.port import Completeness
from sync.core.actions import (
    COMMENT,
    ActionKind,
    DeliveredState,
    comment_action,
    property_action,
    visibility_of,
)
from sync.core.finding import Severity
from sync.core.judged import told_of
from sync.core.plan import plan_for
from sync.core.progress import Counts
from sync.core.status import Agreement, Health

pytestmark = pytest.mark.pure
ISSUE = ("jira", "10001", "PAY-1")


@pytest.fixture(scope="session")
def after(make):
    """The action for ``now`` where ``before`` was delivered."""

    def action(before, now, **options):
        given = make.options()
        state = make.applied(plan_for([before], DeliveredState(), given), DeliveredState())
        return comment_action(now, ISSUE, state, make.options(**options))

    return action


def test_where_nothing_stands_a_comment_is_created_and_notifies(make):
    action = comment_action(make.judged(), ISSUE, DeliveredState(), make.options())
    assert (action.kind, action.before, action.command.announce) == (ActionKind.CREATE, None, Announce.NOTIFY)
    assert (action.after, action.told) == (action.command.body, told_of(make.judged()))
    assert (action.slot, action.issue_key, action.target) == (make.slot(), "PAY-1", COMMENT)


def test_where_nothing_changed_nothing_is_done(make, after):
    action = after(make.judged([make.finding()]), make.judged([make.finding()]))
    assert (action.kind, action.command, action.told) == (ActionKind.NO_OP, None, None)
    assert action.after == action.before


def test_another_health_replaces_the_comment(make, after):
    action = after(make.judged(), make.judged(health=Health.DONE))
    assert (action.kind, action.command.announce, action.why) == (
        ActionKind.REPLACE,
        Announce.NOTIFY,
        "health was on track",
    )


@pytest.mark.parametrize("severity", [Severity.HIGH, Severity.CRITICAL])
def test_a_new_loud_finding_replaces_the_comment(make, after, severity):
    known = make.finding("S02")
    action = after(make.judged([known]), make.judged([known, make.finding("S09", severity)]))
    assert (action.kind, action.why) == (ActionKind.REPLACE, f"new: S09 {severity.word}")


def test_a_finding_that_grows_to_high_replaces_the_comment(make, after):
    before = make.judged([make.finding(severity=Severity.WARNING)])
    assert after(before, make.judged([make.finding()])).kind is ActionKind.REPLACE


@pytest.mark.parametrize("severity", [Severity.NOTICE, Severity.WARNING])
def test_a_new_mild_finding_is_a_silent_edit(make, after, severity):
    known = make.finding("S02")
    action = after(make.judged([known]), make.judged([known, make.finding("S05", severity)]))
    assert (action.kind, action.command.announce) == (ActionKind.UPDATE, Announce.SILENT)
    assert action.why == "silent: findings changed"


def test_a_loud_finding_that_goes_away_is_a_silent_edit(make, after):
    one, other = make.finding("S01"), make.finding("S02")
    assert after(make.judged([one, other]), make.judged([one])).kind is ActionKind.UPDATE


def test_progress_is_a_silent_edit(make, after):
    action = after(make.judged(), make.judged(counts=Counts(delivered=32, in_review=5, to_do=7)))
    assert (action.kind, action.why) == (ActionKind.UPDATE, "silent: progress only")


def test_another_title_is_a_silent_edit(make, after):
    action = after(make.judged(), make.judged(commitment={"title": "New name"}))
    assert (action.kind, action.why) == (ActionKind.UPDATE, "silent: wording, dates or readers only")


def test_changed_readers_are_written(make, after):
    action = after(make.judged(), make.judged(), visibility={"role": "Developers"})
    assert action.kind is ActionKind.UPDATE
    assert action.command.visibility == Visibility(kind="role", name="Developers")
    assert action.told.readers == "role:Developers"


def test_without_memory_of_what_was_told_the_comment_is_edited_silently(make):
    state = make.applied(plan_for([make.judged()], DeliveredState(), make.options()), DeliveredState())
    action = comment_action(make.judged(health=Health.DONE), ISSUE, replace(state, told={}), make.options())
    assert action.kind is ActionKind.UPDATE


def test_an_unknown_commitment_is_blocked_and_keeps_its_comment(make, after):
    blind = make.verdict("commits", "214", Completeness.FORBIDDEN, reason="GitLab project 214 answers 403")
    unknown = make.judged(health=Health.UNKNOWN, agreement=Agreement.UNKNOWN, blind_spots=(blind,))
    action = after(make.judged(), unknown)
    assert (action.kind, action.command) == (ActionKind.BLOCKED, None)
    assert action.why == "unknown: gitlab/commits/214: GitLab project 214 answers 403"
    assert action.after == action.before


def test_a_long_list_of_failing_scopes_is_cut(make):
    blind = tuple(make.verdict("commits", str(n), Completeness.PARTIAL) for n in range(5))
    unknown = make.judged(health=Health.UNKNOWN, blind_spots=blind)
    action = comment_action(unknown, ISSUE, DeliveredState(), make.options())
    assert action.why == "unknown: gitlab/commits/0, gitlab/commits/1, gitlab/commits/2 …: partial"


def test_each_reason_of_blindness_is_said_once_and_only_three_of_them(make):
    blind = tuple(
        replace(make.verdict("commits", str(n), Completeness.PARTIAL), reason=f"reason {n // 2}")
        for n in range(8)
    )
    action = comment_action(
        make.judged(health=Health.UNKNOWN, blind_spots=blind), ISSUE, DeliveredState(), make.options()
    )
    assert action.why == (
        "unknown: gitlab/commits/0, gitlab/commits/1: reason 0; gitlab/commits/2, gitlab/commits/3: reason 1; "
        "gitlab/commits/4, gitlab/commits/5: reason 2; and 1 more"
    )


def test_the_property_is_created_then_left_alone_then_updated(make):
    first = property_action([make.judged()], ISSUE, DeliveredState())
    assert (first.kind, first.command.key, first.slot.commitment_key) == (
        ActionKind.CREATE,
        "tandem.status",
        "*",
    )
    state = make.applied(plan_for([make.judged()], DeliveredState(), make.options()), DeliveredState())
    assert property_action([make.judged()], ISSUE, state).kind is ActionKind.NO_OP
    assert property_action([make.judged(counts=Counts())], ISSUE, state).kind is ActionKind.NO_OP
    assert property_action([make.judged([make.finding()])], ISSUE, state).kind is ActionKind.UPDATE


def test_the_property_of_an_issue_with_only_unknown_commitments_is_blocked(make):
    unknown = make.judged(
        health=Health.UNKNOWN, blind_spots=(make.verdict("commits", "1", Completeness.PARTIAL),)
    )
    action = property_action([unknown], ISSUE, DeliveredState())
    assert (action.kind, action.why) == (ActionKind.BLOCKED, "unknown: gitlab/commits/1: partial")


def test_the_property_keeps_the_entry_of_an_unknown_commitment_beside_a_known_one(make):
    a, b = make.judged(commitment={"key": "a"}), make.judged(commitment={"key": "b"})
    options = make.options({"a": (ISSUE,), "b": (ISSUE,)})
    state = make.applied(plan_for([a, b], DeliveredState(), options), DeliveredState())
    unknown = make.judged(commitment={"key": "a"}, health=Health.UNKNOWN)
    changed = make.judged([make.finding(commitment_key="b")], commitment={"key": "b"})
    action = property_action([unknown, changed], ISSUE, state)
    entries = json.loads(action.command.value)["commitments"]
    assert {key: entry["health"] for key, entry in entries.items()} == {"a": "on_track", "b": "at_risk"}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({}, None),
        ({"role": "Dev"}, Visibility(kind="role", name="Dev")),
        ({"group": "staff"}, Visibility(kind="group", name="staff")),
    ],
)
def test_visibility_is_a_role_or_a_group(make, spec, expected):
    assert visibility_of(make.options(visibility=spec).write.visibility) == expected
    assert visibility_of(None) is None
