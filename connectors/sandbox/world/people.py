"""People: who works at Nova Industries, and how each tool spells them."""

from __future__ import annotations

from msgspec import Struct

from connectors.sandbox.state import Payload
from connectors.sandbox.world.truth import Flavour

JIRA = "https://jira.sandbox.example"
GITLAB = "https://gitlab.sandbox.example"


class Person(Struct, frozen=True, kw_only=True):
    """One colleague. ``number`` makes the ids in both tools, ``login`` is the GitLab username and the Data Center user name."""

    number: int
    name: str
    login: str
    programme: str = "IMP"
    is_active: bool = True
    is_bot: bool = False

    @property
    def account_id(self) -> str:
        """The Cloud accountId."""
        return f"712020:{self.number:08x}-5a1d-4c02-9e7b-{self.number * 7919:012x}"

    @property
    def email(self) -> str:
        """The address in commits."""
        return f"{self.login}@nova.example"

    def jira_id(self, flavour: Flavour) -> str:
        """What identifies the person in Jira: the accountId on Cloud, the user name on Data Center."""
        return self.account_id if flavour == "cloud" else self.login


PEOPLE: tuple[Person, ...] = (
    Person(number=11, name="Li Wei 李伟", login="li.wei"),
    Person(number=12, name="Zhang Min 张敏", login="zhang.min"),
    Person(number=13, name="Wang Fang 王芳", login="wang.fang"),
    Person(number=14, name="Chen Jie 陈杰", login="chen.jie"),
    Person(number=15, name="Tomás Silva", login="tomas.silva"),
    Person(number=16, name="Sun Li 孙丽", login="sun.li"),
    Person(number=17, name="Liu Yang 刘洋", login="liu.yang", programme="RISK"),
    Person(number=18, name="Priya Nair", login="priya.nair", programme="RISK"),
    Person(number=19, name="Zhao Lei 赵磊", login="zhao.lei", programme="RISK"),
    Person(number=20, name="Anna Kowalski", login="anna.kowalski", programme="RISK"),
    Person(number=21, name="Huang Xiaoming 黄晓明", login="huang.xiaoming", programme="RISK"),
    Person(number=22, name="Emma Larsen", login="emma.larsen", programme="RISK"),
    Person(number=23, name="Zhou Qiang 周强", login="zhou.qiang", is_active=False),
)
RENOVATE = Person(number=40, name="Renovate Bot", login="renovate", is_bot=True)
SYNC = Person(number=41, name="Tandem Sync", login="tandem-sync", is_bot=True)
INTEGRATION = Person(number=42, name="GitLab", login="gitlab-integration", is_bot=True)
"""The account with which GitLab's own Jira integration writes into Jira."""
BY_LOGIN = {p.login: p for p in (*PEOPLE, RENOVATE, SYNC, INTEGRATION)}


def team(programme: str) -> tuple[Person, ...]:
    """Who writes code in a programme today."""
    return tuple(p for p in PEOPLE if p.programme == programme and p.is_active)


def _avatars(number: int) -> Payload:
    return {f"{n}x{n}": f"{JIRA}/secure/useravatar?size={n}&ownerId={number}" for n in (48, 32, 24, 16)}


def jira_user(person: Person, flavour: Flavour) -> Payload:
    """The person as Jira shows them inside issues, histories and worklogs."""
    common = {
        "displayName": person.name,
        "active": person.is_active,
        "timeZone": "Asia/Shanghai",
        "avatarUrls": _avatars(person.number),
    }
    if flavour == "cloud":
        url = f"{JIRA}/rest/api/2/user?accountId={person.account_id}"
        kind = "app" if person.is_bot else "atlassian"
        return {"self": url, "accountId": person.account_id, "accountType": kind, **common}
    url = f"{JIRA}/rest/api/2/user?username={person.login}"
    key = f"JIRAUSER{10000 + person.number}"
    return {"self": url, "name": person.login, "key": key, "emailAddress": person.email, **common}


def gitlab_user(person: Person) -> Payload:
    """The person as GitLab shows them inside merge requests, pipelines and issues."""
    return {
        "id": person.number,
        "username": person.login,
        "public_email": "",
        "name": person.name,
        "state": "active" if person.is_active else "blocked",
        "locked": False,
        "avatar_url": f"{GITLAB}/uploads/-/system/user/avatar/{person.number}/avatar.png",
        "web_url": f"{GITLAB}/{person.login}",
    }


def gitlab_account(person: Person) -> Payload:
    """The person as GitLab shows them by themselves, with the mark of a bot."""
    return gitlab_user(person) | {
        "created_at": "2024-03-01T01:00:00.000Z",
        "bio": "",
        "location": "",
        "organization": "Nova Industries",
        "job_title": "",
        "bot": person.is_bot,
    }
