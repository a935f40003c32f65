"""The Jira site: every planned item made an issue, with changelog, worklogs, versions, boards and sprints around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import count
from typing import TypeAlias

from connectors.sandbox.state import JiraState, Payload
from connectors.sandbox.world import jira_payloads as vendor
from connectors.sandbox.world.drift_scope import DUE_DAYS, small_milestones
from connectors.sandbox.world.history import changed, history
from connectors.sandbox.world.jira_issue import Around, connect, estimate_s, issue
from connectors.sandbox.world.jira_payloads import FIELD_IDS
from connectors.sandbox.world.people import BY_LOGIN, INTEGRATION, JIRA, PEOPLE, SYNC, Person, jira_user
from connectors.sandbox.world.plan import DONE, Item
from connectors.sandbox.world.programmes import FEATURES, MES, PILOT, PORTAL, RISK, VISION, due_on
from connectors.sandbox.world.sprints import CURRENT, sprints_of
from connectors.sandbox.world.truth import Flavour
from connectors.sandbox.world.version_ids import VERSION_IDS
from connectors.sandbox.world.workshop import SHANGHAI, Workshop

_NAMES = {
    "IMP": ("10010", "Intelligent manufacturing 智能制造"),
    "RISK": ("10020", "Risk control platform 风控平台"),
}
_DAY_S, _LEAST_S = 8 * 3600, 900
"""Of a day, no more is logged by chance; of an entry, no less."""
_BOARDS = {"IMP": 1, "RISK": 2}


def fill(state: JiraState, shop: Workshop) -> None:
    """Make the whole site from the plan."""
    flavour = state.flavour
    state.zone = "Asia/Shanghai"
    state.users = {p.jira_id(flavour): jira_user(p, flavour) for p in (*PEOPLE, SYNC, INTEGRATION)}
    state.me = state.users[SYNC.jira_id(flavour)]
    state.fields = vendor.fields()
    state.statuses = [vendor.status(name) for name in vendor.STATUSES]
    state.issue_types = [vendor.issue_type(name) for name in vendor.TYPES]
    state.priorities = [vendor.priority(n) for n in range(1, 6)]
    state.resolutions = [vendor.resolution(name) for name in ("Done", "Won't Do")]
    for key, (id_, name) in _NAMES.items():
        lead = jira_user(BY_LOGIN["zhang.min" if key == "IMP" else "emma.larsen"], flavour)
        state.projects[key] = vendor.project(key, id_, name, lead=lead)
    _versions(state, shop)
    _sprints(state, shop)
    _issues(state, shop)


def _versions(state: JiraState, shop: Workshop) -> None:
    plans: tuple[tuple[str, str | None, int | None, bool, bool], ...] = (
        ("IMP", MES.version, MES.due_days, False, False),
        ("IMP", "MES core 2.0 RC", -30, False, True),
        ("IMP", PORTAL.version, PORTAL.due_days, False, False),
        ("IMP", VISION.version, None, False, False),
        ("IMP", PILOT.version, PILOT.due_days, True, False),
        ("RISK", RISK.version, RISK.due_days, False, False),
        ("RISK", "Risk engine 1.3", -64, True, False),
        ("RISK", FEATURES.version, FEATURES.due_days, False, False),
    )
    for small in small_milestones(shop):
        state.versions[small.version_id] = vendor.version(
            small.version_id,
            small.title,
            project=state.projects[small.project],
            start=due_on(shop, -100),
            release=due_on(shop, DUE_DAYS),
        )
    for project, name, days, is_released, is_archived in plans:
        id_ = VERSION_IDS[name]
        made = vendor.version(
            id_,
            name or "",
            project=state.projects[project],
            start=due_on(shop, -262),
            release=None if days is None else due_on(shop, days),
        )
        state.versions[id_] = made | {"released": is_released, "archived": is_archived}


def _sprints(state: JiraState, shop: Workshop) -> None:
    for project, board in _BOARDS.items():
        state.boards[str(board)] = {
            "id": board,
            "self": f"{JIRA}/rest/agile/1.0/board/{board}",
            "name": f"{project} board",
            "type": "scrum",
            "location": {
                "projectId": int(_NAMES[project][0]),
                "projectKey": project,
                "projectName": _NAMES[project][1],
                "displayName": f"{_NAMES[project][1]} ({project})",
                "projectTypeKey": "software",
                "name": f"{_NAMES[project][1]} ({project})",
            },
        }
        current = shop.office(shop.ago(5))
        for number in range(1, CURRENT + 3):
            start = current + vendor.SPRINT * (number - CURRENT)
            phase = "closed" if number < CURRENT else "active" if number == CURRENT else "future"
            id_ = board * 100 + number
            state.sprints[str(id_)] = vendor.sprint(
                id_,
                f"{project} Sprint {number}",
                board_id=board,
                start=start,
                state=phase,
            )


def _sprints_of(item: Item, state: JiraState, shop: Workshop) -> list[Payload]:
    """The sprints through which the item went while it was worked on."""
    board = _BOARDS[item.project]
    return [state.sprints[str(board * 100 + n)] for n in sprints_of(shop, item)]


def _issues(state: JiraState, shop: Workshop) -> None:
    history_ids, worklog_ids = count(100_001), count(60_001)
    items = sorted(shop.items, key=lambda i: int(i.id))
    ids = VERSION_IDS | {small.title: small.version_id for small in small_milestones(shop)}
    booked = Counter[Day]()
    for item in items:
        for at, spent in item.efforts or ():
            booked[_day(item, at)] += spent
    for item in items:
        sprints = _sprints_of(item, state, shop)
        versions = [state.versions[ids[name]] for name in item.versions]
        events = sorted(_events(item, sprints, versions, flavour=state.flavour), key=lambda e: e[0])
        state.histories[item.id] = [
            history(next(history_ids), at, author, items=changes, flavour=state.flavour)
            for at, author, changes in events
        ]
        who = jira_user(item.assignee, state.flavour)
        state.worklogs[item.id] = [
            vendor.worklog(next(worklog_ids), item.id, who=who, started=at, spent_s=spent)
            for at, spent in _efforts(item, shop, booked)
        ]
        if item.former_number:
            state.old_keys[item.former_key] = item.id
        around = Around(
            project=state.projects[item.project],
            versions=versions,
            sprints=sprints,
            spent_s=sum(w["timeSpentSeconds"] for w in state.worklogs[item.id]),
            updated=max([item.created_at, *(e[0] for e in events)]),
        )
        state.issues[item.id] = issue(item, around, flavour=state.flavour)
    connect(state.issues, items)


Day: TypeAlias = tuple[Person, date]
"""A day of one person."""


def _day(item: Item, at: datetime) -> Day:
    return item.assignee, at.astimezone(SHANGHAI).date()


def _efforts(item: Item, shop: Workshop, booked: Counter[Day]) -> Iterator[tuple[datetime, int]]:
    """When and how long people worked on the item, in seconds: one to three entries once it was begun. ``booked`` is what each day holds already: nobody works longer."""
    if item.efforts is not None:
        yield from item.efforts
        return
    if not item.moves or item.type == "Epic" or item.moves[0][1] in DONE:
        return
    begin, end = item.moves[0][0], item.done_at or shop.anchor
    entries = shop.rng.randint(1, 3)
    for index in range(entries):
        at, spent = shop.within(begin, end, (index + 0.5) / entries), shop.rng.randint(1, 3) * 3600
        day = _day(item, at)
        spent = max(min(spent, _DAY_S - booked[day]), _LEAST_S)
        booked[day] += spent
        yield at, spent


Event = tuple[datetime, Person, list[Payload]]


def _events(
    item: Item, sprints: list[Payload], versions: list[Payload], *, flavour: Flavour
) -> Iterator[Event]:
    """What happened to the item: planning right after its creation, then its moves."""
    first = item.moves[0][0] if item.moves else item.created_at + timedelta(hours=9)
    gap = first - item.created_at
    assigned = changed("assignee", (None, None), (item.assignee.jira_id(flavour), item.assignee.name))
    yield item.created_at + gap * 0.2, item.reporter, [assigned]
    if seconds := estimate_s(item):
        points = changed(
            "Story Points", (None, None), (None, f"{item.points:g}"), field_id=FIELD_IDS["Story Points"]
        )
        estimate = changed("timeoriginalestimate", (None, None), (str(seconds), str(seconds)))
        yield item.created_at + gap * 0.4, item.assignee, [points, estimate]
    for version in versions:
        new = (version["id"], version["name"])
        yield (
            item.created_at + gap * 0.5,
            item.reporter,
            [changed("Fix Version", (None, None), new, field_id="fixVersions")],
        )
    if item.due_on:
        day = (item.due_on.isoformat(), f"{item.due_on} 00:00:00.0")
        yield item.created_at + gap * 0.6, item.reporter, [changed("duedate", (None, None), day)]
    yield from _sprint_events(item, sprints)
    yield from _status_events(item)
    for edit in item.edits:
        yield edit.at, edit.by, [changed(edit.field, edit.old, edit.new, field_id=edit.field_id)]
    if item.former_number and item.done_at:
        names = (None, item.former_key), (None, item.key)
        yield item.done_at + timedelta(days=1), item.reporter, [changed("Key", *names)]


def _sprint_events(item: Item, sprints: list[Payload]) -> Iterator[Event]:
    held: list[Payload] = []
    for sprint in sprints:
        old, held = held, [*held, sprint]
        at = item.moves[0][0] if not old else datetime.fromisoformat(sprint["startDate"])
        yield (
            at,
            item.assignee,
            [changed("Sprint", _joined(old), _joined(held), field_id=FIELD_IDS["Sprint"])],
        )


def _joined(sprints: list[Payload]) -> tuple[str, str]:
    return ", ".join(str(s["id"]) for s in sprints), ", ".join(s["name"] for s in sprints)


def _status_events(item: Item) -> Iterator[Event]:
    before = "To Do"
    for at, name in item.moves:
        old, new = vendor.status(before), vendor.status(name)
        changes = [changed("status", (old["id"], before), (new["id"], name))]
        if name in DONE:
            resolution = vendor.resolution(name)
            changes.append(changed("resolution", (None, None), (resolution["id"], name)))
        yield at, item.assignee, changes
        before = name
