"""What the headers of an answer ask of us."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.transport.signals import Quota, asked_wait_s, instant_of, quota_of, retry_after_s

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
DAY = 86_400.0


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0", 0.0),
        (" 7 ", 7.0),
        ("0.25", 0.25),
        ("-3", 0.0),
        ("Fri, 20 Nov 2026 12:01:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 12:01:00 -0000", 60.0),
        ("Fri, 20 Nov 2026 20:01:00 +0800", 60.0),
        ("Friday, 20-Nov-26 12:01:00 GMT", 60.0),
        ("Fri Nov 20 12:01:00 2026", 60.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("5 minutes", None),
        ("1_000", None),
        ("٣", None),
        ("nan", None),
        ("inf", None),
        ("1e400", None),
        ("Fri, 99 Nov 2026 12:01:00 GMT", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_has_several_forms(value, seconds):
    assert retry_after_s(value, now=NOW) == seconds


@pytest.mark.parametrize("value", ["86401", "999999999999999999", "Fri, 31 Dec 9999 23:59:59 GMT"])
def test_an_absurd_retry_after_is_a_day(value):
    assert retry_after_s(value, now=NOW) == DAY


@pytest.mark.parametrize(
    "value", ["5, 60", "60, 5", "5, Fri, 20 Nov 2026 12:01:00 GMT", "soon, 60", "60, -1"]
)
def test_of_several_headers_the_longest_wait_counts(value):
    assert retry_after_s(value, now=NOW) == 60.0


@given(st.text(max_size=60))
def test_no_text_breaks_the_reading_of_retry_after(text):
    wait = retry_after_s(text, now=NOW)
    assert wait is None or 0.0 <= wait <= DAY


def test_a_date_counts_from_the_answers_own_clock():
    headers = {"Retry-After": "Fri, 20 Nov 2026 14:00:09 GMT", "Date": "Fri, 20 Nov 2026 14:00:00 GMT"}
    assert asked_wait_s(headers, now=NOW) == 9.0


def test_an_http_date_without_a_zone_is_in_gmt():
    assert instant_of("Fri, 20 Nov 2026 12:00:00 -0000") == NOW


def gitlab(remaining, *, limit=2000, left_s=30):
    return {
        "RateLimit-Limit": str(limit),
        "RateLimit-Remaining": str(remaining),
        "RateLimit-Reset": str(int(NOW.timestamp()) + left_s),
    }


def cloud(**named):
    told = {"Limit": "1000", "Remaining": "900", "Reset": "2026-11-20T12:10Z"} | named
    return {f"X-RateLimit-{name}": value for name, value in told.items()}


def test_plenty_left_is_not_near():
    assert quota_of(gitlab(1500), now=NOW) == Quota(remaining=1500.0, left_s=30.0, is_near=False)


@pytest.mark.parametrize(("remaining", "is_near"), [(201, False), (200, True), (0, True)])
def test_gitlab_is_near_at_a_tenth_of_its_limit(remaining, is_near):
    quota = quota_of(gitlab(remaining), now=NOW)
    assert quota
    assert quota.is_near is is_near


def test_near_the_limit_what_is_left_is_spread_over_the_window():
    quota = quota_of(gitlab(100), now=NOW)
    assert quota
    assert quota.pause_s == 0.3


def test_a_pause_is_five_seconds_at_most():
    quota = quota_of(gitlab(1), now=NOW)
    assert quota
    assert quota.pause_s == 5.0


def test_jira_cloud_says_itself_that_it_is_near():
    quota = quota_of(cloud(NearLimit="true"), now=NOW)
    assert quota == Quota(remaining=900.0, left_s=600.0, is_near=True)
    assert quota_of(cloud(NearLimit="false"), now=NOW) == Quota(remaining=900.0, left_s=600.0, is_near=False)


def test_the_word_near_counts_without_numbers():
    quota = quota_of({"X-RateLimit-NearLimit": "true"}, now=NOW)
    assert quota == Quota(remaining=0.0, left_s=60.0, is_near=True)


@pytest.mark.parametrize("reason", ["jira-burst-based", "jira-per-issue-on-write"])
def test_a_limit_of_one_endpoint_or_issue_says_nothing_of_the_site(reason):
    assert quota_of({**cloud(Remaining="0"), "RateLimit-Reason": reason}, now=NOW) is None


def test_data_center_refills_by_interval():
    headers = {
        "X-RateLimit-Limit": "10",
        "X-RateLimit-Remaining": "1",
        "X-RateLimit-Interval-Seconds": "1",
        "X-RateLimit-FillRate": "2",
        "Retry-After": "0",
    }
    assert quota_of(headers, now=NOW) == Quota(remaining=1.0, left_s=4.5, is_near=True)


def test_a_reset_counts_from_the_answers_own_clock():
    at = NOW + timedelta(hours=2)
    headers = {**gitlab(0, left_s=7_230), "Date": at.strftime("%a, %d %b %Y %H:%M:%S GMT")}
    quota = quota_of(headers, now=NOW)
    assert quota
    assert quota.left_s == 30.0


@pytest.mark.parametrize(
    ("reset", "left_s"),
    [("45", 45.0), ("soon", 60.0), ("0", 60.0), ("2026-11-20", 60.0), ("99999999", 3600.0)],
)
def test_a_reset_has_several_forms_and_is_an_hour_at_most(reset, left_s):
    quota = quota_of({"RateLimit-Remaining": "0", "RateLimit-Reset": reset}, now=NOW)
    assert quota
    assert quota.left_s == left_s


@pytest.mark.parametrize("headers", [{}, {"RateLimit-Limit": "10"}, {"RateLimit-Remaining": "many"}])
def test_headers_that_tell_nothing_are_no_quota(headers):
    assert quota_of(headers, now=NOW) is None


@given(
    st.dictionaries(
        st.sampled_from(
            [
                f"{x}RateLimit-{n}"
                for x in ("", "X-")
                for n in ("Limit", "Remaining", "Reset", "Interval-Seconds", "FillRate", "NearLimit")
            ]
            + ["Date", "RateLimit-Reason"]
        ),
        st.one_of(st.text(max_size=20), st.integers().map(str), st.floats().map(str)),
    )
)
def test_no_headers_break_the_reading_of_limits(headers):
    quota = quota_of(headers, now=NOW)
    assert quota is None or (0.0 < quota.left_s <= 3_600.0 and 0.0 <= quota.pause_s <= 5.0)
    assert quota is None or math.isfinite(quota.remaining)
