"""Changes: a share of everything changed at once, as a team would in some hours, with what is awkward to find: a force push, a deleted issue, a moved one."""

from __future__ import annotations

from tests.bench.site.gitlab_world import GitlabWorld
from tests.bench.site.graph import Graph
from tests.bench.site.jira_world import JiraWorld
from tests.bench.site.size import OPEN_COMMITS


def change(jira: JiraWorld, gitlab: GitlabWorld, *, share: float, at_ms: int) -> dict[str, int]:
    """Change this share of the issues, commits, merge requests and pipelines; returns how many records of each kind. Instants end at ``at_ms``."""
    of_jira = _issues(jira, share, at_ms)
    of_gitlab = (
        _code(gitlab, share, at_ms) | _requests(gitlab, share, at_ms) | _pipelines(gitlab, share, at_ms)
    )
    for project in range(gitlab.size.gitlab_projects):
        gitlab.active[project] = at_ms
    return of_jira | of_gitlab


def _some(total: int, share: float) -> list[int]:
    """So many of ``total`` numbers, spread evenly."""
    wanted = max(1, round(total * share))
    return [place * total // wanted for place in range(wanted)]


def _issues(world: JiraWorld, share: float, at_ms: int) -> dict[str, int]:
    free = [
        index for index in range(world.series.base) if index not in world.deleted and index not in world.moved
    ]
    chosen = [free[place] for place in _some(len(free), share)]
    for number, index in enumerate(chosen, start=1):
        world.touch(index, at_ms - len(chosen) + number)
    left = [index for index in free[len(free) // 3 :] if index not in world.series.touched]
    if left:
        world.delete(left[0], at_ms)
    if len(left) > 1:
        world.move(left[1], at_ms)
    return {"issues": len(chosen), "worklogs": len(chosen), "deleted": len(left[:1]), "moved": len(left[1:2])}


def _code(world: GitlabWorld, share: float, at_ms: int) -> dict[str, int]:
    each = max(2, round(world.size.commits * share) // world.size.gitlab_projects)
    for graph in world.graphs:
        _pushes(world, graph, each, at_ms)
    rewritten = world.graphs[0]
    branch = min(rewritten.tips)  # a feature branch: main comes behind
    _rewrite(world, rewritten, branch, at_ms)
    return {"commits": each * len(world.graphs), "rewritten": 1}


def _pushes(world: GitlabWorld, graph: Graph, each: int, at_ms: int) -> None:
    """Half of the commits on the default branch, half on the branches of open merge requests in turn, some to a push."""
    opened = range(graph.merged + 1, graph.size.requests_each + 1)
    for number in range(each):
        request = opened[number // 2 // OPEN_COMMITS % len(opened)] if number % 2 and opened else 0
        name = graph.branch_of(request) if request else "main"
        graph.tips[name] = graph.push(graph.tips[name], at_ms - each + 1 + number, request=request)
        if request:
            world.requests.touched[world.index(graph.number, request)] = at_ms


def _rewrite(world: GitlabWorld, graph: Graph, branch: str, at_ms: int) -> None:
    """A branch begun anew from where it left the default branch; its former commits are reachable from nowhere."""
    reach = graph.reach(graph.tips[branch])
    assert reach is not None
    start = graph.sha(0, reach.place)
    request = int(branch.rpartition("-")[2])
    first = graph.push(start, at_ms, request=request)
    graph.tips[branch] = graph.push(first, at_ms, request=request)
    world.requests.touched[world.index(graph.number, request)] = at_ms


def _requests(world: GitlabWorld, share: float, at_ms: int) -> dict[str, int]:
    chosen = _some(world.requests.base, share)
    for back, index in enumerate(reversed(chosen)):
        world.requests.touched[index] = at_ms - back
    return {"requests": len(world.requests.touched)}


def _pipelines(world: GitlabWorld, share: float, at_ms: int) -> dict[str, int]:
    wanted = max(1, round(world.size.pipelines * share))
    world.pipelines.added += [at_ms - back for back in range(wanted - 1, -1, -1)]
    return {"pipelines": wanted}
