"""Walks by time: rows that move during the walk are not lost."""

from __future__ import annotations

import itertools
import tracemalloc
import weakref
from datetime import UTC, datetime, timedelta

import pytest

from connectors.gitlab.client import GitlabClient
from connectors.gitlab.walk import Listing, Walk
from connectors.port import Policy, Site
from tests.connectors.gitlab.fake_gitlab import stamp

START = datetime(2026, 3, 1, tzinfo=UTC)
PATH = "groups/team/merge_requests"


def all_of(rows):
    """What a walk reads that keeps everything."""
    return rows


def rows(count, *, step=timedelta(minutes=1)):
    def stamp(n):
        return (START + n * step).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    return [{"id": n, "created_at": stamp(n), "updated_at": stamp(n)} for n in range(count)]


def ids_of(stamp="updated_at", since=None):
    client = GitlabClient(
        Site(source="gitlab", url="https://git.example.com", token="t", policy=Policy(attempts=1))
    )
    walk = Walk(client, Listing(path="/groups/team/merge_requests", stamp=stamp, query={}), all_of)
    return [row["id"] for stretch in walk.stretches(since) for row in stretch.found]


def test_every_row_comes_once_in_a_quiet_world(gitlab):
    gitlab.lists[PATH] = rows(1000)
    assert ids_of() == list(range(1000))


def test_rows_touched_during_the_walk_make_no_other_row_slip(gitlab):
    gitlab.lists[PATH] = rows(1000)
    touched = iter(range(0, 1000, 7))

    def touch(path):
        for _ in range(5):
            if (n := next(touched, None)) is not None:
                at = START + timedelta(days=30, seconds=n)
                gitlab.lists[PATH][n]["updated_at"] = at.isoformat().replace("+00:00", ".000Z")

    gitlab.after_page = touch
    assert set(ids_of()) == set(range(1000))


@pytest.mark.parametrize("count", [100, 101, 250, 300])
def test_whole_pages_with_one_timestamp_are_paged_inside(gitlab, count):
    gitlab.lists[PATH] = [
        *rows(50),
        *({**r, "updated_at": "2026-04-01T00:00:00.000Z"} for r in rows(count + 50)[50:]),
    ]
    gitlab.lists[PATH] += [{"id": 9000 + n, "updated_at": f"2026-05-01T00:00:{n:02}.000Z"} for n in range(60)]
    assert set(ids_of()) == {*range(50 + count), *range(9000, 9060)}


def test_rows_that_leave_a_page_with_one_timestamp_make_no_other_row_slip(gitlab):
    gitlab.lists[PATH] = [{**r, "updated_at": "2026-04-01T00:00:00.000Z"} for r in rows(450)]
    touched = iter(range(3, 60, 3))

    def touch(path):
        if (n := next(touched, None)) is not None:
            gitlab.lists[PATH][n]["updated_at"] = f"2026-05-01T00:00:{n:02}.000Z"

    gitlab.after_page = touch
    assert set(ids_of()) == set(range(450))


def test_a_world_that_never_rests_does_not_hold_the_walk_up(gitlab):
    gitlab.lists[PATH] = [{**r, "updated_at": "2026-04-01T00:00:00.000Z"} for r in rows(450)]
    seconds = itertools.count()

    def touch(path):
        n = next(seconds)
        gitlab.lists[PATH][n % 7]["updated_at"] = stamp(START + timedelta(days=60, seconds=n))

    gitlab.after_page = touch
    assert set(ids_of()) == set(range(450))
    assert len(gitlab.log) < 40


def test_a_row_touched_after_it_was_read_comes_again_in_its_new_state(gitlab):
    gitlab.lists[PATH] = rows(150)

    def touch(path):
        gitlab.lists[PATH][0]["updated_at"] = "2026-06-01T00:00:00.000Z"

    gitlab.after_page = touch
    assert ids_of().count(0) == 2


def test_rows_without_a_readable_time_do_not_stop_the_walk(gitlab):
    gitlab.lists[PATH] = [{"id": n, "updated_at": None} for n in range(250)]
    gitlab.answers.clear()
    assert set(ids_of()) == set(range(250))


def test_resuming_at_any_stretch_reads_the_rest(gitlab):
    gitlab.lists[PATH] = [
        *rows(120),
        *({**r, "updated_at": "2026-04-01T00:00:00.000Z"} for r in rows(400)[120:]),
    ]
    client = GitlabClient(
        Site(source="gitlab", url="https://git.example.com", token="t", policy=Policy(attempts=1))
    )
    listing = Listing(path="/groups/team/merge_requests", stamp="updated_at", query={})
    stretches = list(Walk(client, listing, all_of).stretches(None))
    for place, stretch in enumerate(stretches):
        landed = {row["id"] for s in stretches[: place + 1] for row in s.found}
        assert landed | set(ids_of(since=stretch.bound)) == set(range(400))


def test_a_full_walk_by_creation_survives_deletions(gitlab):
    gitlab.lists[PATH] = rows(500)
    gone = iter(range(0, 90, 9))

    def delete(path):
        if (n := next(gone, None)) is not None:
            gitlab.lists[PATH] = [r for r in gitlab.lists[PATH] if r["id"] != n]

    gitlab.after_page = delete
    assert set(ids_of("created_at")) >= set(range(90, 500))


def test_a_walk_keeps_no_more_of_a_long_listing_than_of_a_short_one():
    kept = [_kept_after(pages=count) for count in (10, 400)]
    assert kept[1] < 2 * kept[0] + 50_000


def test_a_page_is_let_go_once_it_was_read():
    client = Watched(Hundreds(500))
    walk = Walk(client, Listing(path="/x", stamp="updated_at", query={}), len)
    for count, stretch in enumerate(walk.stretches(None), start=1):
        assert stretch.found > 0
        assert [rows() for rows in client.given] == [None] * count
    assert client.given


class Watched:
    """A client that remembers its pages without holding them."""

    class Rows(list):
        """A page that can be pointed to weakly."""

    def __init__(self, client) -> None:
        self._client = client
        self.given = []

    def pages(self, path, /, **query):
        for rows, is_last in self._client.pages(path, **query):
            held = [self.Rows(rows)]
            self.given.append(weakref.ref(held[0]))
            yield held.pop(), is_last


def _kept_after(*, pages: int) -> int:
    """Bytes that a walk holds when it has come to the end of so many pages of a hundred rows."""
    walk = Walk(Hundreds(100 * pages), Listing(path="/x", stamp="updated_at", query={}), all_of)
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    assert sum(len(stretch.found) for stretch in walk.stretches(None)) == 100 * pages
    kept = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    return kept


class Hundreds:
    """A client over rows that are made as they are asked for, one each minute."""

    def __init__(self, count: int) -> None:
        self._count = count

    def pages(self, path: str, /, **query: str):
        since = query.get("updated_after")
        first = max(0, -(-(datetime.fromisoformat(since) - START).total_seconds() // 60)) if since else 0
        numbers = range(int(first), min(int(first) + 100, self._count))
        at = [(START + timedelta(minutes=n)).isoformat() for n in numbers]
        found = tuple({"id": n, "updated_at": at} for n, at in zip(numbers, at, strict=True))
        yield found, int(first) + 100 >= self._count
