"""The log-in: what the token tells of itself, and doctor's words about token and block."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from connectors.check import Level
from connectors.gitlab.client import GitlabClient
from connectors.gitlab.connector import CONNECTOR
from connectors.gitlab.login import Expiry, kept_expiry
from connectors.port import Policy, Site, Vitals
from tests.connectors.gitlab.fake_gitlab import URL

LAST_DAY = date(2027, 3, 1)
TOKEN = "personal_access_tokens/self"


@pytest.fixture
def opened(gitlab):
    def opening(**site):
        given = {"source": "gitlab", "url": URL, "token": "secret", "policy": Policy(attempts=1)} | site
        return CONNECTOR.open(Site(**given), {"groups": ("team",)})

    return opening


def in_days(days):
    return datetime.now(UTC).date() + timedelta(days=days)


def test_before_the_log_in_nothing_is_known(opened):
    assert opened().vitals() == Vitals()


def test_vitals_tell_the_clock_and_the_tokens_own_last_day(gitlab, company, opened):
    gitlab.at = datetime.now(UTC) + timedelta(hours=2)
    gitlab.answers[TOKEN] = (200, {"scopes": ["read_api"], "expires_at": LAST_DAY.isoformat()})
    connector = opened(token_expires_on=date(2030, 1, 1))
    connector.connect()
    vitals = connector.vitals()
    assert vitals.token_expires_on == LAST_DAY
    assert vitals.skew_s == pytest.approx(7_200, abs=60)


@pytest.mark.parametrize(
    "token",
    [
        (404, {"message": "404 Not found"}),
        (401, {"message": "401 Unauthorized"}),
        (403, {"message": "403 Forbidden"}),
        (500, {}),
        (200, "<html>"),
        (200, []),
        (200, {"scopes": ["read_api"], "expires_at": None}),
        (200, {"scopes": ["read_api"], "expires_at": "soon"}),
        (200, {"scopes": None}),
    ],
)
@pytest.mark.parametrize("said", [None, LAST_DAY])
def test_where_the_token_does_not_tell_the_settings_do(gitlab, company, opened, *, token, said):
    gitlab.answers[TOKEN] = token
    connector = opened(token_expires_on=said)
    connector.connect()
    assert connector.vitals().token_expires_on == said


def test_the_token_is_asked_once_per_log_in(gitlab, company, opened):
    connector = opened()
    connector.connect()
    connector.vitals()
    assert len(gitlab.asked(TOKEN)) == 1


def client(**site):
    return GitlabClient(Site(**{"source": "gitlab", "url": URL, "token": "secret"} | site))


AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize("expiry", [Expiry(on=LAST_DAY), Expiry(on=None)])
def test_what_a_token_told_is_kept_for_a_while_and_without_the_token(expiry):
    text = expiry.text(client(), AT)
    assert "secret" not in text
    assert kept_expiry(text, client(), now=AT + timedelta(minutes=59), most=HOUR) == expiry
    assert kept_expiry(text, client(), now=AT + HOUR, most=HOUR) is None
    assert kept_expiry(text, client(), now=AT - timedelta(minutes=1), most=HOUR) is None


@pytest.mark.parametrize("other", [{"token": "another"}, {"url": "https://other.example.com"}])
def test_what_another_token_or_address_told_is_not_believed(other):
    text = Expiry(on=LAST_DAY).text(client(**other), AT)
    assert kept_expiry(text, client(), now=AT, most=HOUR) is None


@pytest.mark.parametrize("text", ["", "mark", "mark then 2027-01-01", "a b c d"])
def test_what_cannot_be_read_is_asked_again(text):
    assert kept_expiry(text, client(), now=AT, most=HOUR) is None


def line_of(connector, subject):
    return next(check for check in connector.checks(write_test=False) if check.subject == subject)


@pytest.mark.parametrize(
    ("days", "level"), [(15, Level.OK), (14, Level.OK), (13, Level.WARN), (0, Level.WARN), (-1, Level.WARN)]
)
def test_doctor_warns_below_14_days(gitlab, company, opened, *, days, level):
    told = {"scopes": ["read_api"], "expires_at": in_days(days).isoformat()}
    gitlab.answers[TOKEN] = (200, told)
    line = line_of(opened(), "token")
    assert (line.level, in_days(days).isoformat() in line.message) == (level, True)


def test_doctor_falls_back_to_the_settings(gitlab, company, opened):
    gitlab.answers[TOKEN] = (404, {})
    line = line_of(opened(token_expires_on=LAST_DAY), "token")
    assert LAST_DAY.isoformat() in line.message


def test_doctor_says_that_the_address_is_blocked(gitlab, opened):
    gitlab.answers["version"] = (403, "Forbidden\n")
    (line,) = opened().checks(write_test=False)
    assert (line.level, line.is_access) == (Level.FAIL, True)
    assert "refuses this address" in line.message
    assert "administrators" in line.advice
