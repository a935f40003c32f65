"""The condition: touched slots, dead letters and sites as the store holds them."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from connectors.commands import Announce, CommentCommand, Slot
from connectors.port import Vitals
from sync.core.condition import Condition, DeadLetter, SiteVitals, Touch, TouchedSlot
from sync.store import outbox, slots
from sync.store.condition import condition_in, keep_vitals
from sync.store.slots import Sight

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def slot(id_: str) -> Slot:
    return Slot(source="jira", issue_id=id_, commitment_key="pay")


def condition(engine: Engine) -> Condition:
    with engine.connect() as connection:
        return condition_in(connection)


def test_a_new_store_is_in_no_condition(engine: Engine) -> None:
    assert condition(engine) == Condition()


def test_touched_slots_are_told_in_order_and_standing_ones_are_not(engine: Engine) -> None:
    with engine.begin() as connection:
        for id_, touch, reposts in (("9", Touch.DELETED, 1), ("10", Touch.EDITED, 0), ("3", None, 1)):
            seen = Sight(
                slot=slot(id_), checked_at=LATER, touch=touch, since=NOW if touch else None, reposts=reposts
            )
            slots.keep(connection, seen)
    assert condition(engine).touched == (
        TouchedSlot(slot=slot("10"), touch=Touch.EDITED, since=NOW, is_left_alone=False),
        TouchedSlot(slot=slot("9"), touch=Touch.DELETED, since=NOW, is_left_alone=True),
    )


def test_dead_letters_are_told_with_reason_attempts_and_age(engine: Engine) -> None:
    commands = [
        CommentCommand(slot=slot(id_), body="b", digest="d", announce=Announce.SILENT) for id_ in ("1", "2")
    ]
    with engine.begin() as connection:
        outbox.enqueue(connection, [(c, None) for c in commands], now=NOW)
        first, second = outbox.deliveries(connection)
        outbox.failed(connection, first, "403", is_dead=True, now=LATER)
        outbox.failed(connection, second, "503", is_dead=False, now=LATER)
    letter = DeadLetter(slot=slot("1"), target="comment", reason="403", attempts=1, since=LATER)
    assert condition(engine).dead == (letter,)


def test_a_site_is_told_as_last_seen_and_silence_says_nothing(engine: Engine) -> None:
    told = Vitals(skew_s=-1.5, token_expires_on=date(2027, 1, 1))
    with engine.begin() as connection:
        keep_vitals(connection, "jira", told, at=NOW)
        keep_vitals(connection, "gitlab", Vitals(skew_s=0.0), at=NOW)
        keep_vitals(connection, "jira", Vitals(), at=LATER)
        keep_vitals(connection, "gitlab", Vitals(skew_s=3.0), at=LATER)
    assert condition(engine).sites == (
        SiteVitals(source="gitlab", at=LATER, skew_s=3.0),
        SiteVitals(source="jira", at=NOW, skew_s=-1.5, token_expires_on=date(2027, 1, 1)),
    )
