"""What counts as a read, and what a Retry-After header says."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connectors.transport import is_read, retry_after_s

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("0.25", 0.25),
        ("-3", 0.0),
        ("Fri, 20 Nov 2026 12:01:00 GMT", 60.0),
        ("Fri, 20 Nov 2026 12:01:00 -0000", 60.0),
        ("Fri, 20 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_has_several_forms(value, seconds):
    assert retry_after_s(value, now=NOW) == seconds


@pytest.mark.parametrize(
    ("method", "path", "reads"),
    [
        ("GET", "/x", True),
        ("POST", "/rest/api/2/search/jql", True),
        ("POST", "/rest/api/3/changelog/bulkfetch", True),
        ("POST", "/rest/api/3/issue/bulkfetch", True),
        ("POST", "/rest/api/2/worklog/list", True),
        ("POST", "/api/graphql", True),
        ("POST", "/rest/api/2/issue/1/comment", False),
        ("POST", "/rest/api/2/issue/search/jql/x", False),
        ("PUT", "/rest/api/2/issue/1/comment/2", False),
        ("DELETE", "/rest/api/2/issue/1/comment/2", False),
    ],
)
def test_what_counts_as_a_read(method, path, reads):
    assert is_read(method, path) is reads
