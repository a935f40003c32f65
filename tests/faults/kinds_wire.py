"""Kinds on the wire: what servers, proxies and networks do to one answer."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime
from random import Random

from connectors.sandbox.state import Fault
from tests.faults.bench import Bench
from tests.faults.changes import usual_day
from tests.faults.kind import (
    ANCHOR,
    COMPLETE,
    EVERYWHERE,
    GITLAB_FIRST,
    GITLAB_LATER,
    JIRA_FIRST,
    JIRA_LATER,
    LOOK,
    PARTIAL,
    POST,
    PROPERTY,
    READS,
    REPLACE,
    WRITES,
    Kind,
    Spot,
    faulty,
)
from tests.faults.trial import Step

_ENDS = frozenset({3, 5})
"""A run in which a tool refuses for good ends as partial, or with 5 where it could not log in."""


def _status(status: int, does: str) -> Kind:
    return Kind(
        name=str(status),
        does=does,
        spots=EVERYWHERE,
        steps=faulty({"status": status, "body": '{"message": "no"}'}, once=COMPLETE, always=PARTIAL),
    )


def _broken(name: str, kind: str, does: str, **more: object) -> Kind:
    return Kind(
        name=name,
        does=does,
        spots=EVERYWHERE,
        steps=faulty({"kind": kind, **more}, once=COMPLETE, always=PARTIAL),
    )


def _retry_after(name: str, value: str, does: str) -> Kind:
    headers = {"Retry-After": value}
    return Kind(
        name=f"Retry-After: {name}",
        does=does,
        spots=EVERYWHERE,
        steps=faulty({"status": 429, "headers": headers}, once=COMPLETE),
    )


def _an_hour(spot: Spot, _: Random) -> tuple[Step, ...]:
    def arm(bench: Bench) -> None:
        if spot.run == "later":
            usual_day(bench.company)
        fault = Fault(pattern=spot.pattern, status=429, headers={"Retry-After": "3600"}, skip=1)
        bench.company.sandbox.faults.append(fault)

    return (Step(arm=arm, expect=PARTIAL if spot in READS else frozenset()),)


_SHORT = 7
"""Rows of a page where listings must have several."""
_LONG_AGO = format_datetime(ANCHOR - timedelta(minutes=5), usegmt=True)
"""By the tool's own clock, which is the one that counts."""


STATUSES = (
    _status(429, "too many requests, without saying until when"),
    _status(500, "the tool fails"),
    _status(502, "the gateway has no answer from the tool"),
    _status(503, "the tool is down for maintenance"),
    _status(504, "the gateway waited too long; a write may go on behind it"),
    Kind(
        name="410",
        does="an endpoint was removed",
        spots=(JIRA_LATER, GITLAB_LATER, JIRA_FIRST, GITLAB_FIRST, *WRITES),
        steps=faulty({"status": 410}, once=_ENDS),
    ),
    Kind(
        name="401 in mid-run",
        does="the token ends in the middle of a run",
        spots=(JIRA_LATER, GITLAB_LATER, LOOK, *WRITES),
        steps=faulty({"status": 401}, once=_ENDS, always=_ENDS),
    ),
    Kind(
        name="403 in mid-run",
        does="one request is forbidden",
        spots=(JIRA_LATER, GITLAB_LATER, LOOK, *WRITES),
        steps=faulty({"status": 403}),
    ),
)
RETRY_AFTER = (
    _retry_after("whole seconds", "0", "wait so many seconds"),
    _retry_after("decimal", "0.05", "wait a fraction of a second"),
    _retry_after("HTTP date", _LONG_AGO, "wait until an instant, which has passed"),
    _retry_after("garbage", "in a moment", "wait, but the value means nothing"),
    Kind(
        name="Retry-After: an hour",
        does="wait longer than a run may; the scope is left as partial at once",
        spots=(JIRA_LATER, GITLAB_LATER, JIRA_FIRST, *WRITES),
        steps=_an_hour,
    ),
)
CONNECTIONS = (
    _broken("reset before the request", "reset_before", "the connection is cut, nothing was carried out"),
    _broken("reset before the body", "reset_after", "carried out, then cut before any byte of the answer"),
    _broken("reset in the body", "reset_during", "carried out, then cut in the middle of the answer"),
    Kind(
        name="reset after a write was applied",
        does="a write is carried out and its answer lost, several times in a row",
        spots=(POST, REPLACE, PROPERTY),
        steps=faulty({"kind": "reset_after"}, always=frozenset({0, 1})),
    ),
    _broken("hang", "hang", "carried out, and the answer comes after the client gave up", delay_s=1.5),
    Kind(
        name="carried out late",
        does="the client gives up, looks, finds nothing, and only then the write is carried out",
        spots=WRITES,
        steps=faulty({"kind": "slow", "delay_s": 1.0}),
    ),
    Kind(
        name="trickle",
        does="a byte now and then: no read timeout is met, the whole answer's is",
        spots=EVERYWHERE,
        steps=faulty({"kind": "trickle", "delay_s": 0.25}),
    ),
)
BODIES = (
    _broken("truncation", "truncate", "half the body, then an orderly end"),
    _broken("cut JSON", "cut_json", "half the body under a Content-Length that agrees"),
    _broken("Content-Length too long", "long_length", "more is announced than comes"),
    _broken("Content-Length too short", "short_length", "less is announced than comes"),
    _broken("gzip error", "bad_gzip", "announced as gzip, but it is not"),
    _broken("HTML with status 200", "html", "a proxy's or log-in page in place of the answer"),
    _broken("empty with status 200", "empty", "no body at all"),
    Kind(
        name="short pages",
        does="pages hold fewer rows than were asked for, and further ones follow",
        spots=(JIRA_FIRST, GITLAB_FIRST, JIRA_LATER, GITLAB_LATER),
        steps=faulty(once=COMPLETE, page_cap=3),
    ),
    Kind(
        name="repeated page",
        does="a page of a listing comes a second time",
        spots=(JIRA_FIRST, GITLAB_FIRST),
        steps=faulty({"kind": "repeat_page"}, page_cap=_SHORT, always=frozenset({0, 3})),
    ),
    Kind(
        name="repeated token",
        does="the next page's token or link is the former one again",
        spots=(JIRA_FIRST, GITLAB_FIRST),
        steps=faulty({"kind": "repeat_token"}, page_cap=_SHORT, always=frozenset({0, 3})),
    ),
)
KINDS = (*STATUSES, *RETRY_AFTER, *CONNECTIONS, *BODIES)
