"""Reviews: which merge requests were owed one, and what is known of how it went."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from math import ceil

from connectors.records import Issue, MergeRequest, MergeRequestNotes, Note
from mappings.commitments import Commitment
from sync.core.drift.members import (
    author_names,
    bots_in,
    has_label,
    in_state,
    is_by_bot,
    merged_at_of,
    stands_reverted,
)
from sync.core.world import World


def owed(world: World, commitment: Commitment) -> Mapping[MergeRequest, tuple[Issue, ...]]:
    """The merged merge requests of an open commitment whose review counts, with the member items that each implements; none of a closed one.

    Bots' merge requests, those with a hot-fix label and those that stand reverted owe nothing.
    """
    found: defaultdict[MergeRequest, tuple[Issue, ...]] = defaultdict(tuple)
    for item in () if commitment.is_closed else world.issues_in(commitment):
        for request in in_state(world.work_on(item), "merged"):
            if _owes(world, request):
                found[request] += (item,)
    return found


def _owes(world: World, request: MergeRequest) -> bool:
    is_hotfix = has_label(request, world.spec.vocabulary.hotfix_labels)
    return not (is_hotfix or is_by_bot(world, request) or stands_reverted(world, request))


def open_threads(world: World, request: MergeRequest) -> tuple[Note, ...]:
    """The first note of each thread that people began before the merge and that is open still, oldest first; none where the notes are not known."""
    known = world.observed.notes_of.get((request.source, request.id))
    if known is None or known.updated_at != request.updated_at or not request.comment_count:
        return ()
    began = (notes[0] for notes in _unresolved(known))
    merged_at = merged_at_of(request)
    return tuple(note for note in began if note.created_at <= merged_at and not is_by_bot(world, note))


def has_open_thread(known: MergeRequestNotes) -> bool:
    """True if any thread is open, whoever began it and when."""
    return any(_unresolved(known))


def _unresolved(known: MergeRequestNotes) -> Iterator[tuple[Note, ...]]:
    """The notes of each open thread, oldest first."""
    threads: defaultdict[str, tuple[Note, ...]] = defaultdict(tuple)
    for note in known.notes:
        threads[note.thread_id] += (note,)
    for notes in threads.values():
        if any(note.is_resolvable and not note.is_resolved for note in notes):
            yield notes


def missing_approvals(world: World, request: MergeRequest, *, minimum: float) -> int:
    """How many approvals the merge request lacks: by GitLab's own rules, or of the ``minimum`` of people beside its author, whichever lacks more.

    None are lacking where it is not known who approved.
    """
    known = world.observed.approval_of.get((request.source, request.id))
    if known is None or known.updated_at != request.updated_at:
        return 0
    people = {name.casefold() for name in known.approver_ids} - author_names(request) - bots_in(world)
    return max(known.missing_count, ceil(minimum) - len(people), 0)
