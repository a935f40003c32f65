"""Wanted: details are asked only of the records that a judgement rests on, and once."""

from datetime import timedelta

import pytest

from sync.core.wanted import wanted_of
from tests.builders import NOW, issue, job, mr, pipeline, world

pytestmark = pytest.mark.pure

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
