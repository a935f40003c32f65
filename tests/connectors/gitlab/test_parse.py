"""Parsing: vendor rows become records, malformed ones become reasons."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.gitlab.parse import Place, labels_of, text_of_instant
from connectors.gitlab.parse_code import parse_branch, parse_commit, parse_project, parse_release
from connectors.gitlab.parse_runs import parse_deployment, parse_job, parse_pipeline
from connectors.gitlab.parse_work import parse_issue, parse_merge_request, parse_milestone
from connectors.parsing import instant, parsed
from tests.builders import pipeline

pytestmark = pytest.mark.pure

PLACE = Place(source="gitlab", browse_url="https://git.example.com", paths={"7": "team/pay"})
PIPELINE, HOME = pipeline(1), "https://git.example.com/team/pay"
AT = "2026-11-20T12:00:00.000Z"


def merge_request(**more):
    return {
        "id": 1,
        "iid": 12,
        "project_id": 7,
        "title": "PAY-1 retry",
        "state": "opened",
        "source_branch": "a",
        "target_branch": "main",
        "created_at": AT,
        "updated_at": AT,
        **more,
    }


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-20T12:00:00Z",
        "2026-11-20T20:00:00+08:00",
        "2026-11-20T20:00:00.000+0800",
        "2026-11-20T12:00:00.000+0000",
    ],
)
def test_every_form_of_offset_is_the_same_instant(text):
    assert instant(text) == datetime(2026, 11, 20, 12, tzinfo=UTC)


def test_an_instant_without_an_offset_is_refused():
    with pytest.raises(ValueError, match="without an offset"):
        instant("2026-11-20T12:00:00")


@given(
    st.datetimes(
        timezones=st.just(UTC),
        min_value=datetime(1990, 1, 1),  # noqa: DTZ001
        max_value=datetime(2100, 1, 1),  # noqa: DTZ001
    )
)
def test_a_query_time_is_never_later_than_the_instant(at):
    assert instant(text_of_instant(at)) <= at
    assert text_of_instant(at).endswith("Z")


@pytest.mark.parametrize("username", ["project_7_bot", "group_9_bot_3f2a", "project_123_bot1"])
def test_accounts_of_project_and_group_tokens_are_bots(username):
    assert parse_merge_request(merge_request(author={"username": username}), PLACE).is_author_bot


def test_people_are_not_bots_and_told_bots_are():
    assert not parse_merge_request(merge_request(author={"username": "project_manager"}), PLACE).is_author_bot
    assert parse_merge_request(
        merge_request(author={"username": "renovate", "bot": True}), PLACE
    ).is_author_bot
    assert not parse_merge_request(merge_request(author=None), PLACE).is_author_bot


def test_a_merge_request_without_references_takes_the_path_from_the_project_list():
    request = parse_merge_request(merge_request(web_url="https://evil.example/x"), PLACE)
    assert request.url == "https://git.example.com/team/pay/-/merge_requests/12"
    assert parse_merge_request(merge_request(project_id=8), PLACE).url == "https://git.example.com/projects/8"


def test_an_issue_has_its_full_reference():
    row = merge_request(
        references={"full": "team/sub/pay#12"},
        confidential=True,
        due_date="2026-12-01",
        labels=[{"name": "debt"}, "core"],
    )
    issue = parse_issue(row, PLACE)
    assert (issue.reference, issue.is_confidential, issue.due_on) == (
        "team/sub/pay#12",
        True,
        date(2026, 12, 1),
    )
    assert issue.url == "https://git.example.com/team/sub/pay/-/issues/12"
    assert labels_of(row["labels"]) == ("debt", "core")


def test_hostile_names_stay_inside_the_address():
    row = {"name": 'x"><script>?a#b/../c', "commit": {"id": "s", "committed_date": AT}}
    url = parse_branch(row, PLACE, project_id="7").url
    assert url.startswith("https://git.example.com/team/pay/-/tree/")
    assert not set('"<>?#') & set(url.removeprefix("https://"))


def test_all_values_of_a_repeated_trailer_are_kept():
    row = {
        "id": "s",
        "committed_date": AT,
        "trailers": {"Refs": "B-2"},
        "extended_trailers": {"Refs": ["A-1", "B-2"]},
    }
    assert parse_commit(row, PLACE, project_id="7").trailers == (("Refs", "A-1"), ("Refs", "B-2"))


def test_a_milestone_of_nobody_is_refused():
    with pytest.raises(ValueError, match="belongs to"):
        parse_milestone({"id": 1, "iid": 1, "title": "x", "state": "active", "updated_at": AT}, PLACE)


def test_a_release_without_a_commit_has_no_sha():
    assert parse_release({"tag_name": "v1", "created_at": AT}, PLACE, project_id="7").sha is None


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=True) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
PARSERS = (
    lambda row: parse_project(row, PLACE),
    lambda row: parse_branch(row, PLACE, project_id="7"),
    lambda row: parse_commit(row, PLACE, project_id="7"),
    lambda row: parse_release(row, PLACE, project_id="7"),
    lambda row: parse_merge_request(row, PLACE),
    lambda row: parse_issue(row, PLACE),
    lambda row: parse_milestone(row, PLACE),
    lambda row: parse_pipeline(row, PLACE, project_id="7"),
    lambda row: parse_deployment(row, PLACE, project_id="7"),
    lambda row: parse_job(row, PIPELINE, home=HOME, is_retried=False),
)
FIELDS = (
    *merge_request(),
    "name",
    "commit",
    "author",
    "labels",
    "references",
    "milestone",
    "sha",
    "status",
    "environment",
    "deployable",
    "path_with_namespace",
    "trailers",
    "parent_ids",
    "committed_date",
    "tag_name",
    "assignees",
)


@given(st.dictionaries(st.sampled_from(FIELDS), JUNK) | JUNK)
def test_any_junk_becomes_a_record_or_a_reason(junk):
    for parse in PARSERS:
        good, bad = parsed(
            ({**merge_request(), **junk} if isinstance(junk, dict) else junk,), parse, what="row"
        )
        assert len(good) + len(bad) == 1


RECORDED = Path(__file__).parents[3].parent / "shared" / "data" / "devlake" / "gitlab"
RECORDED_PARSERS = {
    "merge_requests": lambda row: parse_merge_request(row, PLACE),
    "issues": lambda row: parse_issue(row, PLACE),
    "milestones": lambda row: parse_milestone(row, PLACE),
    "commits": lambda row: parse_commit(row, PLACE, project_id="1"),
    "pipelines": lambda row: parse_pipeline(row, PLACE, project_id="1"),
    "pipeline_details": lambda row: parse_pipeline(row, PLACE, project_id="1"),
    "deployments": lambda row: parse_deployment(row, PLACE, project_id="1"),
    "jobs": lambda row: parse_job(row, PIPELINE, home=HOME, is_retried=False),
}


@pytest.mark.skipif(
    not RECORDED.is_dir(), reason="the recorded payloads in ../shared/data/devlake are not here"
)
@pytest.mark.parametrize("name", RECORDED_PARSERS)
def test_every_recorded_payload_of_a_live_server_is_read(name):
    rows = [
        json.loads(line) for line in (RECORDED / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    ]
    good, bad = parsed(rows, RECORDED_PARSERS[name], what=name)
    assert (len(good), bad) == (len(rows), ())
