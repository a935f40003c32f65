"""Around: which commitments the change of an issue can matter to, beside those that hold it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from connectors.records import Issue, Ref
from mappings.commitments import Commitment
from sync.store import marks
from sync.store.kept.observed import StoredObserved


def kin_of(observed: StoredObserved, issues: Iterable[Issue]) -> frozenset[Ref]:
    """Issues that the issues name: their parents and epics, and what they are linked with."""
    keys = {key for issue in issues for key in _named_by(issue) if key}
    observed.issue_refs.fetch(sorted(keys))
    return frozenset(ref for key in keys if (ref := observed.issue_refs.get(key)))


def _named_by(issue: Issue) -> Iterator[str | None]:
    yield from (issue.parent_key, issue.epic_key)
    yield from (link.other_key for link in issue.links)


def marks_around(
    commitments: Iterable[Commitment], refs: frozenset[Ref], issues: Iterable[Issue]
) -> Iterator[marks.Mark]:
    """The commitments that stand for one of ``refs``; and where one of ``issues`` is a debt, its project: debt weighs on others."""
    places = {issue.key: (issue.source, marks.PLACE, issue.project_key) for issue in issues}
    for commitment in commitments:
        if not refs.isdisjoint(commitment.anchors):
            yield "*", marks.COMMITMENT, commitment.key
        if commitment.debt and commitment.debt.issue_key in places:
            yield places[commitment.debt.issue_key]


def marks_of_debts(commitments: Iterable[Commitment]) -> frozenset[marks.Mark]:
    """All debts: they ask which files, of whatever project, still say TODO for them."""
    return frozenset(("*", marks.COMMITMENT, c.key) for c in commitments if c.debt)
