"""Census: only what a direct read confirms as deleted becomes a tombstone; what was counted and not read is read again in the same run."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from engine_fakes import FakeConnector, ListedCensus, ScriptedStream, an_issue, page
from msgspec.structs import replace
from sqlalchemy import Connection, Engine

from connectors.errors import ForbiddenError, RetryableError
from connectors.port import Completeness, Page, Request, Scope, Skipped, Verdict
from sync.engine import census
from sync.engine.pull import Pull, pull
from sync.store import progress, records
from sync.store.errors import LeaseHeldError

DAY = timedelta(days=1)
PAY = Scope(source="jira", stream="issues", partition="PAY")
THREE = frozenset({"1", "2", "3"})


@dataclass
class LaggingStream(ScriptedStream):
    """Shows ``late`` in windows, and ``hidden`` in full walks only."""

    script: dict[str, tuple[Page, ...]] = field(default_factory=dict)
    late: tuple[Page, ...] = ()
    hidden: tuple[Page, ...] = ()

    def pages(self, request: Request):
        self.asked.append(request)
        yield from self.script[request.scope.partition]
        yield from self.late
        if request.is_full:
            yield from self.hidden


def three() -> tuple[Page, ...]:
    return (page(an_issue("1"), an_issue("2"), an_issue("3")),)


def filled(job: Pull, stream: ScriptedStream | None = None) -> None:
    pull(job, [FakeConnector(streams_=(stream or ScriptedStream({"PAY": three()}),))])


def complete(job: Pull, scope: Scope = PAY) -> Verdict:
    return Verdict(scope=scope, completeness=Completeness.COMPLETE, at=job.now)


def counted(
    job: Pull, counting: ListedCensus, *, stream: ScriptedStream | None = None, before: Verdict | None = None
) -> Verdict:
    """The verdict of PAY after one count."""
    connector = FakeConnector(streams_=(stream or ScriptedStream({"PAY": three()}),), censuses_=(counting,))
    (verdict,) = census.count(job, [connector], [before or complete(job)], every=DAY)
    return verdict


def due(job: Pull, stream: ScriptedStream | None = None) -> Pull:
    """A day after PAY was filled, when it is to be counted."""
    filled(job, stream)
    counted(job, ListedCensus(now_there=THREE))
    return replace(job, now=job.now + DAY)


def ids_in(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {r.id for r in records.all_records(connection)}


def kept(engine: Engine) -> dict[Scope, Verdict]:
    with engine.connect() as connection:
        return {v.scope: v for v in progress.all_verdicts(connection)}


def test_a_confirmed_deletion_is_buried_and_an_unconfirmed_absence_is_not(engine: Engine, job: Pull) -> None:
    later = due(job)
    verdict = counted(later, ListedCensus(now_there=frozenset({"1"}), really_gone=frozenset({"2"})))
    assert ids_in(engine) == {"1", "3"}
    assert verdict.is_complete


def test_the_first_run_counts_nothing_because_it_has_just_read_everything(engine: Engine, job: Pull) -> None:
    filled(job)
    counted(job, ListedCensus(now_there=frozenset(), really_gone=frozenset({"1"})))
    assert ids_in(engine) == THREE


def test_it_is_not_counted_again_before_its_time(engine: Engine, job: Pull) -> None:
    later = due(job)
    counted(
        replace(later, now=later.now - DAY / 2),
        ListedCensus(now_there=frozenset(), really_gone=frozenset({"1"})),
    )
    assert ids_in(engine) == THREE


def test_a_full_run_counts_at_once(engine: Engine, job: Pull) -> None:
    later = due(job)
    soon = replace(later, now=later.now - DAY / 2, is_full=True)
    counted(soon, ListedCensus(now_there=frozenset({"2", "3"}), really_gone=frozenset({"1"})))
    assert ids_in(engine) == {"2", "3"}


def test_a_count_that_fails_buries_nothing_changes_no_verdict_and_is_tried_again(
    engine: Engine, job: Pull
) -> None:
    later = due(job)
    counting = ListedCensus(
        now_there=frozenset({"2", "3"}), really_gone=frozenset({"1"}), error=ForbiddenError("no browse")
    )
    assert counted(later, counting).is_complete
    assert ids_in(engine) == THREE
    counting.error = None
    counted(later, counting)
    assert ids_in(engine) == {"2", "3"}


def test_a_scope_that_was_not_read_whole_is_not_counted(engine: Engine, job: Pull) -> None:
    later = due(job)
    partial = Verdict(scope=PAY, completeness=Completeness.PARTIAL, at=job.now, reason="503")
    counting = ListedCensus(now_there=frozenset(), really_gone=THREE)
    assert counted(later, counting, before=partial) == partial
    assert ids_in(engine) == THREE


def test_what_moved_lands_under_its_new_partition_and_is_counted_there(engine: Engine, job: Pull) -> None:
    later = due(job)
    moved = (("RISK", page(an_issue("3", key="RISK-1"))),)
    counted(later, ListedCensus(now_there=frozenset({"1", "2"}), moved=moved))
    assert ids_in(engine) == THREE
    with engine.connect() as connection:
        found = records.live_ids(connection, source="jira", kind="issue", partition="RISK")
    assert found == {"3"}


def test_what_came_between_pull_and_count_is_read_by_the_window(engine: Engine, job: Pull) -> None:
    later = due(job)
    stream = LaggingStream(script={"PAY": ()}, late=(page(an_issue("4")),))
    assert counted(later, ListedCensus(now_there=THREE | {"4"}), stream=stream).is_complete
    assert [request.is_full for request in stream.asked] == [False]
    assert ids_in(engine) == THREE | {"4"}


def test_what_the_window_does_not_hold_is_read_by_one_full_walk(engine: Engine, job: Pull) -> None:
    later = due(job)
    stream = LaggingStream(script={"PAY": ()}, hidden=(page(an_issue("4")),))
    assert counted(later, ListedCensus(now_there=THREE | {"4"}), stream=stream).is_complete
    assert [request.is_full for request in stream.asked] == [False, True]
    assert ids_in(engine) == THREE | {"4"}


def test_what_even_a_full_walk_does_not_hold_makes_the_scope_unknown_until_it_is_found(
    engine: Engine, job: Pull
) -> None:
    later = due(job)
    counting = ListedCensus(now_there=THREE | {"4"})
    verdict = counted(later, counting, stream=LaggingStream(script={"PAY": ()}))
    assert verdict.completeness is Completeness.PARTIAL
    assert "(4)" in verdict.reason
    assert kept(engine)[PAY].completeness is Completeness.PARTIAL
    assert not counted(later, counting, stream=LaggingStream(script={"PAY": ()})).is_complete
    found = LaggingStream(script={"PAY": ()}, hidden=(page(an_issue("4")),))
    assert counted(later, counting, stream=found).is_complete


def test_a_walk_that_fails_while_it_repairs_makes_the_scope_unknown(engine: Engine, job: Pull) -> None:
    later = due(job)
    stream = ScriptedStream({"PAY": (RetryableError("503"),)})
    verdict = counted(later, ListedCensus(now_there=THREE | {"4"}), stream=stream)
    assert (verdict.completeness, verdict.reason) == (Completeness.PARTIAL, "503")


def test_a_record_that_came_back_after_its_deletion_is_dug_up(engine: Engine, job: Pull) -> None:
    later = due(job)
    counted(later, ListedCensus(now_there=frozenset({"2", "3"}), really_gone=frozenset({"1"})))
    assert ids_in(engine) == {"2", "3"}
    counted(replace(later, now=later.now + DAY), ListedCensus(now_there=THREE))
    assert ids_in(engine) == THREE


def test_a_malformed_record_is_counted_as_skipped_once_and_not_looked_for_every_day(
    engine: Engine, job: Pull
) -> None:
    later = due(job)
    bad = Skipped(what="issue 4", reason="no status")
    stream = LaggingStream(script={"PAY": ()}, hidden=(page(skipped=(bad,)),))
    assert counted(later, ListedCensus(now_there=THREE | {"4"}), stream=stream).is_complete
    again = LaggingStream(script={"PAY": ()})
    tomorrow = replace(later, now=later.now + DAY, run_id="r2")
    assert counted(tomorrow, ListedCensus(now_there=THREE | {"4"}), stream=again).is_complete
    assert again.asked == []


def test_a_record_that_is_stored_under_another_partition_is_not_missing(engine: Engine, job: Pull) -> None:
    filled(job, ScriptedStream({"OLD": (page(an_issue("4")),)}))
    later = due(job)
    stream = LaggingStream(script={"PAY": ()})
    assert counted(later, ListedCensus(now_there=THREE | {"4"}), stream=stream).is_complete
    assert stream.asked == []


def test_a_lost_lease_ends_the_count_before_anything_is_buried(engine: Engine, job: Pull) -> None:
    later = due(job)

    def refuse(_: Connection) -> None:
        raise LeaseHeldError("taken over")

    counting = ListedCensus(now_there=frozenset(), really_gone=THREE)
    with pytest.raises(LeaseHeldError):
        counted(replace(later, guard=refuse), counting)
    assert ids_in(engine) == THREE


@pytest.mark.pure
def test_the_gap_is_what_count_and_store_do_not_share() -> None:
    gap = census.gap_of(
        frozenset("bcdx"), here=frozenset("ab"), anywhere=frozenset("abc"), unreadable=frozenset("x")
    )
    assert (gap.uncounted, gap.unread) == (frozenset("a"), frozenset("d"))
