"""Pull: pages land with their cursors, a scope that fails stays behind alone, blindness is told apart from emptiness."""

from datetime import timedelta

import pytest
from engine_fakes import NOW, FakeConnector, ScriptedStream, an_issue, page
from msgspec.structs import replace
from sqlalchemy import Engine, event

from connectors.cursor import Cursor
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    ForbiddenError,
    NotFoundError,
    RetryableError,
    TandemError,
)
from connectors.port import Completeness, Page, Scope, Skipped, Verdict
from connectors.records import Branch, Project, Ref
from sync.engine.pull import REACH, Landed, Pull, pull
from sync.store import progress, records

PAY = Scope(source="jira", stream="issues", partition="PAY")


def reading(**script: tuple[Page | TandemError, ...]) -> FakeConnector:
    return FakeConnector(streams_=(ScriptedStream(script),))


def keys_in(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {r.id for r in records.all_records(connection)}


def verdicts_in(engine: Engine) -> dict[str, Verdict]:
    with engine.connect() as connection:
        return {str(v.scope): v for v in progress.all_verdicts(connection)}


def test_a_page_lands_with_its_cursor(engine: Engine, job: Pull) -> None:
    middle = Cursor(walk_started_at=NOW, position="1")
    pull(job, [reading(PAY=(page(an_issue("1"), cursor=middle), RetryableError("gone away")))])
    with engine.connect() as connection:
        assert progress.cursor_of(connection, PAY) == middle
    assert keys_in(engine) == {"1"}


def test_the_next_run_goes_on_from_the_kept_cursor(engine: Engine, job: Pull) -> None:
    middle = Cursor(walk_started_at=NOW, position="1")
    pull(job, [reading(PAY=(page(an_issue("1"), cursor=middle), RetryableError("gone away")))])
    again = ScriptedStream({"PAY": (page(an_issue("2")),)})
    pull(job, [FakeConnector(streams_=(again,))])
    assert [r.cursor for r in again.asked] == [middle]


def test_a_full_run_says_so_and_hands_over_what_was_known(engine: Engine, job: Pull) -> None:
    pull(job, [reading(PAY=(page(an_issue("1")),))])
    again = ScriptedStream({"PAY": (page(an_issue("1")),)})
    pull(replace(job, is_full=True), [FakeConnector(streams_=(again,))])
    assert [(r.cursor.read_to, r.is_full) for r in again.asked] == [(NOW, True)]


@pytest.mark.parametrize(
    ("error", "completeness"),
    [
        (RetryableError("503"), Completeness.PARTIAL),
        (ForbiddenError("403"), Completeness.FORBIDDEN),
        (NotFoundError("404"), Completeness.MISSING),
    ],
)
def test_a_scope_that_fails_is_unknown_and_the_others_go_on(
    engine: Engine, job: Pull, error: TandemError, completeness: Completeness
) -> None:
    found = pull(job, [reading(PAY=(error,), RISK=(page(an_issue("2")),))])
    assert {v.scope.partition: v.completeness for v in found} == {
        "PAY": completeness,
        "RISK": Completeness.COMPLETE,
    }
    assert keys_in(engine) == {"2"}
    assert verdicts_in(engine)["jira/issues/PAY"].reason == str(error)


def test_a_site_that_does_not_answer_is_one_verdict_and_the_other_site_is_read(
    engine: Engine, job: Pull
) -> None:
    down = FakeConnector(source="gitlab", refuses_login=RetryableError("no answer"))
    found = pull(job, [down, reading(PAY=(page(an_issue("1")),))])
    assert [(str(v.scope), v.is_complete) for v in found] == [
        ("gitlab/*/*", False),
        ("jira/issues/PAY", True),
    ]
    assert keys_in(engine) == {"1"}


def test_what_was_known_of_a_site_stays_while_it_is_down_and_its_failure_goes_when_it_is_back(
    engine: Engine, job: Pull
) -> None:
    site = reading(PAY=(page(an_issue("1")),))
    pull(job, [site])
    site.refuses_login = RetryableError("no answer")
    pull(job, [site])
    assert set(verdicts_in(engine)) == {"jira/issues/PAY", "jira/*/*"}
    assert keys_in(engine) == {"1"}
    site.refuses_login = None
    pull(job, [site])
    assert set(verdicts_in(engine)) == {"jira/issues/PAY"}


def test_refused_credentials_end_the_run_before_anything_is_read(engine: Engine, job: Pull) -> None:
    wrong = FakeConnector(source="gitlab", refuses_login=AuthenticationError("GitLab refused the token"))
    with pytest.raises(AuthenticationError, match="GitLab"):
        pull(job, [reading(PAY=(page(an_issue("1")),)), wrong])
    assert keys_in(engine) == set()


def test_an_incomplete_scope_keeps_the_instant_up_to_which_it_was_complete(engine: Engine, job: Pull) -> None:
    pull(job, [reading(PAY=(page(an_issue("1")),))])
    pull(replace(job, now=NOW + timedelta(hours=3)), [reading(PAY=(RetryableError("503"),))])
    assert verdicts_in(engine)["jira/issues/PAY"].at == NOW


def test_a_scope_that_left_the_mapping_leaves_the_verdicts(engine: Engine, job: Pull) -> None:
    pull(job, [reading(PAY=(ForbiddenError("403"),), RISK=(page(),))])
    pull(job, [reading(RISK=(page(),))])
    assert set(verdicts_in(engine)) == {"jira/issues/RISK"}


def test_a_malformed_record_is_counted_with_its_reason_and_the_page_lands(engine: Engine, job: Pull) -> None:
    seen: list[Landed] = []
    bad = Skipped(what="issue 7", reason="no status")
    pull(replace(job, watch=seen.append), [reading(PAY=(page(an_issue("1"), skipped=(bad,)),))])
    assert [(s.kinds, s.skipped) for s in seen] == [(("issue",), 1)]
    with engine.connect() as connection:
        assert progress.skipped_in(connection, "r1") == (("jira/issues/PAY", "issue 7", "no status"),)


def test_a_cursor_never_goes_back(engine: Engine) -> None:
    with engine.begin() as connection:
        progress.keep_cursor(connection, PAY, Cursor(read_to=NOW))
        progress.keep_cursor(connection, PAY, Cursor(read_to=NOW - timedelta(days=1)))
        assert progress.cursor_of(connection, PAY).read_to == NOW


def reaches(stream: ScriptedStream) -> list[timedelta]:
    return [request.reach for request in stream.asked]


def test_once_a_day_a_scope_is_read_with_a_long_reach(job: Pull) -> None:
    stream = ScriptedStream({"PAY": (page(an_issue("1")),)})
    for hours in (0, 1, 23, 24, 25, 47, 48):
        pull(replace(job, now=NOW + timedelta(hours=hours)), [FakeConnector(streams_=(stream,))])
    none = timedelta(0)
    assert reaches(stream) == [REACH, none, none, REACH, none, none, REACH]


def test_a_reach_that_broke_off_is_made_up_for_in_the_next_run(job: Pull) -> None:
    pull(job, [reading(PAY=(RetryableError("503"),))])
    stream = ScriptedStream({"PAY": (page(an_issue("1")),)})
    pull(replace(job, now=NOW + timedelta(hours=1)), [FakeConnector(streams_=(stream,))])
    assert reaches(stream) == [REACH]


def test_a_resumed_walk_does_not_count_as_one_with_a_long_reach(job: Pull) -> None:
    middle = Cursor(read_to=NOW, walk_started_at=NOW, position="1")
    pull(job, [reading(PAY=(page(an_issue("1"), cursor=middle), RetryableError("gone away")))])
    stream = ScriptedStream({"PAY": (page(an_issue("2")),)})
    for hours in (1, 2):
        pull(replace(job, now=NOW + timedelta(hours=hours)), [FakeConnector(streams_=(stream,))])
    assert reaches(stream) == [REACH, REACH]


@pytest.mark.parametrize(
    ("error", "completeness"),
    [
        (BlockedError("address blocked"), Completeness.PARTIAL),
        (AuthenticationError("the token was refused"), Completeness.FORBIDDEN),
    ],
)
def test_what_ends_a_whole_site_ends_its_other_scopes_unasked_and_no_other_site(
    engine: Engine, job: Pull, error: TandemError, completeness: Completeness
) -> None:
    first = ScriptedStream({"PAY": (error,), "RISK": (page(an_issue("2")),)})
    second = ScriptedStream({"PAY": (page(),)}, name="versions")
    other = FakeConnector(
        source="other", streams_=(ScriptedStream({"OPS": (page(an_issue("3", source="other")),)}),)
    )
    found = pull(job, [FakeConnector(streams_=(first, second)), other])
    ended = [v for v in found if v.scope.source == "jira"]
    assert {(v.completeness, v.reason) for v in ended} == {(completeness, str(error))}
    assert [str(v.scope) for v in ended] == ["jira/issues/PAY", "jira/issues/RISK", "jira/versions/PAY"]
    assert (len(first.asked), second.asked) == (1, [])
    assert keys_in(engine) == {"3"}


HOUR = timedelta(hours=1)


def later(job: Pull, minutes: int) -> Pull:
    return replace(job, now=NOW + timedelta(minutes=minutes), max_age=HOUR)


def test_a_scope_of_which_nothing_was_asked_stands_as_it_was_read(engine: Engine, job: Pull) -> None:
    pull(job, [reading(PAY=(page(an_issue("1")),), RISK=(page(an_issue("2")),))])
    before = verdicts_in(engine)
    idle = ScriptedStream({"PAY": (), "RISK": (page(),)})
    found = pull(later(job, 5), [FakeConnector(streams_=(idle,))])
    assert {v.scope.partition: v.at for v in found} == {"PAY": NOW, "RISK": NOW + timedelta(minutes=5)}
    assert verdicts_in(engine)[str(PAY)] == before[str(PAY)]
    with engine.connect() as connection:
        assert progress.cursor_of(connection, PAY).read_to == NOW
    assert [r.max_age for r in idle.asked] == [HOUR, HOUR]


@pytest.mark.parametrize("error", [RetryableError("503"), ForbiddenError("403"), NotFoundError("404")])
def test_what_was_not_read_to_its_end_must_be_asked_again(
    engine: Engine, job: Pull, error: TandemError
) -> None:
    pull(job, [reading(PAY=(page(an_issue("1")),))])
    pull(later(job, 5), [reading(PAY=(error,))])
    again = ScriptedStream({"PAY": (page(an_issue("1")),)})
    pull(later(job, 10), [FakeConnector(streams_=(again,))])
    assert [r.max_age for r in again.asked] == [timedelta(0)]


def test_what_was_never_read_must_be_asked(engine: Engine, job: Pull) -> None:
    first = ScriptedStream({"PAY": (page(an_issue("1")),)})
    pull(later(job, 0), [FakeConnector(streams_=(first,))])
    assert [r.max_age for r in first.asked] == [timedelta(0)]


def test_for_scopes_that_rest_nothing_is_written(engine: Engine, job: Pull) -> None:
    pull(job, [reading(PAY=(page(an_issue("1")),))])
    written: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if not statement.startswith(("SELECT", "PRAGMA", "BEGIN")):
            written.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    pull(later(job, 5), [FakeConnector(streams_=(ScriptedStream({"PAY": ()}),))])
    assert written == []


def a_project(id_: str) -> Project:
    return Project(source="jira", id=id_, path=f"team/{id_}", name=id_, url="https://x.test")


def a_branch(project_id: str) -> Branch:
    return Branch(
        source="jira",
        id=f"{project_id}/main",
        project_id=project_id,
        name="main",
        sha="a1",
        committed_at=NOW,
        url="https://x.test",
    )


def company(*gone: str) -> FakeConnector:
    refs = tuple(Ref(source="jira", kind="project", id=id_) for id_ in gone)
    there = [id_ for id_ in ("7", "8") if id_ not in gone]
    projects = ScriptedStream({"*": (page(*map(a_project, there), gone=refs),)}, name="projects")
    branches = ScriptedStream({id_: (page(a_branch(id_)),) for id_ in there}, name="commits")
    return FakeConnector(streams_=(projects, branches))


def test_a_deleted_project_takes_its_records_cursors_and_verdicts_along(engine: Engine, job: Pull) -> None:
    pull(job, [company()])
    pull(job, [company("8")])
    assert keys_in(engine) == {"7", "7/main"}
    assert set(verdicts_in(engine)) == {"jira/projects/*", "jira/commits/7"}
    with engine.connect() as connection:
        assert progress.known_partitions(connection, source="jira", stream="commits") == {"7"}


def test_a_project_that_is_restored_comes_back_whole(engine: Engine, job: Pull) -> None:
    for site in (company(), company("8"), company()):
        pull(job, [site])
    assert keys_in(engine) == {"7", "7/main", "8", "8/main"}
