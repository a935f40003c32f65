"""Progress: what a Jira status means, whatever it is called."""

from __future__ import annotations

from connectors.records import Issue
from mappings.observed import ItemSeen
from mappings.schema import Vocabulary
from mappings.workflow import Progress

__all__ = ["Progress", "progress_of"]


_BY_CATEGORY = {"new": Progress.TO_DO, "indeterminate": Progress.IN_PROGRESS, "done": Progress.DELIVERED}


def progress_of(issue: Issue | ItemSeen, vocabulary: Vocabulary) -> Progress:
    """How far ``issue`` is: the vocabulary's word for its status, else its category; a done issue with a dropping resolution was dropped.

    An unknown category (vendors have had ``undefined``) counts as to do.
    """
    named = vocabulary.statuses.get(issue.status)
    progress = named or _BY_CATEGORY.get(issue.status_category, Progress.TO_DO)
    if progress is Progress.DELIVERED and issue.resolution in vocabulary.dropped_resolutions:
        return Progress.DROPPED
    return progress
