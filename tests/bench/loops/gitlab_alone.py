"""Commits, merge requests with their commits, and pipelines by ``python-gitlab`` alone: ``python -m tests.bench.loops.gitlab_alone URL FILE GROUP MOST``.

Reads the first ``MOST`` projects of the group.
"""

from __future__ import annotations

import itertools
import sqlite3
import sys
from typing import Any

import gitlab


def main(url: str, file: str, group: str, most: str) -> None:
    """Read the projects into a new SQLite file."""
    store = sqlite3.connect(file)
    store.execute(
        "CREATE TABLE commits (id TEXT PRIMARY KEY, project TEXT, title TEXT, message TEXT, author TEXT, at TEXT)"
    )
    store.execute(
        "CREATE TABLE requests (id TEXT PRIMARY KEY, project TEXT, title TEXT, description TEXT, state TEXT, author TEXT, updated TEXT, merged TEXT)"
    )
    store.execute("CREATE TABLE request_commits (request TEXT, sha TEXT, PRIMARY KEY (request, sha))")
    store.execute(
        "CREATE TABLE pipelines (id TEXT PRIMARY KEY, project TEXT, sha TEXT, status TEXT, updated TEXT)"
    )
    client = gitlab.Gitlab(url, private_token="bench")
    listed = client.groups.get(group).projects.list(iterator=True, include_subgroups=True)
    for short in itertools.islice(listed, int(most)):
        keep(store, client.projects.get(short.id))
        store.commit()
    store.close()


def keep(store: sqlite3.Connection, project: Any) -> None:
    """Insert what one project holds."""
    for commit in project.commits.list(iterator=True, per_page=100, query_parameters={"all": "true"}):
        row = (commit.id, project.id, commit.title, commit.message, commit.author_name, commit.committed_date)
        store.execute("INSERT OR REPLACE INTO commits VALUES (?, ?, ?, ?, ?, ?)", row)
    for request in project.mergerequests.list(state="all", iterator=True, per_page=100):
        store.execute(
            "INSERT OR REPLACE INTO requests VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(request.id, project.id, request.title, request.description, request.state),
                *(request.author["username"], request.updated_at, request.merged_at),
            ),
        )
        for commit in request.commits(per_page=100):
            store.execute("INSERT OR REPLACE INTO request_commits VALUES (?, ?)", (request.id, commit.id))
    for pipeline in project.pipelines.list(iterator=True, per_page=100):
        row = (pipeline.id, project.id, pipeline.sha, pipeline.status, pipeline.updated_at)
        store.execute("INSERT OR REPLACE INTO pipelines VALUES (?, ?, ?, ?, ?)", row)


if __name__ == "__main__":
    main(*sys.argv[1:])
