"""Truth: what a store holds that has read everything, by kind: (id, what tells its state) of every record."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial

from tests.bench.site import jira_world
from tests.bench.site.gitlab_world import (
    FIRST_DEPLOYMENT,
    FIRST_ISSUE,
    FIRST_PIPELINE,
    FIRST_PROJECT,
    FIRST_REQUEST,
    GitlabWorld,
)
from tests.bench.site.jira_small_bodies import sprint_id, version_id
from tests.bench.site.jira_world import JiraWorld
from tests.bench.site.size import Series

Row = tuple[str, str]


def truth_of(jira: JiraWorld, gitlab: GitlabWorld) -> Mapping[str, Callable[[], Iterator[Row]]]:
    """By kind of record, its rows. Instants are in epoch ms; what cannot change has no state."""
    return {
        "issue": partial(_issues, jira),
        "field_change": partial(_field_changes, jira),
        "worklog": partial(_worklogs, jira),
        "version": partial(_each, jira.size.jira_projects, jira.size.versions_each, version_id),
        "sprint": partial(_each, jira.size.jira_projects, jira.size.sprints_each, sprint_id),
        "commit": partial(_commits, gitlab),
        "branch": partial(_branches, gitlab),
        "merge_request": partial(_timed, gitlab.requests, FIRST_REQUEST),
        "pipeline": partial(_timed, gitlab.pipelines, FIRST_PIPELINE),
        "deployment": partial(_timed, gitlab.deployments, FIRST_DEPLOYMENT),
        "gitlab_issue": partial(_timed, gitlab.issues, FIRST_ISSUE),
    }


def _issues(world: JiraWorld) -> Iterator[Row]:
    for index in _live(world):
        yield str(jira_world.FIRST_ISSUE + index), f"{world.key(index)} {world.series.updated(index)}"


def _live(world: JiraWorld) -> Iterator[int]:
    return (index for index in range(world.series.base) if index not in world.deleted)


def _field_changes(world: JiraWorld) -> Iterator[Row]:
    """Changes of fields that are kept: the assignee, then status and sprint, status and resolution, due dates, keys."""
    kept = ((0,), (0, 1), (), (0, 1), ())
    for index in _live(world):
        for number in range(world.histories(index)):
            yield from ((f"{jira_world.history_id(index, number)}.{place}", "") for place in kept[number])
        for number in range(len(world.revisions.get(index, ()))):
            yield f"{jira_world.late_history(index, number)}.0", ""
        if index in world.moved:
            yield f"{jira_world.move_history(index)}.0", ""


def _worklogs(world: JiraWorld) -> Iterator[Row]:
    for one in world.worklogs_since(0):
        yield str(one.id), str(one.at_ms)


def _each(projects: int, each: int, id_of: Callable[[int, int], object]) -> Iterator[Row]:
    return ((str(id_of(project, number)), "") for project in range(projects) for number in range(each))


def _commits(world: GitlabWorld) -> Iterator[Row]:
    for graph in world.graphs:
        whole = graph.everything()
        for start in range(0, len(whole), 10_000):
            yield from (
                (f"{FIRST_PROJECT + graph.number}/{node.sha}", "")
                for node in whole.part(start, start + 10_000)
            )


def _branches(world: GitlabWorld) -> Iterator[Row]:
    for graph in world.graphs:
        yield from ((f"{FIRST_PROJECT + graph.number}/{name}", sha) for name, sha in graph.tips.items())


def _timed(series: Series, first: int) -> Iterator[Row]:
    return ((str(first + index), str(series.updated(index))) for index in range(series.count))
