"""Reviews over the whole program: what was merged too early is found, and is asked after as seldom as can be."""

from __future__ import annotations

from datetime import timedelta

import pytest
from stand import Stand

from connectors.sandbox.state import Fault


def asked_in(requests: list[str]) -> list[str]:
    """Paths of the requests about reviews."""
    paths = (request.partition("?")[0] for request in requests)
    return [path for path in paths if path.endswith(("/approvals", "/discussions", "/api/graphql"))]


def hasty(stand: Stand) -> set[str]:
    """Refs of the merge requests that S15 finds."""
    return {subject for rule, _, subject in stand.drift() if rule == "S15"}


@pytest.mark.parametrize("synced", ["full cloud"], indirect=True)
def test_a_thread_that_was_deleted_does_not_stand_for_ever(synced: Stand) -> None:
    gitlab = synced.world.sandbox.gitlab
    before = hasty(synced)
    place, threads = next(
        (place, threads)
        for place, threads in gitlab.discussions.items()
        if f"gitlab:merge_request:{gitlab.merge_requests[place[0]][place[1]]['id']}" in before
        and any(note.get("resolved") is False for one in threads for note in one["notes"])
    )
    threads[:] = [one for one in threads if all(note.get("resolved") is not False for note in one["notes"])]
    synced.world.clock.advance(timedelta(hours=23))
    assert asked_in(synced.requests_of("sync")) == []
    assert hasty(synced) == before
    synced.world.clock.advance(timedelta(hours=1))
    asked = asked_in(synced.requests_of("sync"))
    alone = [path for path in asked if path != "POST /api/graphql"]
    of_it = f"GET /api/v4/projects/{place[0]}/merge_requests/{place[1]}/discussions"
    assert alone == [of_it] * 2  # fewer are listed than GitLab counts
    assert 0 < len(asked) - len(alone) <= 3
    ref = f"gitlab:merge_request:{gitlab.merge_requests[place[0]][place[1]]['id']}"
    assert before - hasty(synced) == {ref}


@pytest.mark.parametrize("synced", ["full cloud"], indirect=True)
def test_a_merge_request_that_changed_is_asked_again_and_no_other(synced: Stand) -> None:
    gitlab = synced.world.sandbox.gitlab
    found = hasty(synced)
    (project_id, iid), row = next(
        ((project_id, iid), row)
        for project_id, rows in gitlab.merge_requests.items()
        for iid, row in rows.items()
        if f"gitlab:merge_request:{row['id']}" in found
    )
    synced.world.clock.advance(timedelta(minutes=5))
    row["updated_at"] = synced.world.clock.now().isoformat()
    assert asked_in(synced.requests_of("sync")) == ["POST /api/graphql"] * 2
    synced.world.clock.advance(timedelta(minutes=5))
    row["updated_at"] = synced.world.clock.now().isoformat()
    gitlab.has_graphql = False
    here = f"GET /api/v4/projects/{project_id}/merge_requests/{iid}/"
    assert asked_in(synced.requests_of("sync")) == [
        "POST /api/graphql",
        f"{here}approvals",
        f"{here}discussions",
    ]


@pytest.mark.parametrize("status", [403, 404])
def test_where_gitlab_does_not_tell_who_approved_no_run_is_partial(stand: Stand, status: int) -> None:
    refusal = Fault(
        pattern="GET .*/approvals$",
        status=status,
        times=10_000,
        headers={"Content-Type": "application/json"},
        body=f'{{"message": "{status}"}}',
    )
    stand.world.sandbox.faults.append(refusal)
    stand.world.sandbox.gitlab.has_graphql = False
    code, out, errors = stand.run("sync")
    assert code == 0, errors
    assert ("skipped" in out) is (status == 403)
    assert asked_in(stand.requests_of("sync")) == []
    stand.world.clock.advance(timedelta(days=7))
    assert asked_in(stand.requests_of("sync"))
