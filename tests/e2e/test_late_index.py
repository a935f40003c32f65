"""A search index that lags by hours: what its windows miss, the long reach of the next day reads."""

from __future__ import annotations

import sqlite3
from datetime import timedelta
from pathlib import Path

from stand import Stand

HOUR = timedelta(hours=1)


def title_in(folder: Path, issue_id: str) -> str:
    with sqlite3.connect(folder / "tandem.db") as store:
        (row,) = store.execute("SELECT title FROM issue_records WHERE id = ?", (issue_id,)).fetchall()
    return str(row[0])


def test_an_edit_that_the_index_shows_hours_late_is_read_within_a_day(synced: Stand, tmp_path: Path) -> None:
    world, jira = synced.world, synced.world.sandbox.jira
    issue_id = min(jira.issues)
    jira.index_lag = 3 * HOUR
    fields = jira.issues[issue_id]["fields"]
    fields["summary"] = "Told late"
    fields["updated"] = world.clock.advance(HOUR).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    synced.run("pull")
    world.clock.advance(HOUR)
    synced.run("pull")
    world.clock.advance(4 * HOUR)
    synced.run("pull")
    assert title_in(tmp_path, issue_id) != "Told late"  # the window has passed it by
    world.clock.advance(24 * HOUR)
    assert synced.run("pull")[0] == 0
    assert title_in(tmp_path, issue_id) == "Told late"
