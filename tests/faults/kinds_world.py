"""Kinds of the world: what people and administrators do to projects, issues and branches while somebody reads."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from tests.faults import changes, deletions, world_steps
from tests.faults.kind import GITLAB_LATER, JIRA_LATER, Kind
from tests.faults.world_steps import DAY

_LONG = "deletions are looked for once a day"
MOVES = (
    Kind(
        name="issue moved",
        does="an issue goes to another project",
        steps=world_steps.both(world_steps.move_issue),
        patience=DAY,
    ),
    Kind(
        name="issue deleted",
        does="an issue is deleted",
        steps=world_steps.both(deletions.delete_issue),
        patience=DAY,
        note=_LONG,
    ),
    Kind(
        name="issue restored",
        does="an issue vanishes for a day and comes back",
        steps=world_steps.restored,
        patience=DAY,
        note=_LONG,
    ),
    Kind(
        name="key reused",
        does="an issue is deleted and its key goes to another",
        steps=world_steps.key_reused,
        patience=DAY,
        note=_LONG,
    ),
    Kind(
        name="late push", does="work of weeks ago is pushed today", steps=world_steps.both(changes.late_push)
    ),
    Kind(name="force push", does="a branch is rewritten", steps=world_steps.both(changes.force_push)),
    Kind(
        name="project renamed",
        does="a GitLab project gets another path",
        steps=world_steps.both(world_steps.rename_project),
        patience=DAY,
    ),
    Kind(
        name="project transferred",
        does="a GitLab project goes to another group",
        steps=world_steps.both(world_steps.transfer_project),
        patience=DAY,
    ),
)
CLOSED = (
    Kind(
        name="403 of a Jira project",
        does="permission for one project is lost, maybe in mid-run, and given back after the run",
        steps=world_steps.Closed(close=world_steps.close_jira).steps,
    ),
    Kind(
        name="403 of a GitLab project",
        does="one project is closed to the token, maybe in mid-run, and opened after the run",
        steps=world_steps.Closed(close=world_steps.mark_gitlab("_forbidden")).steps,
        spots=(GITLAB_LATER,),
    ),
    Kind(
        name="404 of a GitLab project",
        does="one project is hidden from the token, maybe in mid-run, and shown after the run",
        steps=world_steps.Closed(close=world_steps.mark_gitlab("_hidden")).steps,
        spots=(GITLAB_LATER,),
    ),
    Kind(
        name="project deleted",
        does="a Jira project is deleted, maybe in mid-run, and restored from the bin after the run",
        steps=world_steps.Closed(close=world_steps.drop_jira).steps,
    ),
    Kind(
        name="403 of a blocked address",
        does="a firewall refuses everything from some request on, until after the run",
        steps=world_steps.Closed(close=world_steps.block).steps,
        spots=(JIRA_LATER,),
    ),
)
TIMES = (
    Kind(
        name="late index",
        does="Jira's search is 25 minutes behind",
        steps=world_steps.late_index,
        patience=timedelta(hours=49),
        note="a long look back once a day heals what the index showed late",
    ),
    Kind(
        name="tool's clock 2 h ahead",
        does="the Date header is two hours ahead",
        steps=world_steps.skew(timedelta(hours=2), timedelta(0)),
    ),
    Kind(
        name="tool's clock 2 h behind",
        does="the Date header is two hours behind",
        steps=world_steps.skew(timedelta(hours=-2), timedelta(0)),
    ),
    Kind(
        name="host's clock 2 h ahead",
        does="the host believes that it is two hours later",
        steps=world_steps.skew(timedelta(0), timedelta(hours=2)),
    ),
    Kind(
        name="host's clock 2 h behind",
        does="the host believes that it is two hours earlier",
        steps=world_steps.skew(timedelta(0), timedelta(hours=-2)),
    ),
    Kind(
        name="DST begins",
        does="runs around the hour that is missing",
        steps=world_steps.calendar,
        anchor=datetime(2027, 3, 28, 0, 30, tzinfo=UTC),
    ),
    Kind(
        name="DST ends",
        does="runs around the hour that comes twice",
        steps=world_steps.calendar,
        anchor=datetime(2027, 10, 31, 0, 30, tzinfo=UTC),
    ),
    Kind(
        name="leap day",
        does="runs on both sides of 29 February",
        steps=world_steps.calendar,
        anchor=datetime(2028, 2, 28, 22, 30, tzinfo=UTC),
    ),
)
KINDS = (*MOVES, *CLOSED, *TIMES)
