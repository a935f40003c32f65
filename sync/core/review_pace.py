"""Review pace: when people first spoke about a merge request, and in how many rounds it was reviewed. By the definitions of Apache DevLake, so that the figures can be compared."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from datetime import datetime

from connectors.records import Commit, MergeRequest, Note


def first_comment_at(notes: Iterable[Note]) -> datetime | None:
    """When the first thread of a merge request was begun; None where nobody began one. Single remarks and GitLab's own lines are no review."""
    return min((note.created_at for note in _by_people(notes) if note.is_resolvable), default=None)


def first_foreign_comment_at(request: MergeRequest, notes: Iterable[Note]) -> datetime | None:
    """When anybody but its author first said something about the merge request, in whatever form; None where nobody did.

    From here on it is under review: the time before is its pick-up time, the time until the merge its review time.
    """
    others = (note for note in _by_people(notes) if note.author_id != request.author_id)
    return min((note.created_at for note in others), default=None)


def review_rounds(commits: Iterable[Commit], notes: Iterable[Note]) -> int:
    """In how many rounds a merge request was reviewed: one, and one more for each time that a commit was authored after something had been said.

    ``commits`` are those that it carries. A remark at the very instant of a commit comes before it. Without any commit, remarks make no round.
    """
    said = sorted(note.created_at for note in _by_people(notes))
    authored = sorted(commit.authored_at for commit in commits)
    if said and not authored:
        return 0
    heard = [bisect_right(said, at) for at in authored]
    return 1 + sum(now > before for before, now in zip((0, *heard), heard, strict=False))


def _by_people(notes: Iterable[Note]) -> Iterable[Note]:
    return (note for note in notes if not note.is_system)
