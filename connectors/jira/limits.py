"""Limits: what Jira Cloud lets one caller ask of an endpoint and write to one issue; Data Center tells its own limits in its headers.

By developer.atlassian.com/cloud/jira/platform/rate-limiting: per endpoint 100 reads or creations and 50 changes or deletions a second; per issue
20 writes in 2 s and 100 in 30 s.
"""

from __future__ import annotations

from connectors.transport.pace import Family

_WRITES_TO_AN_ISSUE = r"^(POST|PUT|DELETE) .*/issue/(?P<key>(?!bulkfetch$)[^/]+)"
_PER_ISSUE = "jira-per-issue-on-write"
_BURST = "jira-burst-based"

FAMILIES = (
    Family(name="issue", pattern=_WRITES_TO_AN_ISSUE, limit=20, window_s=2.0, reason=_PER_ISSUE),
    Family(name="issue, long", pattern=_WRITES_TO_AN_ISSUE, limit=100, window_s=30.0, reason=_PER_ISSUE),
    Family(
        name="burst", pattern="^(GET|POST) ", limit=100, window_s=1.0, is_per_endpoint=True, reason=_BURST
    ),
    Family(
        name="burst of changes",
        pattern="^(PUT|DELETE) ",
        limit=50,
        window_s=1.0,
        is_per_endpoint=True,
        reason=_BURST,
    ),
)
