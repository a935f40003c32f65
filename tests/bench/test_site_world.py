"""The site's worlds: what is computed from numbers says the same as what could be looked up."""

import pytest

from tests.bench.site.changes import change
from tests.bench.site.gitlab_world import GitlabWorld
from tests.bench.site.graph import LATE, MAIN, OPEN, Graph
from tests.bench.site.jira_world import LATE as JIRA_LATE
from tests.bench.site.jira_world import MOVE, JiraWorld
from tests.bench.site.size import OPEN_COMMITS, Series, Size, scaled
from tests.bench.site.small import SMALL
from tests.bench.site.texts import template

pytestmark = pytest.mark.pure
NOW_MS = 1_800_000_000_000


def _everything(graph: Graph) -> dict[str, tuple[str, ...]]:
    """Sha -> parents of every commit that the project ever had."""
    counts = {MAIN: SMALL.main_each, OPEN: SMALL.open_each * OPEN_COMMITS, LATE: len(graph.late)}
    nodes = (graph.node(kind, place) for kind, count in counts.items() for place in range(count))
    return {node.sha: node.parents for node in nodes}


def _reachable(parents: dict[str, tuple[str, ...]], tip: str) -> set[str]:
    seen: set[str] = set()
    waiting = [tip]
    while waiting:
        sha = waiting.pop()
        if sha not in seen:
            seen.add(sha)
            waiting += parents[sha]
    return seen


def _changed() -> tuple[JiraWorld, GitlabWorld]:
    jira, gitlab = JiraWorld.of(SMALL, NOW_MS), GitlabWorld.of(SMALL, NOW_MS)
    change(jira, gitlab, share=0.1, at_ms=NOW_MS + 1000)
    change(jira, gitlab, share=0.1, at_ms=NOW_MS + 2000)
    return jira, gitlab


def test_a_sha_tells_its_place_and_no_other_project_knows_it() -> None:
    _, gitlab = _changed()
    first, second = gitlab.graphs[:2]
    for sha in _everything(first):
        kind, place = first.place_of(sha) or (-1, -1)
        assert first.sha(kind, place) == sha
        assert second.place_of(sha) is None
    assert first.place_of("0" * 40) is None


def test_ranges_hold_what_reachability_says() -> None:
    _, gitlab = _changed()
    for graph in gitlab.graphs:
        parents = _everything(graph)
        tips = [*graph.tips.values(), graph.sha(MAIN, 0), graph.sha(MAIN, 20), graph.head_of(3)]
        for new in tips:
            for old in tips:
                span = graph.between(old, new)
                assert span is not None
                found = [node.sha for node in span.part(0, len(span))]
                assert len(found) == len(set(found)) == len(span)
                assert set(found) == _reachable(parents, new) - _reachable(parents, old)


def test_every_commit_of_the_size_is_on_a_branch_before_any_change() -> None:
    gitlab = GitlabWorld.of(SMALL, NOW_MS)
    assert sum(len(graph.everything()) for graph in gitlab.graphs) == SMALL.commits


def test_a_rewritten_branch_leaves_commits_on_no_branch() -> None:
    _, gitlab = _changed()
    graph = gitlab.graphs[0]
    lost = _everything(graph).keys() - {node.sha for node in graph.everything().part(0, 10_000)}
    assert lost
    assert all(graph.branches_with(sha) == [] for sha in lost)


def test_a_window_holds_what_was_updated_since_in_that_order() -> None:
    series = Series.until(NOW_MS, 50, lag_ms=1000)
    series.touched |= {3: NOW_MS, 40: NOW_MS - 5, 17: NOW_MS + 5}
    series.added += [NOW_MS - 2, NOW_MS + 2]
    for since in (
        0,
        series.created(20),
        series.updated(20),
        series.updated(20) + 1,
        NOW_MS - 4,
        NOW_MS,
        NOW_MS + 9,
    ):
        for offset in range(3):
            old, new = series.since(since, step=3, offset=offset)
            found = [*(i for i in old if i not in series.touched), *new]
            fits = [i for i in range(series.count) if series.updated(i) >= since and i % 3 == offset]
            assert found == sorted(fits, key=series.updated)


def test_a_project_holds_what_was_moved_into_it_and_lacks_what_left_or_was_deleted() -> None:
    jira, _ = _changed()
    projects = range(SMALL.jira_projects)
    found = [index for project in projects for index in jira.by_id(frozenset({project}))]
    assert sorted(found) == [index for index in range(SMALL.issues) if index not in jira.deleted]
    assert sorted(found) == list(jira.by_id(frozenset(projects)))
    for project in projects:
        own = list(jira.by_id(frozenset({project})))
        assert own == sorted(own)
        assert all(jira.key(index).startswith(f"P{chr(65)}{chr(65 + project)}-") for index in own)
        assert jira.count(frozenset({project}), None) == len(own)
        assert list(jira.by_id(frozenset({project}), after=own[4])) == own[5:]
    assert jira.moved
    assert jira.deleted


def test_issues_by_update_are_those_since_the_instant() -> None:
    jira, _ = _changed()
    every = frozenset(range(SMALL.jira_projects))
    since = jira.series.updated(30)
    found = list(jira.since(every, since))
    assert found == sorted(found, key=jira.series.updated)
    assert set(found) == {i for i in jira.by_id(every) if jira.series.updated(i) >= since}
    assert jira.count(every, since) == len(found)


def test_worklogs_are_found_by_their_ids_and_in_the_order_of_their_feed() -> None:
    jira, _ = _changed()
    found = list(jira.worklogs_since(0))
    assert [one.at_ms for one in found] == sorted(one.at_ms for one in found)
    assert all(jira.worklog(one.id) == one for one in found)
    later = [one for one in found if one.at_ms >= found[50].at_ms]
    assert list(jira.worklogs_since(found[50].at_ms)) == later
    gone = [id_ for id_, _ in jira.worklogs_deleted(0)]
    assert gone
    assert all(jira.worklog(id_) is None for id_ in gone)


def test_a_company_of_a_hundred_times_the_size_is_there_without_its_records_being_made() -> None:
    size = scaled(Size(), by=100)
    assert (size.issues, size.commits, size.requests) == (1_000_000, 5_000_000, 800_000)
    graph = GitlabWorld.of(size, NOW_MS).graphs[3]
    newest = graph.between(None, graph.tips["main"])
    assert newest is not None
    assert [node.number for node in newest.part(400_000, 400_002)] == [
        len(newest) - 400_001,
        len(newest) - 400_002,
    ]


def test_an_issue_has_a_number_for_each_history_or_is_not_changed() -> None:
    jira, _ = _changed()
    for at_ms in range(MOVE - JIRA_LATE - len(jira.revisions.get(3, ()))):
        jira.touch(3, at_ms)
    with pytest.raises(ValueError, match="times, and cannot be once more"):
        jira.touch(3, NOW_MS)
    ids = [id_ for index in (3, 4) for id_, _ in jira.histories_of(index)]
    assert len(set(ids)) == len(ids)


def test_a_size_that_cannot_be_spread_evenly_is_refused() -> None:
    with pytest.raises(ValueError, match="multiples"):
        Size(issues=10_001)
    with pytest.raises(ValueError, match="merge"):
        Size(commits=1000)


def test_a_template_fills_texts_and_pieces_of_json() -> None:
    filled = template({"a": "<x> of 100 %", "b": "<<y>>", "c": ["<<y>>"]})
    assert filled({"x": "one", "y": "null"}) == '{"a":"one of 100 %","b":null,"c":[null]}'
