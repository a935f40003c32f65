"""JQL literals and the shape of answers."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.errors import FatalError
from connectors.jira.fields import Fields
from connectors.jira.parse import parse_sprint, parse_version, parse_worklog, texts_of
from connectors.jira.parse_changelog import parse_history
from connectors.jira.parse_issue import IssueContext, parse_issue
from connectors.jira.search import Query, epoch_literal, rows_in, zone_literal
from connectors.parsing import parsed

pytestmark = pytest.mark.pure

AT = datetime(2026, 11, 20, 12, 34, 56, 789_000, tzinfo=UTC)
CONTEXT = IssueContext(source="jira", browse_url="https://x.test", fields=Fields())
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
NAMES = (
    "id",
    "key",
    "fields",
    "status",
    "issuetype",
    "created",
    "updated",
    "items",
    "field",
    "name",
    "state",
    "issueId",
)
payloads = st.dictionaries(
    st.sampled_from(NAMES), json_values | st.dictionaries(st.sampled_from(NAMES), json_values)
)


def test_an_epoch_literal_is_in_milliseconds():
    assert epoch_literal(AT) == "1795178096789"


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        ("UTC", '"2026-11-20 12:34"'),
        ("Asia/Shanghai", '"2026-11-20 20:34"'),
        ("America/New_York", '"2026-11-20 07:34"'),
        ("Nowhere/Atall", '"2026-11-20 00:34"'),
        ("../etc/passwd", '"2026-11-20 00:34"'),
        ("", '"2026-11-20 00:34"'),
    ],
)
def test_a_zone_literal_is_never_later_than_the_instant(zone, text):
    assert zone_literal(AT, zone) == text


def test_conditions_stand_in_one_order():
    query = Query(projects=("PAY",), fields=(), page_size=1, updated_since="5", after_id="7")
    assert query.where == 'project = "PAY" AND updated >= 5 AND id > 7'


@pytest.mark.parametrize("answer", [None, [], "x", {}, {"issues": None}, {"issues": {}}, {"issues": [1]}])
def test_an_answer_of_another_shape_is_an_error_not_an_empty_page(answer):
    with pytest.raises(FatalError):
        rows_in(answer, "issues")


@given(payloads)
def test_any_payload_is_read_or_counted(payload):
    for parse in (
        lambda row: parse_issue(row, CONTEXT),
        lambda row: parse_history(row, source="jira", issue_id="1", fields=Fields()),
        lambda row: parse_sprint(row, source="jira"),
        lambda row: parse_version(row, source="jira", project_key="PAY", browse_url=""),
        lambda row: parse_worklog(row, source="jira"),
    ):
        good, bad = parsed([payload], parse, what="row")
        assert len(good) + len(bad) == 1


@given(json_values)
def test_any_custom_value_becomes_texts(value):
    assert all(isinstance(text, str) for text in texts_of(value))
