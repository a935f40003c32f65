"""Wanted: details are asked only of the records that a judgement rests on, and once."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from connectors.records import MergeRequest
from sync.core.wanted import asked_scope, wanted_of
from tests.builders import NOW, approval, issue, job, mr, note, notes, pipeline, version, world

pytestmark = pytest.mark.pure

RESOLVED = (note(is_resolved=True),)
MERGED = {"title": "PAY-1 retry", "state": "merged", "merged_at": NOW - timedelta(days=2)}


def jobs_wanted(*records: object) -> list[str]:
    return [p.id for p in wanted_of(world([issue("PAY-1", status="Done"), *records]))["jobs"]]


def test_the_jobs_of_the_pipeline_that_makes_a_landing_branch_red_are_wanted() -> None:
    assert jobs_wanted(mr(1, **MERGED), pipeline(7, at=NOW)) == [pipeline(7).id]


def test_only_the_newest_finished_pipeline_counts() -> None:
    older = pipeline(7, at=NOW - timedelta(hours=2))
    assert jobs_wanted(mr(1, **MERGED), older, pipeline(8, at=NOW)) == [pipeline(8).id]
    assert jobs_wanted(mr(1, **MERGED), older, pipeline(8, status="running", at=NOW)) == [older.id]
    assert jobs_wanted(mr(1, **MERGED), older, pipeline(8, status="success", at=NOW)) == []


@pytest.mark.parametrize(("minutes", "is_asked"), [(0, False), (5, False), (6, True), (60 * 24, True)])
def test_jobs_are_asked_again_once_their_pipeline_changed_after_the_last_of_them_had_ended(
    minutes: int, is_asked: bool
) -> None:
    ended = NOW - timedelta(days=1)
    jobs = job(7, "unit", finished_at=ended), job(7, "lint", finished_at=ended - timedelta(hours=9))
    run = pipeline(7, at=ended, updated_at=ended + timedelta(minutes=minutes))
    assert jobs_wanted(mr(1, **MERGED), run, *jobs) == [run.id] * is_asked


def test_jobs_of_which_none_has_ended_are_asked_again() -> None:
    assert jobs_wanted(mr(1, **MERGED), pipeline(7, at=NOW), job(7, "unit", status="running")) == ["5007"]


def test_a_branch_where_no_items_work_landed_is_nobodys_business() -> None:
    assert jobs_wanted(pipeline(7, at=NOW)) == []
    assert jobs_wanted(mr(1, title="PAY-1 retry", state="opened"), pipeline(7, at=NOW)) == []


@pytest.mark.parametrize("origin", ["parent_pipeline", "merge_request_event"])
def test_child_and_merge_request_pipelines_do_not_make_a_branch_red(origin: str) -> None:
    assert jobs_wanted(mr(1, **MERGED), pipeline(7, at=NOW, origin=origin)) == []


def test_commits_are_asked_of_a_merge_request_that_names_no_issue_and_that_the_graph_cannot_tell() -> None:
    keyless = mr(2, title="Tidy up", source_branch="tidy", sha="f" * 40)
    named = mr(3, title="PAY-1 retry", sha="e" * 40)
    asked = wanted_of(world([issue("PAY-1"), keyless, named]))["merge_request_commits"]
    assert [m.ref for m in asked] == [keyless.ref]


def reviews_wanted(*records: object, ago: timedelta | None = None, detail: str = "notes", **mapping: object):
    """The merge requests of which the detail is asked, given that each was asked ``ago`` before."""
    judged = world([issue("PAY-1", status="Done"), *records], mapping=mapping)
    requests = [r for r in records if isinstance(r, MergeRequest)]
    asked = {asked_scope(detail, request): NOW - ago for request in requests} if ago is not None else {}
    return [r.reference for r in wanted_of(judged, asked=asked)[detail]]


@pytest.mark.parametrize("detail", ["approvals", "notes"])
def test_reviews_are_asked_of_merged_work_on_members_of_open_commitments_only(detail: str) -> None:
    said = {"comment_count": 1}
    work = mr(1, **MERGED, **said)
    others = (
        mr(2, title="PAY-1 open", **said),
        mr(3, **MERGED | {"title": "RISK-1 elsewhere"}, **said),
        mr(4, **MERGED, is_author_bot=True, **said),
        mr(5, **MERGED, labels=("hotfix",), **said),
    )
    records = (issue("RISK-1", status="Done"), work, *others)
    assert reviews_wanted(*records, detail=detail) == ["!1"]


def test_nothing_is_asked_about_the_reviews_of_a_commitment_that_is_closed() -> None:
    closed = {"milestones": [{"from": "jira_versions", "where": {"project": "PAY", "open_only": False}}]}
    item = issue("PAY-1", status="Done", fix_version_ids=("v2.0",))
    request = mr(1, **MERGED, comment_count=1)
    for is_released in (False, True):
        judged = world([item, version("2.0", is_released=is_released), request], mapping=closed)
        assert bool(wanted_of(judged)["notes"]) is not is_released


def test_nothing_is_asked_about_reviews_where_the_rule_that_asks_is_switched_off() -> None:
    request = mr(1, **MERGED, comment_count=1)
    assert reviews_wanted(request, drift={"S15": {"enabled": False}}) == []
    assert reviews_wanted(request, drift={"S15": {"severity": "high"}}) == ["!1"]


def test_notes_are_asked_only_where_people_said_something() -> None:
    assert reviews_wanted(mr(1, **MERGED)) == []
    assert reviews_wanted(mr(1, **MERGED), detail="approvals") == ["!1"]


def test_what_is_known_is_asked_again_once_the_merge_request_changed() -> None:
    at = NOW - timedelta(hours=3)
    request = mr(1, **MERGED, comment_count=1, updated_at=at)
    long_ago = timedelta(days=90)
    for detail, kept in (("approvals", approval), ("notes", notes)):
        assert reviews_wanted(request, detail=detail) == ["!1"]
        known = replace(kept(1, updated_at=at), **({"notes": RESOLVED} if detail == "notes" else {}))
        assert reviews_wanted(request, known, detail=detail, ago=long_ago) == []
        older = kept(1, updated_at=at - timedelta(seconds=1))
        assert reviews_wanted(request, older, detail=detail, ago=timedelta(0)) == ["!1"]


@pytest.mark.parametrize(
    ("ago", "is_asked"),
    [
        (timedelta(hours=23, minutes=59), False),
        (timedelta(days=1), True),
        (timedelta(minutes=-1), True),
    ],
)
def test_open_threads_are_asked_after_once_a_day(ago: timedelta, is_asked: bool) -> None:
    request = mr(1, **MERGED, comment_count=1)
    open_, resolved = (
        notes(1, note(is_resolved=is_resolved), updated_at=request.updated_at)
        for is_resolved in (False, True)
    )
    assert reviews_wanted(request, open_, ago=ago) == ["!1"] * is_asked
    assert reviews_wanted(request, resolved, ago=ago) == []


@pytest.mark.parametrize("ago", [timedelta(hours=23), timedelta(days=1)])
def test_notes_of_which_some_are_lacking_are_asked_after_once_a_day(ago: timedelta) -> None:
    request = mr(1, **MERGED, comment_count=2)
    one = notes(1, note(is_resolved=True), note(is_system=True, is_resolvable=False))
    assert reviews_wanted(request, one, ago=ago) == ["!1"] * (ago >= timedelta(days=1))


@pytest.mark.parametrize(("days", "is_asked"), [(6.9, False), (7, True)])
def test_what_told_nothing_is_tried_again_after_a_week(days: float, is_asked: bool) -> None:
    request = mr(1, **MERGED, comment_count=1)
    for detail in ("approvals", "notes"):
        wanted = reviews_wanted(request, detail=detail, ago=timedelta(days=days))
        assert wanted == ["!1"] * is_asked
