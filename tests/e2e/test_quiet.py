"""Quiet cycles: what nothing hints at costs nothing, and whatever changes is found: at once where anything tells of it, else within the hour."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from stand import Stand, writes_in

from connectors.sandbox.world import edits
from connectors.sandbox.world.commits import Written
from connectors.sandbox.world.people import BY_LOGIN
from connectors.sandbox.world.stamps import gitlab_time
from sync.core.drift.catalogue import rules
from sync.store import database
from sync.store.tables import metadata

both_products = pytest.mark.parametrize("synced", ["full cloud", "full datacenter"], indirect=True)
TICK = timedelta(minutes=5)


def parted(requests: list[str]) -> tuple[list[str], list[str]]:
    """(those to Jira, those to GitLab)."""
    return [r for r in requests if "/rest/" in r], [r for r in requests if "/api/v4/" in r]


@both_products
def test_a_quiet_cycle_asks_jira_eight_times_at_most_and_gitlab_for_two_lists(synced: Stand) -> None:
    synced.run("sync")  # at another address than the first sync, so the token is asked anew
    for _ in range(3):
        synced.world.clock.advance(TICK)
        jira, gitlab = parted(synced.requests_of("sync"))
        assert len(jira) <= 8, "\n".join(jira)
        assert [r.partition("?")[0].rpartition("/")[2] for r in gitlab] == ["projects", "merge_requests"]


OWN = frozenset({"runs", "leases", "cursors", "verdicts", "sites"})
"""Tables in which a run keeps its own books."""


def rows_in(stand: Stand) -> dict[str, list[tuple[object, ...]]]:
    """All rows of the store by table."""
    settings = stand.options.settings
    assert settings
    engine = database.opened(settings.database)
    with engine.connect() as connection:
        found = {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in metadata.tables.items()
        }
    engine.dispose()
    return found


def test_a_quiet_cycle_writes_nothing_but_its_own_books(synced: Stand) -> None:
    synced.run("sync")
    before = rows_in(synced)
    synced.world.clock.advance(TICK)
    assert writes_in(synced.requests_of("sync")) == []
    after = rows_in(synced)
    assert {name for name in after if after[name] != before[name]} <= OWN
    moved = set(after["cursors"]) - set(before["cursors"])
    projects = len(synced.world.sandbox.jira.projects)
    assert len(moved) <= projects + 3  # issues by project, worklogs, GitLab's two lists


def test_once_an_hour_everything_is_asked(synced: Stand) -> None:
    everything = len(synced.requests_of("sync", "--everywhere"))
    assert everything > 30
    synced.world.clock.advance(timedelta(minutes=59))
    assert len(synced.requests_of("sync")) < 15
    synced.world.clock.advance(timedelta(minutes=1))
    assert (
        len(synced.requests_of("sync")) >= everything - 2
    )  # what was written an hour ago has left the window
    synced.world.clock.advance(TICK)
    assert len(synced.requests_of("sync")) < 15


def _issue_begun(stand: Stand) -> None:
    edits.begin(stand.world, stand.world.issues["slot"], stand.world.clock.now())


def _branch_pushed(stand: Stand) -> None:
    by, now = BY_LOGIN["chen.jie"], stand.world.clock.now()
    project_id = edits.request(stand.world, "busy")["project_id"]
    old = Written(message="written long ago", author=by, at=now - timedelta(days=40))
    edits.push(stand.world, project_id, "feature/hidden", written=[old])


def _branch_deleted(stand: Stand) -> None:
    request = edits.request(stand.world, "busy")
    stand.world.sandbox.gitlab.branches[request["project_id"]].pop(request["source_branch"])
    edits.active(stand.world, request["project_id"])


def _merge_request_closed(stand: Stand) -> None:
    now = gitlab_time(stand.world.clock.now())
    edits.request(stand.world, "busy").update(state="closed", closed_at=now, updated_at=now)


def _pipeline_rerun(stand: Stand) -> None:
    held = stand.world.sandbox.gitlab.pipelines[edits.request(stand.world, "busy")["project_id"]]
    held[max(held)] |= {"status": "canceled", "updated_at": gitlab_time(stand.world.clock.now())}


def _version_released(stand: Stand) -> None:
    version = next(v for v in stand.world.sandbox.jira.versions.values() if not v["released"])
    version["released"] = True


def _sprint_closed(stand: Stand) -> None:
    sprint = next(s for s in stand.world.sandbox.jira.sprints.values() if s["state"] == "active")
    sprint["state"] = "closed"


def _milestone_moved(stand: Stand) -> None:
    held = next(m for m in stand.world.sandbox.gitlab.project_milestones.values() if m)
    now = gitlab_time(stand.world.clock.now())
    next(iter(held.values())).update(due_date="2027-03-03", updated_at=now)


def read_by(stand: Stand, *arguments: str) -> int:
    """How many records a sync found new or changed."""
    found: int = stand.json("sync", *arguments)["records"]
    return found


TOLD = (_issue_begun, _branch_pushed, _branch_deleted, _merge_request_closed)
UNTOLD = (_pipeline_rerun, _version_released, _sprint_closed, _milestone_moved)


@pytest.mark.parametrize("change", TOLD)
def test_what_anything_hints_at_is_found_at_once(synced: Stand, change: Callable[[Stand], None]) -> None:
    synced.world.clock.advance(TICK)
    read_by(synced)
    synced.world.clock.advance(TICK)
    change(synced)
    assert read_by(synced) > 0


@pytest.mark.parametrize("change", UNTOLD)
@pytest.mark.parametrize("is_asked_for", [True, False])
@pytest.mark.parametrize("synced", ["full cloud"], indirect=True)
def test_what_nothing_hints_at_is_found_within_the_hour_or_by_asking_everywhere(
    synced: Stand, change: Callable[[Stand], None], *, is_asked_for: bool
) -> None:
    synced.world.clock.advance(TICK)
    read_by(synced)
    change(synced)
    assert read_by(synced) == 0
    if is_asked_for:
        assert read_by(synced, "--everywhere") > 0
    else:
        synced.world.clock.advance(timedelta(hours=1))
        assert read_by(synced) > 0


@pytest.mark.parametrize("change", [_branch_pushed, _branch_deleted])
def test_what_gitlab_holds_back_for_an_hour_is_found_by_then(
    synced: Stand, change: Callable[[Stand], None]
) -> None:
    gitlab, clock = synced.world.sandbox.gitlab, synced.world.clock
    gitlab.activity_every = timedelta(hours=1)
    edits.active(synced.world, edits.request(synced.world, "busy")["project_id"])
    clock.advance(timedelta(minutes=50))
    assert read_by(synced) > 0  # the project itself, for it tells when it was active
    clock.advance(timedelta(minutes=1))
    change(synced)
    clock.advance(TICK)
    assert read_by(synced) == 0
    clock.advance(timedelta(minutes=55))
    assert read_by(synced) > 0


def test_a_jira_project_that_is_closed_to_us_is_told_of_at_once_and_until_it_opens(synced: Stand) -> None:
    synced.world.clock.advance(TICK)
    jira = synced.world.sandbox.jira
    held = jira.permissions["RISK"]
    jira.permissions["RISK"] = held - {"BROWSE_PROJECTS"}
    for _ in range(2):
        synced.world.clock.advance(TICK)
        assert synced.run("sync")[0] == 3
        unread = {subject for rule, _, subject in synced.drift() if rule == "X01"}
        assert unread == {"jira:scope:issues/RISK"}
    jira.permissions["RISK"] = held
    synced.world.clock.advance(TICK)
    assert synced.run("sync")[0] == 0
    synced.world.clock.advance(TICK)
    assert len(parted(synced.requests_of("sync"))[0]) <= 8


def test_a_token_that_is_refused_is_told_as_such(synced: Stand) -> None:
    synced.world.clock.advance(TICK)
    synced.with_token("gitlab", "another")
    assert synced.run("sync")[0] == 5


UNUSED = frozenset(
    {
        *("alembic", "apscheduler", "psycopg", "structlog", "procrastinate", "sync.recordings", "sync.queue"),
        *("sync.engine.deliver", "sync.engine.outcomes", "sync.engine.desk", "sync.engine.slots"),
        *("connectors.jira.sink", "connectors.jira.checks", "connectors.gitlab.checks"),
        *("connectors.sandbox.server", "connectors.tape.tapes"),
    }
)
"""What no cycle needs in which nothing changed and nothing may be written."""
PACKAGE = "sync.core.drift."


def loaded_by(stand: Stand, *arguments: str) -> frozenset[str]:
    """The modules that one command line leaves loaded in a process of its own."""
    script = (
        "import sys; from datetime import datetime; from sync.cli.main import exit_status; from sync.cli.options import Options; "
        "now = datetime.fromisoformat(sys.argv[1]); code = exit_status(sys.argv[2:], options=Options(now=lambda: now)); "
        "print(*sys.modules, file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, stand.world.clock.now().isoformat(), *arguments],
        env=stand.environment(TANDEM_WRITES_OFF="true"),
        capture_output=True,
        text=True,
        check=True,
    )
    return frozenset(done.stderr.splitlines()[-1].split())


@pytest.mark.process
def test_a_quiet_cycle_loads_nothing_that_only_a_change_or_a_write_needs(synced: Stand) -> None:
    synced.with_settings(writes_off=True)
    for _ in range(3):  # what is seen for the first time is judged once more
        synced.run("sync")
    loaded = loaded_by(synced, "sync")
    assert loaded & UNUSED == frozenset()
    found = {
        name.removeprefix(PACKAGE).partition("_")[0].upper() for name in loaded if name.startswith(PACKAGE)
    }
    assert len(found & rules().keys()) < len(rules()) / 2
