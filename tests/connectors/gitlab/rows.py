"""Vendor rows and a company of six projects, for tests of the streams."""

from __future__ import annotations

from datetime import timedelta

from tests.connectors.gitlab.fake_gitlab import NOW, FakeGitlab, stamp


def request_row(n, *, project=7, path="team/pay", at=NOW - timedelta(days=5), **more):
    return {
        "id": 1000 + n,
        "iid": n,
        "project_id": project,
        "title": f"PAY-{n} work",
        "state": "opened",
        "source_branch": f"feature/PAY-{n}",
        "target_branch": "main",
        "created_at": stamp(at),
        "updated_at": stamp(at),
        "references": {"full": f"{path}!{n}"},
        "author": {"id": 5, "username": "liwei", "name": "Li Wei"},
        **more,
    }


def pipeline_row(n, *, at=NOW - timedelta(days=5), **more):
    return {
        "id": n,
        "sha": "m4",
        "ref": "main",
        "status": "success",
        "source": "push",
        "created_at": stamp(at),
        "updated_at": stamp(at),
        **more,
    }


def fill(gitlab: FakeGitlab) -> FakeGitlab:
    """Six projects in one group, with something in every listing."""
    for id_ in range(1, 7):
        repo = gitlab.project(id_, f"team/p{id_}")
        repo.heads["main"] = repo.line(f"{id_}-", 3)
        gitlab.lists[f"projects/{id_}/pipelines"] = [pipeline_row(id_ * 10)]
        gitlab.lists[f"projects/{id_}/releases"] = [
            {"tag_name": "v1", "name": "One", "created_at": stamp(NOW - timedelta(days=9))}
        ]
    gitlab.lists["groups/team/merge_requests"] = [
        request_row(n, project=1 + n % 6, path=f"team/p{1 + n % 6}") for n in range(1, 30)
    ]
    return gitlab
