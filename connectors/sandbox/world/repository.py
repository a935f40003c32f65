"""Repository: the commit graph of one GitLab project, laid from planned changes in the order in which they landed."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from datetime import datetime, timedelta
from itertools import count

from connectors.sandbox.state import Payload
from connectors.sandbox.world.commits import commit
from connectors.sandbox.world.people import Person
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
        self._land(first, self._commit([], "Initial commit", shop.someone("IMP"), at=first))

    @property
    def head(self) -> str:
        """The tip of the main branch."""
        return self.main[-1][1]

    def lay(self, changes: list[Change], directs: list[DirectCommit]) -> None:
        """Lay every change: those that landed in their order, then the open and closed ones on the main branch of their day."""
        landed = [c for c in changes if c.merged_at]
        pending = [c for c in changes if not c.merged_at]
        events: list[tuple[datetime, Change | DirectCommit]] = [
            (c.merged_at, c) for c in landed if c.merged_at
        ]
        events += [(d.at, d) for d in directs]
        for at, event in sorted(events, key=lambda e: e[0]):
            if isinstance(event, Change):
                self.merge(event, at)
            else:
                message = f"{event.title}\n\n{_taken_back(event.takes_back)}".strip()
                event.sha = self._land(at, self._commit([self.head], message, event.author, at=at))
        for change in pending:
            self.branch_off(change)

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
        by = change.reviewer or change.author
        if change.style == "squash":
            message = (
                f"{change.title}\n\n{_taken_back(change.takes_back, is_partial=change.is_partial)}".strip()
            )
            sha = self._commit([self.head], message, change.author, at=at, files=self._files(change))
            change.squash_sha = change.landed = self._land(at, sha)
            return
        message = f"Merge branch '{change.branch}' into 'main'\n\n{change.title}\n\nSee merge request {self.path}!{change.iid}"
        sha = self._commit([self.head, change.shas[-1]], message, by, at=at)
        change.merge_sha = change.landed = self._land(at, sha)

    def _work(self, change: Change, base: str, *, at: datetime | None = None) -> None:
        """The commits of a branch; ``at`` is the instant of a rebase, which gives them new commit dates."""
        parent, change.base = base, base
        total = len(change.subjects)
        for index, subject in enumerate(change.subjects):
            authored = self._shop.within(change.started_at, change.last_at, (index + 1) / total)
            signed = f"\n\nSigned-off-by: {change.author.name} <{change.author.email}>"
            message = subject + (signed if index % 6 == 3 else "")
            parent = self._commit(
                [parent],
                message,
                change.author,
                at=at or authored,
                authored=authored,
                files=self._files(change),
            )
            change.shas.append(parent)

    def _files(self, change: Change) -> list[str]:
        if change.paths:
            return list(change.paths)
        rng = self._shop.rng
        return sorted({f"{rng.choice(FOLDERS[self.name])}/{rng.choice(_FILES)}.py" for _ in range(2)})

    def _commit(  # noqa: PLR0913  # a commit is that much
        self,
        parents: list[str],
        message: str,
        author: Person,
        *,
        at: datetime,
        authored: datetime | None = None,
        files: list[str] | None = None,
    ) -> str:
        sha = hashlib.sha1(f"{self._salt}/{next(self._numbers)}".encode(), usedforsecurity=False).hexdigest()
        self.commits[sha] = commit(
            self.path,
            sha,
            parents=parents,
            message=message,
            author=author,
            at=at,
            authored=authored or at,
            files=files or [],
        )
        return sha

    def _land(self, at: datetime, sha: str) -> str:
        self.main.append((at, sha))
        return sha


def _taken_back(change: Change | None, *, is_partial: bool = False) -> str:
    """What git writes into the message of a revert."""
    if change is None:
        return ""
    whole = change.merge_sha or change.squash_sha or change.shas[-1]
    return f"This reverts commit {change.shas[-1] if is_partial else whole}."
