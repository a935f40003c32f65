"""Repository: the commit graph of one GitLab project, laid from planned changes in the order in which they landed."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import count

from connectors.sandbox.state import Payload
from connectors.sandbox.world.commits import Written, commit
from connectors.sandbox.world.plan import Change, DirectCommit
from connectors.sandbox.world.repositories import FOLDERS, PATHS
from connectors.sandbox.world.workshop import Workshop

_FILES = ("pool", "state", "routes", "model", "report", "queue", "rules", "view")


class Repository:
    """Commits by sha, and the main branch as (landed at, sha), oldest first."""

    def __init__(self, name: str, shop: Workshop) -> None:
        self.name = name
        self.path = PATHS[name]
        self.commits: dict[str, Payload] = {}
        self.main: list[tuple[datetime, str]] = []
        self._shop = shop
        self._salt = f"{shop.rng.getrandbits(64):x}"
        self._numbers = count()
        first = shop.ago(275)
        begun = Written(message="Initial commit", author=shop.someone("IMP"), at=first)
        self._land(first, self._commit(begun))

    @property
    def head(self) -> str:
        """The tip of the main branch."""
        return self.main[-1][1]

    def lay(self, changes: list[Change], directs: list[DirectCommit]) -> None:
        """Lay every change: those that landed in their order, then the open and closed ones on the main branch of their day."""
        events: list[tuple[datetime, Change | DirectCommit]] = [
            (c.merged_at, c) for c in changes if c.merged_at
        ]
        events += [(d.at, d) for d in directs]
        for at, event in sorted(events, key=lambda e: e[0]):
            if isinstance(event, Change):
                self.merge(event, at)
            else:
                self.push(event)
        for change in (c for c in changes if not c.merged_at):
            self.branch_off(change)

    def push(self, direct: DirectCommit) -> None:
        """Land a commit that nobody reviewed."""
        message = f"{direct.title}\n\n{_taken_back(direct.takes_back)}".strip()
        written = Written(message=message, author=direct.author, at=direct.at, parents=(self.head,))
        direct.sha = self._land(direct.at, self._commit(written))

    def branch_off(self, change: Change) -> None:
        """Lay the commits of a change that has not landed."""
        index = bisect_right(self.main, change.started_at, key=lambda entry: entry[0])
        self._work(change, self.main[max(index, 1) - 1][1])

    def merge(self, change: Change, at: datetime) -> None:
        """Lay a change and land it on the main branch in its style."""
        if change.style == "rebase":
            self._work(change, self.head, at=at - timedelta(seconds=90))
            change.landed = self._land(at, change.shas[-1])
            return
        self.branch_off(change)
        if change.style == "squash":
            message = (
                f"{change.title}\n\n{_taken_back(change.takes_back, is_partial=change.is_partial)}".strip()
            )
            written = Written(
                message=message, author=change.author, at=at, parents=(self.head,), files=self._files(change)
            )
            change.squash_sha = change.landed = self._land(at, self._commit(written))
            return
        written = Written(
            message=merge_message(change.branch, change.title, f"{self.path}!{change.iid}"),
            author=change.reviewer or change.author,
            at=at,
            parents=(self.head, change.shas[-1]),
        )
        change.merge_sha = change.landed = self._land(at, self._commit(written))

    def _work(self, change: Change, base: str, *, at: datetime | None = None) -> None:
        """The commits of a branch; ``at`` is the instant of a rebase, which gives them new commit dates."""
        parent, change.base = base, base
        total = len(change.subjects)
        for index, subject in enumerate(change.subjects):
            authored = self._shop.within(change.started_at, change.last_at, (index + 1) / total)
            signed = f"\n\nSigned-off-by: {change.author.name} <{change.author.email}>"
            written = Written(
                message=subject + (signed if index % 6 == 3 else ""),
                author=change.author,
                at=at or authored,
                authored_at=authored,
                parents=(parent,),
                files=self._files(change),
            )
            parent = self._commit(written)
            change.shas.append(parent)

    def _files(self, change: Change) -> tuple[str, ...]:
        if change.paths:
            return change.paths
        rng = self._shop.rng
        return tuple(sorted({f"{rng.choice(FOLDERS[self.name])}/{rng.choice(_FILES)}.py" for _ in range(2)}))

    def _commit(self, written: Written) -> str:
        sha = hashlib.sha1(f"{self._salt}/{next(self._numbers)}".encode(), usedforsecurity=False).hexdigest()
        self.commits[sha] = commit(self.path, sha, written)
        return sha

    def _land(self, at: datetime, sha: str) -> str:
        self.main.append((at, sha))
        return sha


def merge_message(branch: str, title: str, reference: str) -> str:
    """What GitLab writes into a merge commit."""
    return f"Merge branch '{branch}' into 'main'\n\n{title}\n\nSee merge request {reference}"


def _taken_back(change: Change | None, *, is_partial: bool = False) -> str:
    """What git writes into the message of a revert."""
    if change is None:
        return ""
    whole = change.merge_sha or change.squash_sha or change.shas[-1]
    return f"This reverts commit {change.shas[-1] if is_partial else whole}."
