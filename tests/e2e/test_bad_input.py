"""Bad input: every wrong thing is said with its place and its remedy, and what could not be read is neither judged nor written."""

from __future__ import annotations

import re
from typing import Any

import pytest
from stand import Stand, planted_in, writes_in

from connectors.sandbox.state import Fault
from connectors.sandbox.world.scenes import SCENES

SCHEDULER = "nova/mes/scheduler"


def spoilt(text: str) -> str:
    """The mapping with four mistakes of different kinds."""
    return (
        text.replace("      fix_version: [MES core 2.0", "      fixversion: [MES core 2.0")
        .replace("due: 20", "due: 2026-02-30 #", 1)
        .replace("code_types:", "code_typs:")
        .replace("rule: S04", "rule: S99")
    )


def test_a_bad_mapping_lists_every_problem_with_its_place_and_contacts_nothing(stand: Stand) -> None:
    stand.edit_mapping(spoilt)
    for command in ("check", "sync", "plan", "drift", "doctor", "status", "pull"):
        code, _, errors = stand.run(command)
        assert code == 4, command
        for word in ("fixversion", "2026-02-30", "code_typs", "S99"):
            line = next(line for line in errors.splitlines() if word in line)
            assert re.match(r"\S*tandem\.yaml:\d+:\d+ ", line), line
        assert '"fix_version"' in errors
        assert "Nothing was contacted" in errors, command
    assert stand.world.sandbox.requests == []


def test_a_bad_mapping_as_json_lists_the_same_problems(stand: Stand) -> None:
    stand.edit_mapping(spoilt)
    code, text, _ = stand.run("check", "--json")
    assert code == 4
    found = stand.json("check")
    assert (found["valid"], len(found["problems"])) == (False, 4)
    assert next(iter(found)) == "schema_version"
    assert text.startswith("{")


@pytest.mark.parametrize(
    "text", ["", "- just\n- a list\n", "version: 1\n\tkey: tab\n", "a: &x [*x]\n", "\x00"]
)
def test_a_file_that_is_no_mapping_is_refused_with_its_name(stand: Stand, text: str) -> None:
    stand.edit_mapping(lambda _: text)
    code, _, errors = stand.run("sync")
    assert (code, "tandem.yaml" in errors) == (4, True), errors
    assert stand.world.sandbox.requests == []


def test_a_mapping_that_does_not_exist_is_named(stand: Stand) -> None:
    assert stand.options.settings
    stand.options.settings.mapping.unlink()
    code, _, errors = stand.run("sync")
    assert (code, "tandem.yaml" in errors) == (4, True), errors


WRONG = {
    "jira": ("jira", "no-such-token", "personal access token"),
    "gitlab": ("gitlab", "no-such-token", "read_api"),
    "gitlab without a scope": ("gitlab", "sandbox-narrow-token", "read_api"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_refused_token_ends_the_run_with_the_tool_and_what_it_needs(synced: Stand, case: str) -> None:
    source, token, needs = WRONG[case]
    synced.world.sandbox.gitlab.tokens["sandbox-narrow-token"] = {"scopes": ["read_user"], "expires_at": None}
    before, old = synced.own_comments(), synced.drift()
    SCENES["late_push"].play(synced.world)
    synced.with_token(source, token)
    code, text, errors = synced.run("sync")
    assert code == 5, text + errors
    for word in ({"jira": "Jira jira", "gitlab": "GitLab gitlab"}[source], needs, "token"):
        assert word in errors, errors
    assert token not in text + errors
    assert synced.own_comments() == before
    assert writes_in(synced.world.sandbox.requests) == []
    assert synced.drift() == old, "judged although nothing was read"
    code, text, errors = synced.run("doctor")
    assert code == 5
    assert any(line.startswith("FAIL") and source in line for line in text.splitlines()), text


def test_nothing_is_written_in_a_first_run_with_a_refused_token(stand: Stand) -> None:
    stand.with_token("gitlab", "no-such-token")
    assert stand.run("sync")[0] == 5
    assert (stand.own_comments(), writes_in(stand.world.sandbox.requests)) == ({}, [])


def forbid_jira(stand: Stand) -> Any:
    """One Jira project is closed to the account; the way back is returned."""
    held = set(stand.world.sandbox.jira.permissions["RISK"])
    stand.world.sandbox.jira.permissions["RISK"].clear()
    return lambda: stand.world.sandbox.jira.permissions["RISK"].update(held)


def delete_jira(stand: Stand) -> Any:
    project = stand.world.sandbox.jira.projects.pop("RISK")
    held = set(stand.world.sandbox.jira.permissions["RISK"])
    stand.world.sandbox.jira.permissions["RISK"].clear()

    def back() -> None:
        stand.world.sandbox.jira.projects["RISK"] = project
        stand.world.sandbox.jira.permissions["RISK"].update(held)

    return back


def _gitlab(stand: Stand, mark: str) -> Any:
    """The scheduler's project gets ``mark``; it had some activity, so that the next run asks it."""
    gitlab = stand.world.sandbox.gitlab
    project = next(p for p in gitlab.projects.values() if p["path_with_namespace"] == SCHEDULER)
    project |= {mark: True, "last_activity_at": "2026-11-23T01:59:00.000Z"}
    return lambda: project.pop(mark)


def _hide_gitlab(stand: Stand) -> Any:
    """Our account is no member of the group, so that a 404 may mean that the project was closed to it."""
    stand.world.sandbox.gitlab.members.clear()
    return _gitlab(stand, "_hidden")


CLOSED = {
    "a Jira project that is forbidden": (forbid_jira, "RISK", "risk-engine-1.4", "IMP-2"),
    "a Jira project that was deleted": (delete_jira, "RISK", "risk-engine-1.4", "IMP-2"),
    "a GitLab project that is forbidden": (
        lambda s: _gitlab(s, "_forbidden"),
        "gitlab",
        "mes-core-2.0",
        "RISK-33",
    ),
    "a GitLab project that was deleted or hidden from us, who can tell": (
        _hide_gitlab,
        "gitlab",
        "mes-core-2.0",
        "RISK-33",
    ),
}


@pytest.mark.parametrize("case", CLOSED)
def test_one_closed_project_is_unknown_while_the_others_are_judged_and_written(
    synced: Stand, case: str
) -> None:
    close, word, blind, _ = CLOSED[case]
    before, comments = synced.drift(), synced.own_comments()
    SCENES["overnight"].play(synced.world)
    back = close(synced)
    code, text, errors = synced.run("sync")
    assert code == 3, text + errors
    assert "unknown" in text
    assert word in text
    found = synced.json("status")["commitments"]
    unknown = {c["key"] for c in found if c["health"] == "unknown"}
    assert blind in unknown
    assert 0 < len(unknown) < len(found)
    drift = synced.drift()
    assert any(rule == "X01" for rule, _, _ in drift)
    written = [k for k, v in synced.own_comments().items() if v != comments.get(k)]
    slots = {a["issue_key"]: a for a in synced.json("plan")["actions"] if a["target"] == "comment"}
    assert written, "the others are written"
    assert not [k for k in written if slots[k]["kind"] == "blocked"]
    assert {k for k, v in comments.items() if synced.own_comments().get(k) != v} <= set(written)
    back()
    code, text, errors = synced.run("sync")
    assert code == 0, text + errors
    assert synced.drift() == planted_in(SCENES["overnight"].truth_after(synced.world))
    assert before - synced.drift() == set()
    assert synced.requests_of("sync")
    assert not writes_in(synced.requests_of("sync"))


DOWN = {
    "reset": ("jira", Fault(pattern="/rest/", kind="reset_before", times=10_000)),
    "unavailable": ("gitlab", Fault(pattern="/api/v4/", status=503, times=10_000)),
    "hanging": ("jira", Fault(pattern="/rest/", kind="hang", delay_s=0.5, times=10_000)),
    "a log-in page": ("gitlab", Fault(pattern="/api/v4/", kind="html", times=10_000)),
    "broken off": ("jira", Fault(pattern="search/jql", kind="truncate", times=10_000)),
    "broken off in GitLab": ("gitlab", Fault(pattern="/merge_requests", kind="truncate", times=10_000)),
}


@pytest.mark.parametrize("case", DOWN)
def test_a_tool_that_is_down_in_a_later_run_is_partial_and_the_next_run_recovers(
    synced: Stand, case: str
) -> None:
    source, fault = DOWN[case]
    before = synced.own_comments()
    SCENES["overnight"].play(synced.world)
    synced.with_settings(read_timeout_s=0.2)
    synced.world.sandbox.faults.append(fault)
    code, text, errors = synced.run("sync")
    assert code == 3, text + errors
    assert any(line.startswith("unknown") and source in line for line in text.splitlines()), text
    unknown = {c["key"] for c in synced.json("status")["commitments"] if c["health"] == "unknown"}
    assert unknown
    plan = synced.json("plan")["actions"]
    blind = {a["issue_key"] for a in plan if a["slot"]["commitment_key"] in unknown}
    assert {k: v for k, v in synced.own_comments().items() if k in blind} == {
        k: v for k, v in before.items() if k in blind
    }
    synced.world.sandbox.faults.clear()
    synced.with_settings(read_timeout_s=20.0)
    assert synced.run("sync")[0] == 0
    assert synced.drift() == planted_in(SCENES["overnight"].truth_after(synced.world))
    assert not writes_in(synced.requests_of("sync"))


@pytest.mark.parametrize(("source", "pattern"), [("jira", "/rest/"), ("gitlab", "/api/v4/")])
def test_a_tool_that_is_down_in_the_first_run_is_made_up_for_by_the_next(
    stand: Stand, source: str, pattern: str
) -> None:
    stand.world.sandbox.faults.append(Fault(pattern=pattern, kind="reset_before", times=10_000))
    code, text, errors = stand.run("sync")
    assert code == 3, text + errors
    assert stand.own_comments() == {}
    assert f"unknown  {source}" in text
    stand.world.sandbox.faults.clear()
    assert stand.run("sync")[0] == 0
    assert stand.drift() == planted_in(stand.world.truth)


def test_malformed_records_are_counted_with_their_reason_and_the_rest_is_judged(stand: Stand) -> None:
    jira, gitlab = stand.world.sandbox.jira, stand.world.sandbox.gitlab
    issue = next(i for i in reversed(jira.issues.values()) if not i["fields"].get("fixVersions"))
    issue["fields"].pop("status")
    request = next(iter(gitlab.merge_requests[201].values()))
    request["title"] = {"not": "a text"}
    commit = next(
        c
        for c in gitlab.commits[201].values()
        if not any(b["commit"]["id"] == c["id"] for b in gitlab.branches[201].values())
    )
    commit["authored_date"] = "on a Tuesday"
    pipeline = next(iter(gitlab.pipelines[201].values()))
    pipeline["status"] = None
    code, text, errors = stand.run("sync")
    assert code == 0, text + errors
    assert "4 records skipped" in text, text
    for what in (f"issue {issue['id']}", "merge request", "commit", "pipeline"):
        assert any("record_skipped" in line and what in line for line in errors.splitlines()), errors
    assert stand.own_comments()
