"""Who we are: our own account is told from all others on both products."""

from __future__ import annotations

import pytest

from connectors.jira.facts import Account

pytestmark = pytest.mark.pure

CLOUD = Account(id="acc-bot", name="Sync Bot")
SERVER = Account(id="bot", name="Sync Bot", key="JIRAUSER1")


@pytest.mark.parametrize(
    ("account", "user", "is_us"),
    [
        (CLOUD, {"accountId": "acc-bot"}, True),
        (CLOUD, {"accountId": "acc-li", "displayName": "Sync Bot"}, False),
        (SERVER, {"name": "bot", "key": "JIRAUSER1"}, True),
        (SERVER, {"name": "renamed", "key": "JIRAUSER1"}, True),
        (SERVER, {"name": "bot", "key": "JIRAUSER2"}, False),
        (SERVER, {"name": "bot"}, True),
        (CLOUD, {}, False),
        (CLOUD, None, False),
        (CLOUD, "acc-bot", False),
    ],
)
def test_an_author_is_us_by_id_and_not_by_the_name_shown(account, user, is_us):
    assert account.is_author(user) is is_us
