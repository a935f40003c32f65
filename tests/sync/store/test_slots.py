"""Slots as they were last seen: kept, put back once, moved on by our own writes, given back."""

from datetime import UTC, datetime, timedelta

from engine_fakes import an_issue, page
from msgspec.structs import replace
from sqlalchemy import Engine

from connectors.commands import Slot
from connectors.port import Scope
from connectors.records import Ref
from sync.core.condition import Touch
from sync.store import records, slots
from sync.store.slots import Sight

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
SLOT = Slot(source="jira", issue_id="1", commitment_key="pay-core-2")
EDITED = Sight(slot=SLOT, checked_at=NOW, touch=Touch.EDITED, since=NOW)


def sight(engine: Engine, slot: Slot = SLOT) -> Sight:
    with engine.connect() as connection:
        return slots.all_sights(connection)[slot]


def keep(engine: Engine, *seen: Sight) -> None:
    with engine.begin() as connection:
        for one in seen:
            slots.keep(connection, one)


def test_a_sight_comes_out_as_it_went_in_and_a_newer_one_replaces_it(engine: Engine) -> None:
    keep(engine, EDITED)
    assert sight(engine) == EDITED
    standing = Sight(slot=SLOT, checked_at=LATER)
    keep(engine, standing)
    assert sight(engine) == standing


def test_writing_where_a_person_touched_counts_as_putting_back_and_only_there(engine: Engine) -> None:
    with engine.begin() as connection:
        slots.written(connection, SLOT, at=NOW)
    assert sight(engine).reposts == 0
    keep(engine, EDITED)
    assert not sight(engine).is_left_alone
    for _ in range(2):
        with engine.begin() as connection:
            slots.written(connection, SLOT, at=LATER)
    assert sight(engine) == Sight(slot=SLOT, checked_at=LATER, reposts=1)


def test_a_slot_touched_after_ours_was_put_back_is_left_alone_until_it_is_given_back(engine: Engine) -> None:
    keep(engine, replace(EDITED, reposts=1))
    assert sight(engine).is_left_alone
    with engine.begin() as connection:
        slots.give_back(connection, [SLOT])
    assert sight(engine) == EDITED


def test_our_own_writes_move_the_slots_of_their_issue_on_and_never_back(engine: Engine) -> None:
    sibling, stranger = replace(SLOT, commitment_key="b"), replace(SLOT, issue_id="2")
    keep(engine, EDITED, Sight(slot=sibling, checked_at=LATER), Sight(slot=stranger, checked_at=NOW))
    with engine.begin() as connection:
        slots.moved_on(connection, SLOT, at=NOW + timedelta(minutes=1))
    assert sight(engine) == replace(EDITED, checked_at=NOW + timedelta(minutes=1))
    assert sight(engine, sibling).checked_at == LATER
    assert sight(engine, stranger).checked_at == NOW


def test_only_living_issues_have_an_instant_of_change(engine: Engine) -> None:
    scope = Scope(source="jira", stream="issues", partition="PAY")
    with engine.begin() as connection:
        records.land(connection, scope, page(an_issue("1"), an_issue("2", updated_at=LATER)), now=NOW)
        records.bury(connection, [Ref(source="jira", kind="issue", id="1")], now=NOW)
        assert slots.issues_updated(connection) == {("jira", "2"): LATER}
