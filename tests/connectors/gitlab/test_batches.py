"""Batches: the first query finds out whether the site answers such; those that have waited for it are made side by side."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from record_builders import mr

from connectors.gitlab.batches import Batches
from connectors.gitlab.replies import Reply, Told

THREADS = 4


@dataclass
class Paths:
    """Paths of projects. ``all_ask`` once every thread is about to ask."""

    all_ask: threading.Barrier

    def get(self, project_id: str) -> str:
        self.all_ask.wait(10)
        return f"nova/{project_id}"


@dataclass
class Place:
    paths: Paths


@dataclass
class Catalogue:
    place: Place


@dataclass
class Meeting:
    """An endpoint whose later answers come once all of them are asked for; they never do if one is asked after the other."""

    together: threading.Barrier = field(default_factory=lambda: threading.Barrier(THREADS - 1))
    first: threading.Lock = field(default_factory=threading.Lock)
    trouble: str = ""
    is_usable: bool = True

    def reply(self, asked: str, given: Mapping[str, Any]) -> Reply:
        if self.first.acquire(blocking=False):
            time.sleep(0.2)  # the others come to wait for this answer
        else:
            self.together.wait(10)
        return Told(nodes={})


def test_who_has_waited_for_the_first_answer_asks_together_with_the_others():
    catalogue = Catalogue(Place(Paths(threading.Barrier(THREADS))))
    batches = Batches(catalogue, Meeting(), fields="id")
    requests = [(mr(number),) for number in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(batches.nodes, requests)) == [{}] * THREADS
