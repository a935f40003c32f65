"""Census: only what a direct read confirms as deleted becomes a tombstone."""

from dataclasses import replace
from datetime import timedelta

from engine_fakes import FakeConnector, ListedCensus, ScriptedStream, an_issue, page
from sqlalchemy import Engine

from connectors.errors import ForbiddenError
from sync.engine.census import count
from sync.engine.pull import Pull, pull
from sync.store import records

DAY = timedelta(days=1)


def filled(job: Pull) -> None:
    pull(
        job,
        [
            FakeConnector(
                streams_=(ScriptedStream({"PAY": (page(an_issue("1"), an_issue("2"), an_issue("3")),)}),)
            )
        ],
    )


def ids_in(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {r.id for r in records.all_records(connection)}


def counting(census: ListedCensus) -> list[FakeConnector]:
    return [FakeConnector(censuses_=(census,))]


def test_a_confirmed_deletion_is_buried_and_an_unconfirmed_absence_is_not(engine: Engine, job: Pull) -> None:
    filled(job)
    census = ListedCensus(now_there=frozenset({"1"}), really_gone=frozenset({"2"}))
    count(job, counting(census), every=DAY)
    later = replace(job, now=job.now + DAY)
    assert count(later, counting(census), every=DAY) == 1
    assert ids_in(engine) == {"1", "3"}


def test_the_first_run_counts_nothing_because_it_has_just_read_everything(engine: Engine, job: Pull) -> None:
    filled(job)
    assert (
        count(job, counting(ListedCensus(now_there=frozenset(), really_gone=frozenset({"1"}))), every=DAY)
        == 0
    )
    assert ids_in(engine) == {"1", "2", "3"}


def test_it_is_not_counted_again_before_its_time(engine: Engine, job: Pull) -> None:
    filled(job)
    census = ListedCensus(now_there=frozenset(), really_gone=frozenset({"1"}))
    count(job, counting(census), every=DAY)
    assert count(replace(job, now=job.now + DAY / 2), counting(census), every=DAY) == 0


def test_a_full_run_counts_at_once(engine: Engine, job: Pull) -> None:
    filled(job)
    census = ListedCensus(now_there=frozenset(), really_gone=frozenset({"1"}))
    count(job, counting(census), every=DAY)
    assert count(replace(job, is_full=True), counting(census), every=DAY) == 1


def test_a_lost_permission_buries_nothing_and_the_count_is_tried_again(engine: Engine, job: Pull) -> None:
    filled(job)
    census = ListedCensus(
        now_there=frozenset(), really_gone=frozenset({"1"}), error=ForbiddenError("no browse permission")
    )
    count(job, counting(census), every=DAY)
    later = replace(job, now=job.now + DAY)
    assert count(later, counting(census), every=DAY) == 0
    assert ids_in(engine) == {"1", "2", "3"}
    census.error = None
    assert count(later, counting(census), every=DAY) == 1
