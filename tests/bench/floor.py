"""The floor of a pull: ``python -m tests.bench.floor FILE``. The same requests by as many threads, nothing waiting for anything else, their JSON decoded, and the same rows put
into the same tables by the driver alone.

``FILE`` holds JSON: ``url``, ``requests`` (method, target, body), ``workers``, ``like`` (the store whose rows are taken, read before the measure begins) and ``into`` (a new store).
Prints wall and CPU of this process.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import requests

from sync.store import database
from sync.store.tables import TABLE_BY_KIND, aliases
from tests.bench.bare import put, taken

_ROWS = 1000
"""Rows in one transaction."""


def main() -> None:
    """Print the figures as a line of JSON."""
    given = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    former, new = database.opened(given["like"]), database.opened(given["into"])
    database.upgrade(new)
    rows = taken(former, (*TABLE_BY_KIND.values(), aliases), page=_ROWS)
    clock, work = time.perf_counter(), time.process_time()
    fetch_all(given["url"], given["requests"], workers=given["workers"])
    fetched = time.perf_counter()
    put(new, rows)
    ended = time.perf_counter()
    figures = {
        "wall_s": ended - clock,
        "fetch_s": fetched - clock,
        "insert_s": ended - fetched,
        "cpu_s": time.process_time() - work,
        "requests": len(given["requests"]),
        "rows": sum(len(part) for _, part in rows),
    }
    print(json.dumps(figures))


def fetch_all(url: str, asked: Iterable[tuple[str, str, str]], *, workers: int) -> None:
    """Make the requests over connections that are kept, and decode each answer."""
    mine = threading.local()

    def fetch(one: tuple[str, str, str]) -> None:
        method, target, sent = one
        session = vars(mine).setdefault("session", requests.Session())
        headers = {"Content-Type": "application/json"}
        answer = session.request(method, url + target, data=sent or None, headers=headers, timeout=60)
        answer.raise_for_status()
        json.loads(answer.content)

    with ThreadPoolExecutor(workers) as pool:
        for _ in pool.map(fetch, asked):
            pass


if __name__ == "__main__":
    main()
