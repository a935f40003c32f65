"""Issues with changelogs and worklogs by the ``jira`` library alone: ``python -m tests.bench.loops.jira_alone URL FILE PROJECT...``."""

from __future__ import annotations

import sqlite3
import sys

import jira


def main(url: str, file: str, *projects: str) -> None:
    """Read the projects into a new SQLite file."""
    store = sqlite3.connect(file)
    store.execute(
        "CREATE TABLE issues (id TEXT PRIMARY KEY, key TEXT, summary TEXT, type TEXT, status TEXT, created TEXT, updated TEXT, assignee TEXT, description TEXT)"
    )
    store.execute(
        "CREATE TABLE changes (id TEXT PRIMARY KEY, issue_id TEXT, at TEXT, author TEXT, field TEXT, old TEXT, new TEXT)"
    )
    store.execute(
        "CREATE TABLE worklogs (id TEXT PRIMARY KEY, issue_id TEXT, started TEXT, seconds INTEGER, author TEXT)"
    )
    client = jira.JIRA(url, token_auth="bench")
    for project in projects:
        for issue in client.enhanced_search_issues(
            f"project = {project} ORDER BY key", maxResults=0, expand="changelog"
        ):
            keep(client, store, issue)
        store.commit()
    store.close()


def keep(client: jira.JIRA, store: sqlite3.Connection, issue: jira.Issue) -> None:
    """Insert an issue with its changes and worklogs, which are asked for where the issue shows only some."""
    fields = issue.fields
    store.execute(
        "INSERT OR REPLACE INTO issues VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            *(issue.id, issue.key, fields.summary, fields.issuetype.name, fields.status.name, fields.created),
            *(fields.updated, fields.assignee.displayName if fields.assignee else None, fields.description),
        ),
    )
    for history in issue.changelog.histories:
        for number, item in enumerate(history.items):
            row = (f"{history.id}.{number}", issue.id, history.created, history.author.displayName)
            store.execute(
                "INSERT OR REPLACE INTO changes VALUES (?, ?, ?, ?, ?, ?, ?)",
                (*row, item.field, item.fromString, item.toString),
            )
    shown = fields.worklog
    worklogs = shown.worklogs if shown.total <= len(shown.worklogs) else client.worklogs(issue.id)
    for log in worklogs:
        store.execute(
            "INSERT OR REPLACE INTO worklogs VALUES (?, ?, ?, ?, ?)",
            (log.id, issue.id, log.started, log.timeSpentSeconds, log.author.displayName),
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
