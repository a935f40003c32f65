"""Big worlds: records of a company of any size, made one after the other and never held together. The same seed makes the same company.

Its people keep their tools in order, mostly: what was made long ago is done and merged, what is new is under way, and one issue in fifty says something else than its code.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha1
from itertools import islice

from connectors.port import Completeness, Scope, Verdict
from connectors.records import (
    Branch,
    Commit,
    FieldChange,
    Issue,
    MergeRequest,
    Pipeline,
    Project,
    Record,
    Version,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
JIRA, GITLAB = "jira", "gitlab"
_BEGUN = NOW - timedelta(days=700)
_WORDS = [
    "retry",
    "settlement",
    "batch",
    "cache",
    "portal",
    "invoice",
    "ledger",
    "timeout",
    "queue",
    "export",
    "import",
    "audit",
    "token",
    "login",
    "session",
    "risk",
    "engine",
    "report",
    "filter",
    "index",
    "schema",
    "rollout",
    "metric",
    "alert",
    "flag",
    "limit",
    "price",
    "order",
    "refund",
    "webhook",
    "gateway",
    "archive",
    "replay",
    "shard",
]
_DONE, _BEGUN_WORK = 0.95, 0.98
"""What was made before this share of the time is done, and begun."""
_PEOPLE = tuple(f"person-{number}" for number in range(200))


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the company is. Everything is spread evenly over the projects; ``changes`` are status changes per issue."""

    issues: int = 100_000
    commits: int = 500_000
    requests: int = 60_000
    commitments: int = 200
    jira_projects: int = 50
    gitlab_projects: int = 100
    pipelines: int = 60_000
    changes: int = 3


def scaled(size: Size, *, by: float) -> Size:
    """The company ``by`` times as large, with at least one project on each side for each five thousand commits or two thousand issues."""
    return Size(
        issues=int(size.issues * by),
        commits=int(size.commits * by),
        requests=int(size.requests * by),
        commitments=max(1, int(size.commitments * by)),
        jira_projects=max(1, int(size.jira_projects * by)),
        gitlab_projects=max(1, int(size.gitlab_projects * by)),
        pipelines=int(size.pipelines * by),
        changes=size.changes,
    )


def mapping_text(size: Size) -> str:
    """The mapping: one milestone for each version, owners in turn."""
    projects = ", ".join(_key(number) for number in range(size.jira_projects))
    lines = [
        "version: 1",
        "sources:",
        f"  jira: [{{name: {JIRA}, projects: [{projects}]}}]",
        f"  gitlab: [{{name: {GITLAB}, groups: [acme]}}]",
        "people:",
        "  - {name: Li Wei, jira: person-1, gitlab: person-1}",
        "  - {name: Zhang Min, jira: person-2, gitlab: person-2}",
        "milestones:",
    ]
    for number in range(size.commitments):
        project, version = _key(number % size.jira_projects), number // size.jira_projects + 1
        lines.append(
            f"  - {{key: {project.lower()}-{version}, title: {project} {version}.0, technical_owner: Li Wei, engineering_owner: Zhang Min, "
            f"due: 2026-12-15, scope: {{project: {project}, fix_version: '{version}.0'}}, slot: {{issue: {project}-1}}, "
            f"repositories: [{_path(number % size.gitlab_projects)}]}}"
        )
    return "\n".join(lines) + "\n"


def scopes_of(size: Size, *, seed: int = 1) -> Iterator[tuple[Scope, Iterator[Record]]]:
    """Every scope with its records, in the order of a pull."""
    chance = random.Random(seed)
    for number in range(size.jira_projects):
        yield Scope(source=JIRA, stream="versions", partition=_key(number)), _versions(size, number)
        yield Scope(source=JIRA, stream="issues", partition=_key(number)), _issues(size, number, chance)
    yield (
        Scope(source=GITLAB, stream="projects", partition="*"),
        (_project(number) for number in range(size.gitlab_projects)),
    )
    for number in range(size.gitlab_projects):
        yield (
            Scope(source=GITLAB, stream="commits", partition=_project_id(number)),
            _code(size, number, chance),
        )


def verdicts_of(size: Size) -> Iterator[Verdict]:
    """A complete verdict for every scope."""
    for scope, _ in scopes_of(size):
        yield Verdict(scope=scope, completeness=Completeness.COMPLETE, at=NOW)


def pages(records: Iterator[Record], *, of: int = 1000) -> Iterator[tuple[Record, ...]]:
    """The records in pages."""
    while page := tuple(islice(records, of)):
        yield page


def _key(project: int) -> str:
    return f"P{chr(65 + project // 26 % 26)}{chr(65 + project % 26)}"


def _project_id(number: int) -> str:
    return str(1000 + number)


def _path(number: int) -> str:
    return f"acme/team-{number % 10}/service-{number}"


def _project(number: int) -> Project:
    path = _path(number)
    return Project(
        source=GITLAB,
        id=_project_id(number),
        path=path,
        name=f"service-{number}",
        url=f"https://gitlab.example/{path}",
        default_branch="main",
        last_activity_at=NOW,
    )


def _versions(size: Size, project: int) -> Iterator[Record]:
    for version in range(1, 1 + -(-size.commitments // size.jira_projects)):
        yield Version(
            source=JIRA,
            id=f"{project:04d}{version:03d}",
            project_key=_key(project),
            name=f"{version}.0",
            url=f"https://jira.example/projects/{_key(project)}/versions/{version}",
            release_on=(NOW + timedelta(days=25)).date(),
        )


def _issues(size: Size, project: int, chance: random.Random) -> Iterator[Record]:
    key, count = _key(project), size.issues // size.jira_projects
    versions = -(-size.commitments // size.jira_projects)
    requests = size.requests // size.gitlab_projects
    coded = {_issue_of(request, requests, count) for request in range(1, requests + 1)}
    for number in range(1, count + 1):
        made = _BEGUN + (NOW - _BEGUN) * (number / count)
        id_ = f"{project + 1}{number:06d}"
        status, category = _standing(number / count, is_odd=number % 50 == 8)
        closed = made + timedelta(days=3)
        is_done = category == "done"
        person = chance.choice(_PEOPLE)
        yield Issue(
            source=JIRA,
            id=id_,
            key=f"{key}-{number}",
            project_key=key,
            title=_sentence(chance, 6),
            type=chance.choice(("Story", "Task", "Bug")) if number in coded else "Support",
            status=status,
            status_category=category,
            created_at=made,
            updated_at=closed,
            url=f"https://jira.example/browse/{key}-{number}",
            resolution="Done" if is_done else None,
            resolved_at=closed if is_done else None,
            priority="Medium",
            assignee_id=person,
            assignee_name=person.title(),
            is_assignee_active=True,
            reporter_id=chance.choice(_PEOPLE),
            labels=(chance.choice(_WORDS),),
            components=(chance.choice(_WORDS),),
            fix_version_ids=(f"{project:04d}{number % (versions + 1):03d}",)
            if number % (versions + 1)
            else (),
            story_points=float(chance.randint(1, 8)),
            description=_sentence(chance, 40),
        )
        for step in range(size.changes):
            yield FieldChange(
                source=JIRA,
                id=f"{id_}{step}.0",
                issue_id=id_,
                at=made + timedelta(days=step + 1),
                field="status",
                author_id=person,
                author_name=person.title(),
                from_text="To Do" if step == 0 else "In Progress",
                to_text=status if step == size.changes - 1 else "In Progress",
            )


def _issue_of(request: int, requests: int, issues: int) -> int:
    """The number of the issue that a merge request is about: one as old as it is; 0 for every tenth and for the newest, which name none."""
    is_bare = request % 10 == 0 or request / requests >= _BEGUN_WORK
    return 0 if is_bare else max(1, int(request / requests * issues))


def _standing(age: float, *, is_odd: bool) -> tuple[str, str]:
    """Status and category of an issue made after this share of the time; of an odd one they are what they should not be."""
    is_done = age < _DONE
    if is_done is not is_odd:
        return "Done", "done"
    return ("In Progress", "indeterminate") if age < _BEGUN_WORK else ("To Do", "new")


def _code(size: Size, number: int, chance: random.Random) -> Iterator[Record]:
    """Commits of one project on a line with a merge for each request; a tenth of the requests name no issue, the newest are open."""
    requests = size.requests // size.gitlab_projects
    each = max(2, size.commits // size.gitlab_projects // max(1, requests))
    key, issues = _key(number % size.jira_projects), size.issues // size.jira_projects
    id_, tip = _project_id(number), _sha(number, "root")
    yield _commit(id_, tip, (), _BEGUN, "Initial commit", chance)
    for request in range(1, requests + 1):
        at = _BEGUN + (NOW - _BEGUN) * (request / requests)
        age = request / requests
        named = _issue_of(request, requests, issues)
        issue = f"{key}-{named}" if named else ""
        head = tip
        for step in range(each - 1):
            sha = _sha(number, f"{request}.{step}")
            title = f"{issue}: {_sentence(chance, 5)}" if issue and step % 3 else _sentence(chance, 6)
            yield _commit(id_, sha, (head,), at - timedelta(hours=each - step), title, chance)
            head = sha
        is_open = age >= _DONE
        merge = _sha(number, f"{request}.merge")
        if not is_open:
            yield _commit(
                id_,
                merge,
                (tip, head),
                at,
                f"Merge branch 'feature/{issue or 'work'}-{request}' into 'main'",
                chance,
            )
            tip = merge
        else:
            yield _branch(id_, f"feature/{issue or 'work'}-{request}", head, at)
        yield _request(id_, request, issue, at, chance, head=head, merge=None if is_open else merge)
    yield _branch(id_, "main", tip, NOW, is_default=True)
    for run in range(size.pipelines // size.gitlab_projects):
        at = _BEGUN + (NOW - _BEGUN) * ((run + 1) / (size.pipelines // size.gitlab_projects))
        yield Pipeline(
            source=GITLAB,
            id=f"{id_}{run:05d}",
            project_id=id_,
            sha=_sha(number, f"{min(run + 1, requests)}.merge"),
            ref_name="main",
            status="failed" if run % 17 == 0 else "success",
            origin="push",
            created_at=at,
            updated_at=at + timedelta(minutes=9),
            url=f"https://gitlab.example/{_path(number)}/-/pipelines/{id_}{run:05d}",
        )


def _commit(  # noqa: PLR0917  # a row
    project: str, sha: str, parents: tuple[str, ...], at: datetime, title: str, chance: random.Random
) -> Commit:
    person = chance.choice(_PEOPLE)
    return Commit(
        source=GITLAB,
        id=f"{project}/{sha}",
        project_id=project,
        sha=sha,
        title=title,
        message=f"{title}\n\n{_sentence(chance, 20)}\n",
        author_name=person.title(),
        author_email=f"{person}@acme.example",
        authored_at=at,
        committed_at=at,
        url=f"https://gitlab.example/acme/{project}/-/commit/{sha}",
        parent_shas=parents,
    )


def _branch(project: str, name: str, sha: str, at: datetime, *, is_default: bool = False) -> Branch:
    return Branch(
        source=GITLAB,
        id=f"{project}/{name}",
        project_id=project,
        name=name,
        sha=sha,
        committed_at=at,
        url=f"https://gitlab.example/acme/{project}/-/tree/{name}",
        is_default=is_default,
        is_protected=is_default,
    )


def _request(  # noqa: PLR0917  # a row
    project: str,
    number: int,
    issue: str,
    at: datetime,
    chance: random.Random,
    *,
    head: str,
    merge: str | None,
) -> MergeRequest:
    person = chance.choice(_PEOPLE)
    return MergeRequest(
        source=GITLAB,
        id=f"{project}{number:05d}",
        project_id=project,
        reference=f"!{number}",
        title=f"{issue} {_sentence(chance, 5)}".strip(),
        state="merged" if merge else "opened",
        source_branch=f"feature/{issue or 'work'}-{number}",
        target_branch="main",
        created_at=at - timedelta(days=2),
        updated_at=at,
        url=f"https://gitlab.example/acme/{project}/-/merge_requests/{number}",
        description=_sentence(chance, 30),
        author_id=person,
        author_name=person.title(),
        reviewer_ids=(chance.choice(_PEOPLE),),
        merged_at=at if merge else None,
        sha=head,
        merge_commit_sha=merge,
    )


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words))


def _sha(project: int, name: str) -> str:
    return sha1(f"{project}/{name}".encode(), usedforsecurity=False).hexdigest()
