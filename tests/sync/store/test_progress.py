"""Cursors never go back and never run ahead, also when a host's clock was wrong; runs and sightings in the order of a clock that was."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, event
from store_builders import NOW, SCOPE, note_run

from connectors.cursor import Cursor
from connectors.port import Completeness, Scope, Verdict
from sync.core.finding import Severity, Sight
from sync.store import progress, sightings

TWO_HOURS = timedelta(hours=2)
SIGHT = Sight(severity=Severity.HIGH, says="so", evidence=())


def kept(engine: Engine, *cursors: Cursor, now: object = None) -> Cursor:
    with engine.begin() as connection:
        for cursor in cursors:
            progress.keep_cursor(connection, SCOPE, cursor, now=now)  # type: ignore[arg-type]
        return progress.cursor_of(connection, SCOPE, now=now)  # type: ignore[arg-type]


def test_a_cursor_comes_back_as_it_was_kept(engine: Engine) -> None:
    cursor = Cursor(read_to=NOW, walk_started_at=NOW, position="p", tips=(("main", "a1"),))
    assert kept(engine, cursor, now=NOW) == cursor


def test_a_cursor_never_goes_back(engine: Engine) -> None:
    assert kept(engine, Cursor(read_to=NOW), Cursor(read_to=NOW - TWO_HOURS), now=NOW).read_to == NOW


def test_a_cursor_from_the_future_is_read_anew_and_put_right(engine: Engine) -> None:
    ahead = NOW + TWO_HOURS
    assert kept(engine, Cursor(read_to=ahead), now=ahead).read_to == ahead
    with engine.connect() as connection:
        assert progress.cursor_of(connection, SCOPE, now=NOW) == Cursor()
    assert kept(engine, Cursor(read_to=NOW), now=NOW).read_to == NOW
    with engine.connect() as connection:
        assert progress.cursor_of(connection, SCOPE).read_to == NOW


def test_a_walk_from_the_future_is_begun_again(engine: Engine) -> None:
    walk = Cursor(read_to=NOW - TWO_HOURS, walk_started_at=NOW + TWO_HOURS, position="p9")
    assert kept(engine, walk, now=NOW) == Cursor(read_to=NOW - TWO_HOURS)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(minutes=10)])
def test_clocks_of_two_hosts_may_differ_a_little(engine: Engine, ahead: timedelta) -> None:
    assert kept(engine, Cursor(read_to=NOW + ahead), now=NOW).read_to == NOW + ahead


def test_a_clock_that_was_behind_reads_some_things_twice_and_loses_nothing(engine: Engine) -> None:
    behind = NOW - TWO_HOURS
    assert kept(engine, Cursor(read_to=behind), now=behind).read_to == behind
    assert kept(engine, now=NOW).read_to == behind


def seen(engine: Engine, now: object, *fingerprints: str) -> dict[str, object]:
    with engine.begin() as connection:
        found = [
            SimpleNamespace(fingerprint=f, rule="S01", commitment_key="k", sight=SIGHT) for f in fingerprints
        ]
        sightings.see(connection, found, unjudged=frozenset(), now=now)  # type: ignore[arg-type]
        return dict(sightings.first_seen(connection))


def test_a_findings_age_begins_when_it_is_first_seen(engine: Engine) -> None:
    seen(engine, NOW, "f1")
    assert seen(engine, NOW + TWO_HOURS, "f1", "f2") == {"f1": NOW, "f2": NOW + TWO_HOURS}


def test_a_finding_from_the_future_begins_its_age_when_it_is_seen_next(engine: Engine) -> None:
    seen(engine, NOW + TWO_HOURS, "f1")
    assert seen(engine, NOW, "f1") == {"f1": NOW}
    assert seen(engine, NOW + timedelta(minutes=15), "f1") == {"f1": NOW}


def test_a_finding_that_comes_back_begins_a_new_age(engine: Engine) -> None:
    seen(engine, NOW, "f1")
    assert seen(engine, NOW + timedelta(hours=1)) == {}
    assert seen(engine, NOW + TWO_HOURS, "f1") == {"f1": NOW + TWO_HOURS}


def test_good_runs_are_those_that_read_and_did_not_fail(engine: Engine) -> None:
    with engine.begin() as connection:
        note_run(connection, "old", ended=-TWO_HOURS)
        note_run(connection, "partial", outcome="partial", command="worker")
        for outcome in ("failed", "held"):
            note_run(connection, outcome, ended=TWO_HOURS, outcome=outcome)
        note_run(connection, "apply", ended=TWO_HOURS, command="apply")
        assert [r.id for r in progress.good_runs(connection, limit=9)] == ["partial", "old"]


def scope_of(partition: str, stream: str = "issues") -> Scope:
    return Scope(source="jira", stream=stream, partition=partition)


def test_many_cursors_are_kept_as_each_alone_would_be(engine: Engine) -> None:
    before = {scope_of("A"): Cursor(read_to=NOW), scope_of("B"): Cursor(read_to=NOW, tips=(("main", "a1"),))}
    news = {
        scope_of("A"): Cursor(read_to=NOW - TWO_HOURS, position="7", walk_started_at=NOW),
        scope_of("B"): Cursor(read_to=NOW + timedelta(minutes=1)),
        scope_of("C"): Cursor(walk_started_at=NOW),
    }
    with engine.begin() as connection:
        progress.keep_cursors(connection, before, now=NOW)
        progress.keep_cursors(connection, news, now=NOW)
        progress.keep_cursors(connection, {}, now=NOW)
        found = progress.cursors_among(connection, (*news, scope_of("D")), now=NOW)
    assert found == news | {scope_of("A"): Cursor(read_to=NOW, position="7", walk_started_at=NOW)}


def test_a_cursor_that_is_as_it_was_is_not_written(engine: Engine) -> None:
    kept = {scope_of("A"): Cursor(read_to=NOW), scope_of("B"): Cursor(read_to=NOW)}
    written: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        written.extend([statement] * statement.startswith("INSERT"))

    event.listen(engine, "before_cursor_execute", note)
    with engine.begin() as connection:
        progress.keep_cursors(connection, kept, now=NOW)
        progress.keep_cursors(connection, kept, now=NOW)
        assert len(written) == 1
        progress.keep_cursors(connection, kept | {scope_of("B"): Cursor(read_to=NOW, position="7")}, now=NOW)
        assert len(written) == 2
        assert progress.cursor_of(connection, scope_of("B")).position == "7"


def test_cursors_of_many_scopes_are_looked_up_some_hundreds_at_a_time(engine: Engine) -> None:
    scopes = [scope_of(str(number)) for number in range(700)]
    with engine.begin() as connection:
        progress.keep_cursors(connection, dict.fromkeys(scopes, Cursor(read_to=NOW)))
        found = progress.cursors_among(connection, (*scopes, scope_of("1", "versions")))
    assert found.keys() == set(scopes)


def test_cursors_of_streams_that_are_parted_alike_are_looked_up_by_one_question(engine: Engine) -> None:
    issues = [scope_of(partition) for partition in "AB"]
    reaches = [scope_of(partition, "reach of issues") for partition in "AB"]
    alone = scope_of("A", "versions")
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    with engine.begin() as connection:
        kept = dict.fromkeys((*issues, reaches[0], alone), Cursor(read_to=NOW))
        progress.keep_cursors(connection, kept | {scope_of("B", "versions"): Cursor(position="7")})
        event.listen(engine, "before_cursor_execute", note)
        found = progress.cursors_among(connection, (*issues, *reaches, alone))
    assert found == kept
    assert len(asked) == 2


def test_verdicts_are_kept_together_and_an_incomplete_one_keeps_when_its_scope_was_whole(
    engine: Engine,
) -> None:
    later = NOW + TWO_HOURS
    whole = [Verdict(scope=scope_of(p), completeness=Completeness.COMPLETE, at=NOW) for p in "AB"]
    news = [
        Verdict(scope=scope_of("A"), completeness=Completeness.PARTIAL, at=later, reason="503"),
        Verdict(scope=scope_of("B"), completeness=Completeness.COMPLETE, at=later),
        Verdict(scope=scope_of("C"), completeness=Completeness.FORBIDDEN, at=later, reason="403"),
    ]
    with engine.begin() as connection:
        progress.keep_verdicts(connection, whole)
        progress.keep_verdicts(connection, news)
        progress.keep_verdicts(connection, ())
        found = {v.scope.partition: v for v in progress.all_verdicts(connection)}
    assert found == {"A": replace(news[0], at=NOW), "B": news[1], "C": news[2]}
