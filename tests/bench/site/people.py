"""People: two hundred accounts as both tools show them."""

from __future__ import annotations

import json
from typing import Any

JIRA, GITLAB = "https://jira.example", "https://gitlab.example"
COUNT = 200


def name(number: int) -> str:
    """What people see."""
    return f"Person {number % COUNT}"


def jira_user(number: int) -> dict[str, Any]:
    """An account of Jira Cloud."""
    id_ = f"712020:{number % COUNT:08x}-5a1d-4c02-9e7b-{number % COUNT * 7919:012x}"
    return {
        "self": f"{JIRA}/rest/api/2/user?accountId={id_}",
        "accountId": id_,
        "accountType": "atlassian",
        "displayName": name(number),
        "active": True,
        "timeZone": "Asia/Shanghai",
        "avatarUrls": {
            f"{n}x{n}": f"{JIRA}/secure/useravatar?size={n}&ownerId={number % COUNT}"
            for n in (48, 32, 24, 16)
        },
    }


def gitlab_user(number: int) -> dict[str, Any]:
    """A GitLab account as it stands in other objects."""
    login = f"person-{number % COUNT}"
    return {
        "id": number % COUNT + 1,
        "username": login,
        "public_email": "",
        "name": name(number),
        "state": "active",
        "locked": False,
        "avatar_url": f"{GITLAB}/uploads/-/system/user/avatar/{number % COUNT}/avatar.png",
        "web_url": f"{GITLAB}/{login}",
    }


JIRA_USERS = tuple(json.dumps(jira_user(number), separators=(",", ":")) for number in range(COUNT))
GITLAB_USERS = tuple(json.dumps(gitlab_user(number), separators=(",", ":")) for number in range(COUNT))
"""The accounts as JSON."""
