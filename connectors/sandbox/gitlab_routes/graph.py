"""The commit graph of one project: refs, reachability, ranges."""

from __future__ import annotations

from connectors.sandbox.gitlab_routes.common import instant
from connectors.sandbox.http import ReplyError
from connectors.sandbox.state import GitlabState, Payload

UNKNOWN = ReplyError(404, {"message": "404 Commit Not Found"})


def sha_of(state: GitlabState, project: int, ref: str) -> str:
    """The sha that a branch, tag, merge request ref or (short) sha stands for; 404 where none does."""
    ref = ref.removeprefix("refs/heads/").removeprefix("refs/tags/")
    for refs in (state.branches[project], state.tags[project]):
        if ref in refs:
            return str((refs[ref].get("commit") or {}).get("id", ""))
    parts = ref.split("/")
    if parts[:2] == ["refs", "merge-requests"] and len(parts) == 4 and parts[2].isdecimal():
        ref = str(state.merge_requests[project].get(int(parts[2]), {}).get("sha"))
    commits = state.commits[project]
    found = (
        ref
        if ref in commits
        else next((sha for sha in commits if len(ref) >= 7 and sha.startswith(ref)), None)
    )
    if found is None:
        raise UNKNOWN
    return found


def reachable(state: GitlabState, project: int, *tips: str) -> set[str]:
    """All shas reachable from the tips, the tips included, as far as the graph is held."""
    commits = state.commits[project]
    seen: set[str] = set()
    todo = list(tips)
    while todo:
        sha = todo.pop()
        if sha not in seen and sha in commits:
            seen.add(sha)
            todo.extend(commits[sha].get("parent_ids") or ())
    return seen


def newest_first(state: GitlabState, project: int, shas: set[str]) -> list[Payload]:
    """The commits by committer date, newest first."""
    rows = [state.commits[project][sha] for sha in shas]
    return sorted(rows, key=lambda one: (instant(one["committed_date"]), one["id"]), reverse=True)


def ranged(state: GitlabState, project: int, ref: str) -> set[str]:
    """The shas of a ref or of a range ``A..B`` (reachable from B and not from A)."""
    old, dots, new = ref.partition("..")
    if not dots:
        return reachable(state, project, sha_of(state, project, ref))
    ends = [sha_of(state, project, one) for one in (old, new.lstrip("."))]
    return reachable(state, project, ends[1]) - reachable(state, project, ends[0])


def merge_base(state: GitlabState, project: int, first: str, second: str) -> Payload | None:
    """The newest common ancestor of two shas."""
    common = reachable(state, project, first) & reachable(state, project, second)
    return next(iter(newest_first(state, project, common)), None)
