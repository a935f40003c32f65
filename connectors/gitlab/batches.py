"""Batches: many merge requests in one GraphQL query, as long as the site answers such."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import BlockedError, TandemError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.queries import document, variables
from connectors.gitlab.replies import Reply, Told, TooMuch, Unusable, reply_of
from connectors.records import MergeRequest

MOST = 50
"""Merge requests in one query at first: GitLab gives pages of 100, and 30 s for a query in which each of them may have 100 notes."""


class Batches:
    """Asks a site's GraphQL endpoint; for several threads at once, but for ``begin``.

    The first query of a run finds out whether the site answers; others wait for its answer. ``trouble`` says why nothing more is asked this way in this run.
    """

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._first = threading.Lock()
        self._is_known = False
        self._most = MOST
        self.trouble: str | None = None

    @property
    def is_usable(self) -> bool:
        """True while it is wanted and not known to fail."""
        return self._catalogue.client.site.is_graphql_on and self.trouble is None

    def begin(self) -> None:
        """Begin a run: what failed in the last one is tried again."""
        self._is_known, self._most, self.trouble = False, MOST, None

    def groups(self, requests: Iterable[MergeRequest]) -> Iterator[tuple[MergeRequest, ...]]:
        """The merge requests by project, as many together as one query asks; each alone where none is asked."""
        homes: defaultdict[str, list[MergeRequest]] = defaultdict(list)
        for request in requests:
            homes[request.project_id].append(request)
        for home in homes.values():
            yield from _parts(home, self._most if self.is_usable else 1)

    def nodes(self, fields: str, requests: Sequence[MergeRequest]) -> Mapping[str, Any]:
        """What was told wholly of merge requests of one project, by id; nothing of the others. Raises BlockedError."""
        path = self._catalogue.place.paths.get(requests[0].project_id)
        found: dict[str, Any] = {}
        waiting = [tuple(requests)] if path else []
        while path and waiting and self.is_usable:
            some = waiting.pop()
            if len(some) > self._most:
                waiting += reversed(tuple(_parts(some, self._most)))
                continue
            match self._asked(fields, path, some):
                case Told(nodes=nodes):
                    found |= nodes
                case TooMuch(reason=reason):
                    self._lower(len(some), reason)
                    waiting.append(some)
                case Unusable(reason=reason):
                    self.trouble = reason
        return {request.id: found[request.id] for request in requests if request.id in found}

    def _lower(self, asked: int, reason: str) -> None:
        """Ask for half as many from now on; where even one was too much, for none."""
        self._most = max(1, min(self._most, asked // 2))
        if asked == 1:
            self.trouble = reason

    def _asked(self, fields: str, path: str, requests: Sequence[MergeRequest]) -> Reply:
        if self._is_known:
            return self._reply(fields, path, requests)
        with self._first:
            reply = Unusable(reason=self.trouble) if self.trouble else self._reply(fields, path, requests)
            self._is_known = not isinstance(reply, Unusable)
            self.trouble = reply.reason if isinstance(reply, Unusable) else None
        return reply

    def _reply(self, fields: str, path: str, requests: Sequence[MergeRequest]) -> Reply:
        asked = variables(path, (request.reference.removeprefix("!") for request in requests))
        try:
            return reply_of(self._catalogue.client.query(document(fields), asked))
        except BlockedError:
            raise
        except TandemError as error:  # whether the site is well is for its REST API to tell, where all of this can be asked too
            return Unusable(reason=str(error))


def _parts(requests: Sequence[MergeRequest], size: int) -> Iterator[tuple[MergeRequest, ...]]:
    return (tuple(requests[at : at + size]) for at in range(0, len(requests), size))
