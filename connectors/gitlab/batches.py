"""Batches: many merge requests in one GraphQL query, as long as the site answers such."""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from connectors.errors import BlockedError, TandemError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import GitlabClient
from connectors.gitlab.queries import document, variables
from connectors.gitlab.replies import Reply, Told, TooMuch, Unusable, reply_of
from connectors.records import MergeRequest

MOST = 50
"""Merge requests in one query at first: GitLab gives pages of 100, and 30 s for a query in which each of them may have 100 notes."""


class Endpoint:
    """A site's GraphQL endpoint in one run. ``trouble`` says why nothing more is asked of it; empty while it answers."""

    def __init__(self, client: GitlabClient) -> None:
        self._client = client
        self.trouble = ""

    @property
    def is_usable(self) -> bool:
        """True while it is wanted and not known to fail."""
        return self._client.site.is_graphql_on and not self.trouble

    def reply(self, asked: str, given: Mapping[str, Any]) -> Reply:
        """What it tells of a query. Raises BlockedError; what else it fails with is not its site's failure: all of this can be asked by REST too."""
        try:
            return reply_of(self._client.query(asked, given))
        except BlockedError:
            raise
        except TandemError as error:
            self.trouble = str(error)
            return Unusable(reason=self.trouble)


class Batches:
    """Asks for ``fields`` of many merge requests at once in one run; for several threads side by side.

    The first query finds out whether the site answers such: versions and editions differ in what they have. Others wait for its answer.
    """

    def __init__(self, catalogue: Catalogue, endpoint: Endpoint, *, fields: str) -> None:
        self._catalogue = catalogue
        self._endpoint = endpoint
        self._fields = fields
        self._first = threading.Lock()
        self._is_known = False
        self._most = MOST
        self._refusal = ""

    @property
    def trouble(self) -> str:
        """Why nothing more is asked this way; empty while it works, and where it is not wanted."""
        return self._endpoint.trouble or self._refusal

    @property
    def is_usable(self) -> bool:
        """True while it is wanted and not known to fail."""
        return self._endpoint.is_usable and not self._refusal

    def groups(self, requests: Iterable[MergeRequest]) -> Iterator[tuple[MergeRequest, ...]]:
        """The merge requests by project, as many together as one query asks; each alone where none is asked."""
        homes: defaultdict[str, list[MergeRequest]] = defaultdict(list)
        for request in requests:
            homes[request.project_id].append(request)
        for home in homes.values():
            yield from _parts(home, self._most if self.is_usable else 1)

    def nodes(self, requests: Sequence[MergeRequest]) -> Mapping[str, Any]:
        """What was told wholly of merge requests of one project, by id; nothing of the others. Raises BlockedError."""
        path = self._catalogue.place.paths.get(requests[0].project_id)
        found: dict[str, Any] = {}
        waiting = [tuple(requests)] if path else []
        while path and waiting and self.is_usable:
            some = waiting.pop()
            if len(some) > self._most:
                waiting += reversed(tuple(_parts(some, self._most)))
                continue
            match self._asked(path, some):
                case Told(nodes=nodes):
                    found |= nodes
                case TooMuch(reason=reason):
                    self._lower(len(some), reason)
                    waiting.append(some)
                case Unusable(reason=reason):
                    self._refusal = reason
        return {request.id: found[request.id] for request in requests if request.id in found}

    def _lower(self, asked: int, reason: str) -> None:
        """Ask for half as many from now on; where even one was too much, for none."""
        self._most = max(1, min(self._most, asked // 2))
        if asked == 1:
            self._refusal = reason

    def _asked(self, path: str, requests: Sequence[MergeRequest]) -> Reply:
        if not self._is_known and (first := self._first_asked(path, requests)) is not None:
            return first
        return self._reply(path, requests)

    def _first_asked(self, path: str, requests: Sequence[MergeRequest]) -> Reply | None:
        """The first query's reply, or why there is no use in asking; None for who has waited for an answer that came."""
        with self._first:
            if self._is_known:
                return None
            reply = Unusable(reason=self.trouble) if self.trouble else self._reply(path, requests)
            self._is_known = not isinstance(reply, Unusable)
            self._refusal = reply.reason if isinstance(reply, Unusable) else ""
            return reply

    def _reply(self, path: str, requests: Sequence[MergeRequest]) -> Reply:
        iids = (request.reference.removeprefix("!") for request in requests)
        return self._endpoint.reply(document(self._fields), variables(path, iids))


def _parts(requests: Sequence[MergeRequest], size: int) -> Iterator[tuple[MergeRequest, ...]]:
    return (tuple(requests[at : at + size]) for at in range(0, len(requests), size))
