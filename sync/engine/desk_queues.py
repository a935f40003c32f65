"""Desk queues: which delivery may begin next, and which looks go out together. Values in, values out."""

from __future__ import annotations

import heapq
from collections import defaultdict, deque
from collections.abc import Iterable, Iterator
from typing import Generic, TypeAlias, TypeVar

from connectors.port import Look
from sync.store.outbox import Delivery

T = TypeVar("T")
Kind: TypeAlias = tuple[str, str]
"""(source, kind) of looks that one request can answer."""


class IssueQueues:
    """Deliveries, oldest first; of those to one issue one at a time."""

    def __init__(self, waiting: Iterable[Delivery]) -> None:
        self._queues: defaultdict[tuple[str, str], deque[tuple[int, Delivery]]] = defaultdict(deque)
        for place, delivery in enumerate(waiting):
            self._queues[_issue_of(delivery)].append((place, delivery))
        self._heads = [(queue[0][0], issue) for issue, queue in self._queues.items()]

    @property
    def has_next(self) -> bool:
        """True if one more may begin."""
        return bool(self._heads)

    def taken(self) -> Delivery:
        """The oldest delivery to an issue to which none is on its way."""
        _, issue = heapq.heappop(self._heads)
        return self._queues[issue].popleft()[1]

    def done(self, delivery: Delivery) -> None:
        """A taken delivery has ended: the next one to its issue may begin."""
        issue = _issue_of(delivery)
        if queue := self._queues[issue]:
            heapq.heappush(self._heads, (queue[0][0], issue))


class Gathering(Generic[T]):
    """Looks and who waits for each. Of one kind one request is under way at a time; what comes meanwhile gathers for the next."""

    def __init__(self) -> None:
        self._waiting: defaultdict[Kind, list[tuple[Look, T]]] = defaultdict(list)
        self._asked: dict[Kind, list[tuple[Look, T]]] = {}

    def add(self, source: str, look: Look, who: T) -> None:
        """``who`` waits for the answer to a look at ``source``."""
        self._waiting[source, look.kind].append((look, who))

    def asked(self) -> Iterator[tuple[Kind, tuple[Look, ...]]]:
        """What is to be asked now; until ``answered`` nothing more of its kind is."""
        for kind in [kind for kind, some in self._waiting.items() if some and kind not in self._asked]:
            self._asked[kind] = self._waiting.pop(kind)
            yield kind, tuple(dict.fromkeys(look for look, _ in self._asked[kind]))

    def answered(self, kind: Kind) -> list[tuple[Look, T]]:
        """Who waited for the answer that has come, with his look."""
        return self._asked.pop(kind)


def _issue_of(delivery: Delivery) -> tuple[str, str]:
    return delivery.command.slot.source, delivery.command.slot.issue_id
