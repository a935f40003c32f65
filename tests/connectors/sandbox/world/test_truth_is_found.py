"""The truth table against Tandem's own rules: the payloads are parsed as the connectors do and judged, without any HTTP in between."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime

import pytest

from connectors.gitlab import parse_code, parse_review, parse_runs, parse_todos, parse_work
from connectors.gitlab.parse import Place
from connectors.jira import parse as parse_jira
from connectors.jira.fields import fields_of, parse_field
from connectors.jira.parse_changelog import parse_history
from connectors.jira.parse_issue import IssueContext, parse_issue
from connectors.jira.settings import FieldNames
from connectors.port import Completeness, Scope, Verdict
from connectors.records import KeyAlias, PathTouch, TodoScan
from connectors.sandbox.world import company
from connectors.sandbox.world.scenes import SCENES
from mappings.load import parsed
from mappings.observed import Gone, Observed
from sync.core.build import world_of
from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of

ANCHOR = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
JIRA, GITLAB = "https://jira.sandbox.example", "https://gitlab.sandbox.example"


def jira_records(state, fields):
    context = IssueContext(source="jira", browse_url=JIRA, fields=fields)
    yield from (parse_issue(issue, context) for issue in state.issues.values())
    for id_, entries in state.histories.items():
        for entry in entries:
            yield from parse_history(entry, source="jira", issue_id=id_, fields=fields)
    for version in state.versions.values():
        yield parse_jira.parse_version(
            version, source="jira", project_key=version["_project"], browse_url=JIRA
        )
    yield from (parse_jira.parse_sprint(sprint, source="jira") for sprint in state.sprints.values())
    for entries in state.worklogs.values():
        yield from (parse_jira.parse_worklog(entry, source="jira") for entry in entries)


def reachable(state, project_id):
    commits = state.commits[project_id]
    seen, ahead = set(), [b["commit"]["id"] for b in state.branches[project_id].values()]
    while ahead:
        sha = ahead.pop()
        if sha not in seen:
            seen.add(sha)
            ahead += commits[sha]["parent_ids"]
    return [commit for sha, commit in commits.items() if sha in seen]


def code_records(state, id_, place):
    home = str(id_)
    yield parse_code.parse_project(state.projects[id_], place)
    for branch in state.branches[id_].values():
        yield parse_code.parse_branch(branch, place, project_id=home)
    for commit in reachable(state, id_):
        yield parse_code.parse_commit(commit, place, project_id=home)
        yield from touches(commit, home)


def touches(commit, home):
    sha = commit["id"]
    for prefix in ("src/drivers", "src/legacy"):
        if any(path.startswith(prefix) for path in commit["_files"]):
            id_ = f"{home}/{sha}/{prefix}"
            yield PathTouch(source="gitlab", id=id_, project_id=home, prefix=prefix, sha=sha)


def file_records(state, id_, place):
    """The marks below ``src`` of the two projects whose files the mapping allows to be read."""
    home, files = str(id_), state.files[id_]
    if id_ not in {201, 211}:
        return
    for path, content in files.items():
        if path.startswith("src/"):
            yield from parse_todos.parse_todos(
                content.decode(), place, project_id=home, path=path, blob_sha="0"
            )
    yield TodoScan(
        source="gitlab", id=f"{home}/src", project_id=home, path="src", sha="0", files=len(files), url=GITLAB
    )


def work_records(state, id_, place):
    home = str(id_)
    for iid, row in state.merge_requests[id_].items():
        request = parse_work.parse_merge_request(row, place)
        yield request
        if approval := state.approvals.get((id_, iid)):
            yield parse_review.parse_approval(approval, request)
        yield parse_review.parse_notes(state.discussions.get((id_, iid), []), request)
    yield from (parse_work.parse_milestone(m, place) for m in state.project_milestones[id_].values())
    yield from (parse_work.parse_issue(issue, place) for issue in state.issues[id_].values())
    for number, pipeline in state.pipelines[id_].items():
        parent = parse_runs.parse_pipeline(pipeline, place, project_id=home)
        yield parent
        for job in state.jobs.get(number, ()):
            yield parse_runs.parse_job(job, parent, home=GITLAB, is_retried=False)
    for deployment in state.deployments[id_].values():
        yield parse_runs.parse_deployment(deployment, place, project_id=home)
    for release in state.releases[id_].values():
        yield parse_code.parse_release(release, place, project_id=home)


def gitlab_records(state):
    paths = {str(i): p["path_with_namespace"] for i, p in state.projects.items()}
    place = Place(source="gitlab", browse_url=GITLAB, paths=paths)
    for id_ in state.projects:
        yield from code_records(state, id_, place)
        yield from work_records(state, id_, place)
        yield from file_records(state, id_, place)
    for milestone in state.group_milestones[100].values():
        yield parse_work.parse_milestone(milestone, place, group_path="nova")


def read_to_the_end(stream, partition, *, at):
    scope = Scope(source="jira", stream=stream, partition=partition)
    return Verdict(scope=scope, completeness=Completeness.COMPLETE, at=at)


def found_in(nova):
    known = rules()
    spec = parsed(nova.mapping, name="mapping.yaml", rule_codes=frozenset(known)).spec
    wanted = spec.sources.jira[0].fields
    names = FieldNames(
        story_points=wanted.story_points,
        sprint=wanted.sprint,
        epic_link=wanted.epic_link,
        others=wanted.others,
    )
    jira, gitlab = nova.sandbox.jira, nova.sandbox.gitlab
    fields = fields_of([parse_field(f) for f in jira.fields], names, source="jira")
    aliases = [KeyAlias(source="jira", key=key, issue_id=id_) for key, id_ in jira.old_keys.items()]
    now = nova.clock.now()
    context = IssueContext(source="jira", browse_url=JIRA, fields=fields)
    gone = [Gone(issue=parse_issue(held["issue"], context), noticed_at=now) for held in jira.trash.values()]
    observed = Observed.of(
        [*jira_records(jira, fields), *gitlab_records(gitlab)],
        aliases=aliases,
        verdicts=[read_to_the_end("issues", project, at=now) for project in ("IMP", "RISK")],
        gone=gone,
    )
    return findings_of(world_of(spec, observed, now=now), known).findings


def compared(findings, truth):
    """(found but not planted, planted but not found), with the suppressed mark."""
    found = Counter((f.rule, f.commitment_key, str(f.subject), f.suppressed is not None) for f in findings)
    planted = Counter((p.rule, p.commitment, p.subject, p.suppressed) for p in truth)
    return sorted(found - planted), sorted(planted - found)


@pytest.mark.parametrize(
    ("anchor", "flavour", "seed"),
    [
        (ANCHOR, "cloud", 7),
        (ANCHOR, "datacenter", 8),
        (datetime(2026, 2, 20, 16, 30, tzinfo=UTC), "cloud", 9),
    ],
)
def test_the_rules_find_the_truth_and_nothing_else(anchor, flavour, seed):
    nova = company(anchor, flavour=flavour, seed=seed)
    assert compared(found_in(nova), nova.truth) == ([], [])


@pytest.mark.parametrize("seed", range(7, 13))
@pytest.mark.parametrize(
    "anchor",
    [
        ANCHOR,
        datetime(2028, 2, 29, 16, 5, tzinfo=UTC),
        datetime(2027, 1, 1, tzinfo=UTC),
        datetime(2026, 10, 4, 15, 59, tzinfo=UTC),
    ],
)
def test_the_truth_of_a_small_company_is_found_on_any_day_and_with_any_seed(anchor, seed):
    nova = company(anchor, seed=seed, size="small", flavour=("cloud", "datacenter")[seed % 2])
    assert compared(found_in(nova), nova.truth) == ([], [])


BLIND = {"project_forbidden"}
"""What these scenes say is found by reading, not by rules over what was read."""


@pytest.mark.parametrize("name", sorted(SCENES.keys() - BLIND))
def test_after_a_scene_the_rules_find_what_the_scene_says(name):
    nova = company(ANCHOR)
    if prologue := SCENES[name].prologue:
        prologue(nova)
    SCENES[name].play(nova)
    assert compared(found_in(nova), SCENES[name].truth_after(nova)) == ([], [])
