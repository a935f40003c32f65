"""Records survive the store unchanged; the same page twice leaves the same store."""

import types
import typing
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from record_builders import approval, mr, note, notes
from sqlalchemy import Engine, text

from connectors.cursor import Cursor
from connectors.port import Page, Scope
from connectors.records import (
    RECORD_TYPES,
    Issue,
    IssueLink,
    KeyAlias,
    LinkDirection,
    Note,
    Record,
    Ref,
    Worklog,
)
from mappings.observed import Gone
from sync.store import records

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SCOPE = Scope(source="jira", stream="issues", partition="PAY")


def an_issue(**given_values: object) -> Issue:
    values: dict[str, typing.Any] = {
        "source": "jira",
        "id": "10001",
        "key": "PAY-1",
        "project_key": "PAY",
        "title": "Retry settlement",
        "type": "Bug",
        "status": "Done",
        "status_category": "done",
        "created_at": NOW,
        "updated_at": NOW,
        "url": "https://jira.example/browse/PAY-1",
    }
    return Issue(**{**values, **given_values})


def page(*found: Record, gone: tuple[Ref, ...] = (), aliases: tuple[KeyAlias, ...] = ()) -> Page:
    return Page(records=found, cursor=Cursor(), gone=gone, aliases=aliases)


def landed(engine: Engine, what: Page) -> int:
    with engine.begin() as connection:
        return records.land(connection, SCOPE, what, now=NOW)


def stored(engine: Engine) -> tuple[Record, ...]:
    with engine.connect() as connection:
        return records.all_records(connection)


_SHORT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=5)
_SCALARS: dict[type, st.SearchStrategy[object]] = {
    str: st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    int: st.integers(-(2**60), 2**60),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False),
    date: st.dates(),
    datetime: st.integers(0, 4_000_000_000_000_000).map(
        lambda us: datetime.fromtimestamp(0, UTC) + timedelta(microseconds=us)
    ),
}
_NOTE = st.builds(
    Note,
    id=_SHORT,
    thread_id=_SHORT,
    created_at=_SCALARS[datetime],
    updated_at=_SCALARS[datetime],
    author_id=st.none() | _SHORT,
    author_name=st.none() | _SHORT,
    is_author_bot=st.booleans(),
    is_system=st.booleans(),
    is_resolvable=st.booleans(),
    is_resolved=st.booleans(),
)
_TUPLES: dict[object, st.SearchStrategy[object]] = {
    tuple[str, ...]: st.lists(_SHORT, max_size=3).map(tuple),
    tuple[tuple[str, str], ...]: st.lists(st.tuples(_SHORT, _SHORT), max_size=3).map(tuple),
    tuple[tuple[str, int], ...]: st.lists(st.tuples(_SHORT, st.integers(0, 999)), max_size=3).map(tuple),
    tuple[tuple[str, tuple[str, ...]], ...]: st.just((("Team", ("a", "b")), ("中文", ()))),
    tuple[Note, ...]: st.lists(_NOTE, max_size=3).map(tuple),
    tuple[IssueLink, ...]: st.just(
        (IssueLink(type="Blocks", direction=LinkDirection.INWARD, other_id="7", other_key="PAY-7"),)
    ),
}


def _values_of(annotation: object) -> st.SearchStrategy[object]:
    if isinstance(annotation, types.UnionType):
        kind = next(a for a in typing.get_args(annotation) if a is not types.NoneType)
        return st.none() | _values_of(kind)
    if annotation in _TUPLES:
        return _TUPLES[annotation]
    return _SCALARS[typing.cast("type", annotation)]


def _any_record(record_type: type[Record]) -> st.SearchStrategy[Record]:
    hints = typing.get_type_hints(record_type)
    return st.builds(record_type, **{name: _values_of(hints[name]) for name in record_type.__struct_fields__})


@pytest.mark.parametrize("record_type", RECORD_TYPES, ids=lambda t: t.kind)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_kind_of_record_comes_back_as_it_went_in(
    engine: Engine, record_type: type[Record], data: st.DataObject
) -> None:
    record = data.draw(_any_record(record_type))
    landed(engine, page(record))
    assert record in stored(engine)


def test_the_same_page_twice_changes_nothing_the_second_time(engine: Engine) -> None:
    assert landed(engine, page(an_issue(), an_issue(id="2", key="PAY-2"))) == 2
    before = stored(engine)
    assert landed(engine, page(an_issue(), an_issue(id="2", key="PAY-2"))) == 0
    assert stored(engine) == before


def test_a_record_twice_in_one_page_is_one_record_the_later_one(engine: Engine) -> None:
    landed(engine, page(an_issue(title="old"), an_issue(title="new")))
    assert [i.title for i in stored(engine) if isinstance(i, Issue)] == ["new"]


def test_a_changed_record_replaces_the_former_one(engine: Engine) -> None:
    landed(engine, page(an_issue()))
    assert landed(engine, page(an_issue(title="New title", status="To Do"))) == 1
    assert stored(engine) == (an_issue(title="New title", status="To Do"),)


def test_an_instant_in_another_zone_is_the_same_instant(engine: Engine) -> None:
    shanghai = timezone(timedelta(hours=8))
    landed(engine, page(an_issue(created_at=NOW.astimezone(shanghai))))
    assert stored(engine) == (an_issue(),)


def test_a_time_without_zone_is_refused(engine: Engine) -> None:
    with pytest.raises(Exception, match="no time zone"):
        landed(engine, page(an_issue(created_at=NOW.replace(tzinfo=None))))


def test_a_gone_record_is_kept_as_a_tombstone_and_comes_back_when_it_is_seen_again(engine: Engine) -> None:
    landed(engine, page(an_issue()))
    landed(engine, page(gone=(an_issue().ref,)))
    assert stored(engine) == ()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM issue_records")).scalar_one() == 1
    assert landed(engine, page(an_issue())) == 1
    assert stored(engine) == (an_issue(),)


def test_an_old_key_is_kept_when_the_issue_moves(engine: Engine) -> None:
    landed(engine, page(an_issue(), aliases=(KeyAlias(source="jira", key="PAY-1", issue_id="10001"),)))
    moved = KeyAlias(source="jira", key="RISK-9", issue_id="10001")
    landed(engine, page(an_issue(key="RISK-9"), aliases=(moved,)))
    with engine.connect() as connection:
        assert {a.key: a.issue_id for a in records.all_aliases(connection)} == {
            "PAY-1": "10001",
            "RISK-9": "10001",
        }


def alias(key: str, issue_id: str, source: str = "jira") -> KeyAlias:
    return KeyAlias(source=source, key=key, issue_id=issue_id)


def test_of_two_sightings_of_a_key_the_later_counts_however_often_they_are_seen(engine: Engine) -> None:
    for _ in range(2):
        landed(engine, page(aliases=(alias("PAY-1", "1"), alias("PAY-2", "2"), alias("PAY-1", "3"))))
        with engine.connect() as connection:
            found = {a.key: a.issue_id for a in records.all_aliases(connection)}
        assert found == {"PAY-1": "3", "PAY-2": "2"}


def test_the_same_key_on_two_sites_names_two_issues(engine: Engine) -> None:
    for _ in range(2):
        landed(engine, page(aliases=(alias("PAY-1", "1"), alias("PAY-1", "1", "other"))))
        with engine.connect() as connection:
            assert {a.source for a in records.all_aliases(connection)} == {"jira", "other"}


def test_a_key_that_is_known_is_not_written_again(server_engine: Engine) -> None:
    seen = page(aliases=tuple(alias(f"PAY-{n}", str(n)) for n in range(700)))
    versions = "SELECT ctid::text FROM aliases ORDER BY key"
    landed(server_engine, seen)
    with server_engine.connect() as connection:
        before = connection.execute(text(versions)).scalars().all()
    landed(server_engine, seen)
    with server_engine.connect() as connection:
        assert connection.execute(text(versions)).scalars().all() == before
    assert len(before) == 700


def test_more_records_than_fit_one_statement_all_land(engine: Engine) -> None:
    assert landed(engine, page(*(an_issue(id=str(n), key=f"PAY-{n}") for n in range(1, 1202)))) == 1201
    with engine.connect() as connection:
        assert len(records.live_ids(connection, source="jira", kind="issue", partition="PAY")) == 1201


def test_text_that_no_database_should_break_on_comes_back(engine: Engine) -> None:
    nasty = "Robert'); DROP TABLE issue_records;-- \u202e 修复 🚀"
    landed(engine, page(an_issue(title=nasty)))
    assert stored(engine) == (an_issue(title=nasty),)


def test_what_no_database_can_hold_becomes_the_replacement_character(engine: Engine) -> None:
    landed(engine, page(an_issue(title="a\0b\ud800c", labels=("x\ud83d",))))
    assert stored(engine) == (an_issue(title="a\ufffdb\ufffdc", labels=("x\ufffd",)),)


def a_worklog(id_: str) -> Worklog:
    return Worklog(
        source="jira", id=id_, issue_id="10001", started_at=NOW, spent_s=3600, created_at=NOW, updated_at=NOW
    )


def test_what_belongs_to_an_issue_is_buried_with_it_and_comes_back_with_it(engine: Engine) -> None:
    issue, worklog = an_issue(), a_worklog("7")
    landed(engine, page(issue, worklog))
    landed(engine, page(gone=(issue.ref,)))
    assert stored(engine) == ()
    landed(engine, page(issue))
    assert set(stored(engine)) == {issue, worklog}


def test_a_worklog_that_was_deleted_by_itself_stays_gone_when_its_issue_comes_back(engine: Engine) -> None:
    issue, deleted, kept = an_issue(), a_worklog("7"), a_worklog("8")
    landed(engine, page(issue, deleted, kept))
    with engine.begin() as connection:
        records.bury(connection, (deleted.ref,), now=NOW - timedelta(days=1))
    landed(engine, page(gone=(issue.ref,)))
    landed(engine, page(issue))
    assert set(stored(engine)) == {issue, kept}


def test_what_was_asked_of_a_merge_request_is_buried_with_it_and_comes_back_with_it(engine: Engine) -> None:
    parts = approval(1), notes(1, note())
    landed(engine, page(mr(1), *parts, mr(2), approval(2)))
    landed(engine, page(gone=(mr(1).ref,)))
    assert set(stored(engine)) == {mr(2), approval(2)}
    landed(engine, page(mr(1)))
    assert set(stored(engine)) == {mr(1), mr(2), approval(2), *parts}


def test_notes_that_are_read_again_take_the_place_of_those_before(engine: Engine) -> None:
    before = notes(1, note(NOW), note(NOW + timedelta(hours=1)))
    landed(engine, page(before))
    assert landed(engine, page(before)) == 0
    after = notes(1, note(NOW, is_resolved=True))
    assert landed(engine, page(after)) == 1
    assert stored(engine) == (after,)


def test_what_is_gone_is_told_as_it_was_read_last_until_it_comes_back(engine: Engine) -> None:
    one, other = an_issue(status="In Review"), an_issue(id="10002", key="PAY-2")
    landed(engine, page(one, other))
    landed(engine, page(gone=(one.ref,)))
    with engine.connect() as connection:
        assert records.all_gone(connection) == (Gone(issue=one, noticed_at=NOW),)
    landed(engine, page(one))
    with engine.connect() as connection:
        assert records.all_gone(connection) == ()
