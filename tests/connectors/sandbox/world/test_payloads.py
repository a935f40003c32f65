"""The payloads hang together: graphs, histories, times and references."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.world import company


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_parents_tips_and_heads_exist_as_commits(view):
    for id_, commits in view.gitlab.commits.items():
        for sha, commit in commits.items():
            assert set(commit["parent_ids"]) <= commits.keys()
            assert commit["id"] == sha
            assert len(sha) == 40
        assert {b["commit"]["id"] for b in view.gitlab.branches[id_].values()} <= commits.keys()
        for request in view.gitlab.merge_requests[id_].values():
            shas = {request["sha"], request["merge_commit_sha"], request["squash_commit_sha"]} - {None}
            assert shas <= commits.keys()


def test_every_merged_request_is_reachable_from_main_in_its_style(view):
    styles = set()
    for id_, commits in view.gitlab.commits.items():
        reached, ahead = set(), [view.gitlab.branches[id_]["main"]["commit"]["id"]]
        while ahead:
            sha = ahead.pop()
            if sha not in reached:
                reached.add(sha)
                ahead += commits[sha]["parent_ids"]
        for request in view.gitlab.merge_requests[id_].values():
            if request["state"] == "merged":
                landed = request["merge_commit_sha"] or request["squash_commit_sha"] or request["sha"]
                assert landed in reached
                assert (request["sha"] in reached) is (request["squash_commit_sha"] is None)
                styles.add((bool(request["merge_commit_sha"]), bool(request["squash_commit_sha"])))
            else:
                assert request["sha"] not in reached
    assert styles == {(True, False), (False, True), (False, False)}


def test_histories_end_in_the_present_status(view):
    contradicting = {m.subject for m in (*view.company.truth, *view.company.decoys) if m.rule == "S17"}
    for id_, issue in view.jira.issues.items():
        status, done = "To Do", None
        before = instant(issue["fields"]["created"])
        for entry in view.jira.histories[id_]:
            assert before <= instant(entry["created"]) <= view.company.anchor
            before = instant(entry["created"])
            for item in entry["items"]:
                if item["field"] == "status":
                    assert item["fromString"] == status
                    status = item["toString"]
                    done = before if status in {"Done", "Won't Do"} else None
        assert status == issue["fields"]["status"]["name"], issue["key"]
        if f"jira:issue:{id_}" in contradicting:
            continue
        resolved = issue["fields"]["resolutiondate"]
        assert (instant(resolved) if resolved else None) == done
        assert (issue["fields"]["resolution"] is None) is (done is None)


def test_nothing_is_younger_than_the_anchor(view):
    times = [
        m[k] for m in view.requests for k in ("created_at", "updated_at", "merged_at", "closed_at") if m[k]
    ]
    times += [
        p[k]
        for held in view.gitlab.pipelines.values()
        for p in held.values()
        for k in ("created_at", "updated_at")
    ]
    times += [c["committed_date"] for held in view.gitlab.commits.values() for c in held.values()]
    times += [i["fields"][k] for i in view.jira.issues.values() for k in ("created", "updated")]
    times += [w["started"] for held in view.jira.worklogs.values() for w in held]
    assert max(map(instant, times)) <= view.company.anchor
    assert (view.company.anchor - min(map(instant, times))).days in range(260, 285)


def test_requests_open_before_they_end_and_after_their_item_was_created(view):
    for request in view.requests:
        opened = instant(request["created_at"])
        assert opened <= instant(request["updated_at"])
        assert opened < instant(request["merged_at"] or request["closed_at"] or "9999-01-01T00:00:00+00:00")


def test_keys_grow_with_time_and_ids_are_unique(view):
    assert len({i["key"] for i in view.jira.issues.values()}) == len(view.jira.issues)
    assert all(i["id"] == id_ for id_, i in view.jira.issues.items())
    ids = [m["id"] for m in view.requests]
    assert len(set(ids)) == len(ids)


def test_sub_tasks_links_and_epics_point_both_ways(view):
    for issue in view.jira.issues.values():
        for link in issue["fields"]["issuelinks"]:
            other = link.get("outwardIssue") or link["inwardIssue"]
            back = view.jira.issues[other["id"]]["fields"]["issuelinks"]
            assert any(b["id"] == link["id"] for b in back)
        parent = issue["fields"].get("parent")
        if parent:
            assert parent["key"] == view.jira.issues[parent["id"]]["key"]


def test_data_center_has_user_names_epic_links_and_sprint_texts(nova):
    twin = company(nova.anchor, flavour="datacenter")
    issue = next(
        i
        for i in twin.sandbox.jira.issues.values()
        if i["fields"]["customfield_10014"] and i["fields"]["customfield_10020"]
    )
    assert "accountId" not in issue["fields"]["assignee"]
    assert issue["fields"]["assignee"]["name"] in twin.sandbox.jira.users
    assert "[completeDate=" in issue["fields"]["customfield_10020"][0]
    assert "parent" not in issue["fields"]
    assert [p.subject for p in twin.truth] == [p.subject for p in nova.truth]


def test_hostile_text_occurs_in_titles(view):
    titles = "\n".join(i["fields"]["summary"] for i in view.jira.issues.values())
    for text in (
        "{code}",
        "h1. Boo",
        "[x|javascript:alert(1)]",
        "@all",
        "<script>",
        "tandem-slot=",
        "| table |",
        "🚀",
        "\u202e",
        "修复",
    ):
        assert text in titles
    requests = "\n".join(m["title"] for m in view.requests)
    assert "{code}" in requests
    assert "javascript:" in requests
