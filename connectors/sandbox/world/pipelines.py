"""Pipeline, job and deployment payloads of GitLab, and the pipelines that each landing causes."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from msgspec import Struct

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import BY_LOGIN, GITLAB, gitlab_user
from connectors.sandbox.world.stamps import gitlab_time

_OPERATOR = BY_LOGIN["li.wei"]
_START = timedelta(seconds=12)


class Run(Struct, frozen=True, kw_only=True):
    """One pipeline to be. ``trouble`` says which job failed and why: ``script``, ``infrastructure`` or ``allowed``."""

    repository: str
    sha: str
    ref: str
    status: str
    at: datetime
    origin: str = "push"
    minutes: int = 14
    trouble: str = "script"


def after_landing(repository: str, sha: str, at: datetime, *, outcome: str) -> Iterator[Run]:
    """The pipelines on the main branch after a landing; ``outcome`` as in ``Change.landing``, or ``flaky``; ``none`` for a landing that asked for no pipeline."""
    kind, _, detail = outcome.partition(":")

    def run(status: str, later: timedelta = _START, origin: str = "push", trouble: str = "script") -> Run:
        return Run(
            repository=repository,
            sha=sha,
            ref="main",
            status=status,
            at=at + later,
            origin=origin,
            trouble=trouble,
        )

    if kind == "none":
        return
    yield run("failed" if kind in {"failed", "flaky"} else "success", trouble=detail or "script")
    if kind == "flaky":
        yield run("success", timedelta(minutes=50), "web")
    if detail == "clutter":
        yield run("failed", timedelta(minutes=20), "parent_pipeline")
        yield run("canceled", timedelta(hours=3), "web")
        yield run("skipped", timedelta(hours=5), "web")


def pipeline(run: Run, id_: int, *, iid: int, path: str, project_id: int) -> Payload:
    """A pipeline as the list shows it."""
    ended = run.at + timedelta(minutes=2 if run.status == "running" else run.minutes)
    return {
        "id": id_,
        "iid": iid,
        "project_id": project_id,
        "sha": run.sha,
        "ref": run.ref,
        "status": run.status,
        "source": run.origin,
        "created_at": gitlab_time(run.at),
        "updated_at": gitlab_time(ended),
        "web_url": f"{GITLAB}/{path}/-/pipelines/{id_}",
    }


_JOBS = {
    "script": (
        ("build", "success", False, None),
        ("unit-test", "failed", False, "script_failure"),
        ("lint", "failed", True, "script_failure"),
    ),
    "infrastructure": (
        ("build", "success", False, None),
        ("unit-test", "failed", False, "runner_system_failure"),
    ),
    "allowed": (
        ("build", "success", False, None),
        ("unit-test", "success", False, None),
        ("lint", "failed", True, "script_failure"),
    ),
}


def jobs(run: Run, made: Payload, *, commit: Payload) -> list[Payload]:
    """The jobs of a failed pipeline, by its trouble."""
    return [
        job(made["id"] * 10 + index, name, run=run, pipeline=made, commit=commit)
        | {"status": status, "allow_failure": allowed, "failure_reason": reason}
        for index, (name, status, allowed, reason) in enumerate(_JOBS[run.trouble])
    ]


def job(id_: int, name: str, *, run: Run, pipeline: Payload, commit: Payload) -> Payload:
    """One job that went well."""
    ended = run.at + timedelta(minutes=run.minutes - 1)
    return {
        "id": id_,
        "status": "success",
        "stage": "deploy" if name.startswith("deploy") else "build" if name == "build" else "test",
        "name": name,
        "ref": run.ref,
        "tag": False,
        "coverage": None,
        "allow_failure": False,
        "created_at": gitlab_time(run.at),
        "started_at": gitlab_time(run.at + timedelta(seconds=20)),
        "finished_at": gitlab_time(ended),
        "erased_at": None,
        "duration": 60.0 * run.minutes - 80,
        "queued_duration": 20.0,
        "user": gitlab_user(_OPERATOR),
        "commit": {k: v for k, v in commit.items() if not k.startswith("_")},
        "pipeline": pipeline,
        "failure_reason": None,
        "web_url": f"{pipeline['web_url'].partition('/-/')[0]}/-/jobs/{id_}",
        "artifacts": [],
        "runner": None,
        "artifacts_expire_at": None,
        "archived": False,
        "tag_list": [],
    }


_ENVIRONMENTS = {"staging": 1, "production": 2}


def deployment(id_: int, environment: str, *, run: Run, job: Payload) -> Payload:
    """A finished deployment by a job of the pipeline on the main branch."""
    created, ended = run.at + timedelta(minutes=run.minutes), run.at + timedelta(minutes=run.minutes + 4)
    project_id = job["pipeline"]["project_id"]
    return {
        "id": id_,
        "iid": id_ % 1000,
        "ref": "main",
        "sha": run.sha,
        "created_at": gitlab_time(created),
        "updated_at": gitlab_time(ended),
        "finished_at": gitlab_time(ended),
        "user": gitlab_user(_OPERATOR),
        "environment": {
            "id": project_id * 10 + _ENVIRONMENTS[environment],
            "name": environment,
            "slug": environment,
            "external_url": f"https://{environment}.sandbox.example/{project_id}",
            "created_at": "2025-01-06T03:00:00.000Z",
            "updated_at": "2025-01-06T03:00:00.000Z",
        },
        "deployable": job,
        "status": "success",
    }
