"""Everything that was not planted must be in order: checked over the payloads alone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta

KEY = re.compile(r"(?<![A-Z0-9])(?:IMP|RISK)-[1-9][0-9]*")


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_delivered_items_have_merged_requests_only_and_were_closed_after_them(view):
    work = view.requests_by_issue()
    delivered = view.ordinary("Done")
    assert len(delivered) > 150
    for issue in delivered:
        requests = work[issue["id"]]
        assert requests, issue["key"]
        assert {r["state"] for r in requests} == {"merged"}, issue["key"]
        assert max(instant(r["merged_at"]) for r in requests) < instant(issue["fields"]["resolutiondate"])


def test_items_that_wait_have_neither_requests_nor_branches(view):
    work = view.requests_by_issue()
    named = {key for _, branch in view.branches() for key in KEY.findall(branch["name"])}
    waiting = view.ordinary("To Do")
    assert len(waiting) > 40
    assert not [i["key"] for i in waiting if work[i["id"]] or i["key"] in named]


def test_items_in_progress_were_touched_within_three_days(view):
    begun = view.ordinary("In Progress")
    assert len(begun) >= 18
    limit = view.company.anchor - timedelta(days=3)
    tips = [(KEY.findall(b["name"]), instant(b["commit"]["committed_date"])) for _, b in view.branches()]
    for issue in begun:
        assert max(at for keys, at in tips if issue["key"] in keys) > limit, issue["key"]


def test_items_in_review_have_an_open_request(view):
    work = view.requests_by_issue()
    for issue in view.ordinary("In Review"):
        assert "opened" in {r["state"] for r in work[issue["id"]]}, issue["key"]


def test_main_is_green_at_the_end_but_where_stories_redden_it(view):
    ends = {}
    for id_, held in view.gitlab.pipelines.items():
        rows = [p for p in held.values() if p["ref"] == "main" and p["source"] != "parent_pipeline"]
        finished = [p for p in rows if p["status"] in {"success", "failed"}]
        ends[view.gitlab.projects[id_]["path"]] = max(finished, key=lambda p: p["created_at"])["status"]
    assert ends == {
        "line-gateway": "success",
        "portal": "success",
        "engine": "success",
        "scheduler": "failed",
        "features": "failed",
        "common": "failed",
    }


def test_only_planted_items_were_merged_after_the_last_green_pipeline(view):
    for id_ in (202, 212, 221):
        green = [
            p for p in view.gitlab.pipelines[id_].values() if (p["ref"], p["status"]) == ("main", "success")
        ]
        last = max(
            instant(p["created_at"])
            for p in green
            if p["source"] not in {"parent_pipeline", "merge_request_event"}
        )
        late = [
            m
            for m in view.gitlab.merge_requests[id_].values()
            if m["merged_at"] and instant(m["merged_at"]) >= last
        ]
        keys = {key for m in late for key in KEY.findall(m["source_branch"])}
        assert keys
        assert all(view.is_marked(view.issues[key]) for key in keys)
        assert all(KEY.search(m["source_branch"]) for m in late)


def test_every_request_of_the_last_month_names_an_item_or_is_marked(view):
    limit = view.company.anchor - timedelta(days=32)
    nameless = [
        m
        for m in view.requests
        if instant(m["merged_at"] or m["created_at"]) > limit
        and not KEY.search(m["source_branch"] + m["title"])
        and m["author"]["username"] != "renovate"
        and "documentation" not in m["labels"]
    ]
    assert nameless
    assert {f"gitlab:merge_request:{m['id']}" for m in nameless} <= view.marked


def test_titles_are_unique_within_a_project_so_that_a_revert_names_one_request(view):
    for held in view.gitlab.merge_requests.values():
        titles = Counter(m["title"] for m in held.values())
        assert not [t for t, n in titles.items() if n > 1]


def test_unknown_keys_are_the_planted_ones(view):
    texts = [m["source_branch"] + " " + m["title"] + " " + m["description"] for m in view.requests]
    texts += [c["message"] for held in view.gitlab.commits.values() for c in held.values()]
    texts += [b["name"] for _, b in view.branches()]
    unknown = {key for text in texts for key in KEY.findall(text) if key not in view.issues}
    assert unknown == {"IMP-9871", "RISK-9042", "RISK-9077", "RISK-9001"}


def test_open_work_keeps_away_from_the_modules_of_the_debt_register(view):
    touched = Counter()
    limit = view.company.anchor - timedelta(days=60)
    for held in view.gitlab.commits.values():
        for commit in held.values():
            if any(f.startswith(("src/drivers", "src/legacy")) for f in commit["_files"]):
                recent = instant(commit["committed_date"]) > limit
                touched[KEY.findall(commit["message"])[0], recent] += 1
    assert sorted(touched.values()) == [1, 3, 4]
