"""Issues: complete walks, honest cursors, split changelogs, moved keys, malformed rows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connectors.cursor import Cursor
from connectors.errors import ForbiddenError, NotFoundError, RetryableError
from connectors.records import FieldChange, Issue, KeyAlias

SEARCH, LOGS = "api/2/search/jql", "api/3/changelog/bulkfetch"
READ_TO = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


def _records(pages, kind):
    return [record for page in pages for record in page.records if isinstance(record, kind)]


def _history(id_, field, old, new, **more):
    item = {"field": field, "from": None, "fromString": old, "to": None, "toString": new}
    return {"id": str(id_), "created": "2026-11-01T10:00:00.000+0000", "items": [item | more]}


def test_a_cloud_walk_follows_tokens_and_ends_without_one(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "nextPageToken": "t1", "isLast": True})
    cloud.on("POST", SEARCH, {"issues": [issue(2, "PAY-2")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    pages = pull(connector, "issues", "PAY")
    assert [record.key for record in _records(pages, Issue)] == ["PAY-1", "PAY-2"]
    assert [body.get("nextPageToken") for body in cloud.bodies(SEARCH)] == [None, "t1"]
    assert [page.cursor.position for page in pages] == [None, None, None, "2", None]


def test_changes_are_asked_for_a_lot_of_issues_at_once_and_only_behind_them_the_walk_has_moved_on(
    cloud, pull, issue
):
    connector = cloud.connected()
    for start in range(0, 700, 100):
        rows = [issue(n, f"PAY-{n}") for n in range(start + 1, start + 101)]
        cloud.on("POST", SEARCH, {"issues": rows, **({"nextPageToken": f"t{start}"} if start < 600 else {})})
    for token, old, new in (("t", "Open", "Done"), (None, "Done", "Open")):
        log = {"issueId": "3", "changeHistories": [_history(f"10{new}", "status", old, new)]}
        cloud.on("POST", LOGS, {"issueChangeLogs": [log]} | ({"nextPageToken": token} if token else {}))
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    pages = pull(connector, "issues", "PAY")
    assert [len(body["issueIdsOrKeys"]) for body in cloud.bodies(LOGS)] == [500, 500, 200]
    assert [page.cursor.position for page in pages] == [None] * 7 + ["500"] * 4 + ["700", None]
    assert [[r.to_text for r in _records([page], FieldChange)] for page in pages[5:8]] == [
        ["Done"],
        ["Open"],
        [],
    ]


def test_a_token_that_comes_twice_ends_the_walk_with_an_error(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")], "nextPageToken": "same"})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    with pytest.raises(RetryableError, match="came twice"):
        pull(connector, "issues", "PAY")


def test_an_interrupted_walk_goes_on_behind_the_last_stored_row(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(8, "PAY-8")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    began = READ_TO - timedelta(hours=3)
    pages = pull(connector, "issues", "PAY", Cursor(walk_started_at=began, position="7"))
    assert cloud.bodies(SEARCH)[0]["jql"] == 'project = "PAY" AND id > 7 ORDER BY id ASC'
    assert pages[-1].cursor == Cursor(read_to=began)


def test_a_walk_whose_last_row_vanished_starts_again(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"errorMessages": ["An issue with key '7' does not exist"]}, status=400)
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    pages = pull(connector, "issues", "PAY", Cursor(walk_started_at=READ_TO, position="7"))
    assert [record.key for record in _records(pages, Issue)] == ["PAY-1"]


def test_a_window_reaches_back_behind_the_cursor_in_epoch_milliseconds(cloud, pull):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": []})
    pages = pull(connector, "issues", "PAY", Cursor(read_to=READ_TO))
    since = int((READ_TO - timedelta(minutes=15)).timestamp() * 1000)
    assert (
        cloud.bodies(SEARCH)[0]["jql"]
        == f'project = "PAY" AND updated >= {since} ORDER BY updated ASC, id ASC'
    )
    assert len(pages) == 1


def test_a_quiet_window_costs_one_request(cloud, pull):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": []})
    before = connector.requests_made
    pull(connector, "issues", "PAY", Cursor(read_to=READ_TO))
    assert connector.requests_made - before == 1


def test_where_epoch_literals_are_refused_the_accounts_zone_is_used(cloud, pull):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"errorMessages": ["date value is invalid"]}, status=400)
    cloud.on("POST", SEARCH, {"issues": []})
    cloud.on("GET", "api/2/project/PAY", {"key": "PAY"})
    pull(connector, "issues", "PAY", Cursor(read_to=READ_TO + timedelta(seconds=59)))
    assert '"2026-11-20 18:45"' in cloud.bodies(SEARCH)[1]["jql"]  # 10:45 UTC in Shanghai, seconds cut


def test_the_cursor_ends_at_the_walks_start_by_the_earlier_clock(cloud, pull, now):
    connector = cloud.connected()  # the tool's clock says 12:00:05, ours 12:00:00
    cloud.on("POST", SEARCH, {"issues": []})
    pages = pull(connector, "issues", "PAY", Cursor(read_to=READ_TO))
    assert pages[-1].cursor == Cursor(read_to=now)


def test_a_full_walk_that_was_asked_for_leaves_the_old_position(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    pages = pull(connector, "issues", "PAY", Cursor(read_to=READ_TO, position="900"), is_full=True)
    assert cloud.bodies(SEARCH)[0]["jql"] == 'project = "PAY" ORDER BY id ASC'
    assert pages[0].cursor.read_to == READ_TO  # not forward before the walk has ended


def test_histories_split_over_pages_are_joined(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")]})
    for id_, token in ((10, "more"), (11, None)):
        log = {
            "issueId": "1",
            "changeHistories": [_history(id_, "status", "To Do", "Done", fieldId="status")],
        }
        cloud.on("POST", LOGS, {"issueChangeLogs": [log]} | ({"nextPageToken": token} if token else {}))
    assert [change.id for change in _records(pull(connector, "issues", "PAY"), FieldChange)] == [
        "10.0",
        "11.0",
    ]


def test_changelogs_are_asked_for_without_a_field_filter(cloud, pull, issue):
    """The filter works by field id; moves to another key and changes of the parent have none."""
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1")]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    pull(connector, "issues", "PAY")
    assert cloud.bodies(LOGS) == [{"issueIdsOrKeys": ["1"], "maxResults": 2500}]


def test_a_moved_issue_keeps_its_former_key_as_an_alias(cloud, pull, issue):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-9")]})
    log = {"issueId": "1", "changeHistories": [_history(10, "Key", "OLD-3", "PAY-9")]}
    cloud.on("POST", LOGS, {"issueChangeLogs": [log]})
    aliases = [alias for page in pull(connector, "issues", "PAY") for alias in page.aliases]
    assert set(aliases) == {KeyAlias(source="jira", key=key, issue_id="1") for key in ("OLD-3", "PAY-9")}


def test_a_malformed_issue_is_counted_and_the_page_lands(cloud, pull, issue):
    connector = cloud.connected()
    broken = issue(2, "PAY-2")
    del broken["fields"]["status"]
    cloud.on("POST", SEARCH, {"issues": [issue(1, "PAY-1"), broken, {"key": "PAY-3"}]})
    cloud.on("POST", LOGS, {"issueChangeLogs": []})
    pages = pull(connector, "issues", "PAY")
    assert [record.key for record in _records(pages, Issue)] == ["PAY-1"]
    assert [(skipped.what, skipped.reason) for skipped in pages[0].skipped] == [
        ("issue 2", "field 'status' is missing"),
        ("issue without id", "field 'fields' is missing"),
    ]


def test_a_data_center_walk_does_not_stop_at_a_short_page(server, pull, issue):
    connector = server.connected()
    for rows, total in (([issue(1, "PAY-1")], 2), ([issue(5, "PAY-5")], 1), ([], 0)):
        server.on("GET", "api/2/search", {"issues": rows, "maxResults": 50, "startAt": 0, "total": total})
    pages = pull(connector, "issues", "PAY")
    assert [record.key for record in _records(pages, Issue)] == ["PAY-1", "PAY-5"]
    asked = server.asked("api/2/search")
    assert [params["startAt"] for params in asked] == ["0", "0", "0"]
    assert [params["jql"] for params in asked] == [
        'project = "PAY" ORDER BY id ASC',
        'project = "PAY" AND id > 1 ORDER BY id ASC',
        'project = "PAY" AND id > 5 ORDER BY id ASC',
    ]


def test_a_data_center_page_that_repeats_rows_is_an_error(server, pull, issue):
    connector = server.connected()
    server.on("GET", "api/2/search", {"issues": [issue(1, "PAY-1")]})
    with pytest.raises(RetryableError, match="leads no further"):
        pull(connector, "issues", "PAY")


def test_data_center_changelogs_come_with_the_issue_and_a_cut_one_is_said(server, pull, issue):
    connector = server.connected()
    row = issue(1, "PAY-1")
    row["changelog"] = {"total": 3, "histories": [_history(4, "status", "To Do", "Done")]}
    server.on("GET", "api/2/search", {"issues": [row]})
    server.on("GET", "api/2/search", {"issues": []})
    pages = pull(connector, "issues", "PAY")
    assert [change.to_text for change in _records(pages, FieldChange)] == ["Done"]
    assert [skipped.what for skipped in pages[0].skipped] == ["changelog of issue 1"]


@pytest.mark.parametrize(("status", "error"), [(404, NotFoundError), (403, ForbiddenError)])
def test_a_refused_search_is_told_by_the_project_itself(cloud, pull, status, error):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"errorMessages": ["The value 'PAY' does not exist"]}, status=400)
    cloud.on("GET", "api/2/project/PAY", {"errorMessages": ["no"]}, status=status)
    with pytest.raises(error, match="project PAY"):
        pull(connector, "issues", "PAY", Cursor(read_to=READ_TO))


def test_an_empty_first_walk_asks_whether_the_project_is_visible(cloud, pull):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"issues": []})
    cloud.on("GET", "api/2/project/PAY", {}, status=404)
    with pytest.raises(NotFoundError, match="Browse Projects"):
        pull(connector, "issues", "PAY")


def test_an_answer_without_issues_is_not_an_empty_listing(cloud, pull):
    connector = cloud.connected()
    cloud.on("POST", SEARCH, {"warningMessages": ["?"]})
    with pytest.raises(Exception, match='no list "issues"'):
        pull(connector, "issues", "PAY", Cursor(read_to=READ_TO))
