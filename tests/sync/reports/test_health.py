"""Health is a judgement over noted runs: a good one, recent enough, and nothing wrong with the store."""

from datetime import UTC, datetime, timedelta

import pytest

from sync.reports.health import health_of, last_good
from sync.store.progress import Run

pytestmark = pytest.mark.pure

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def run(
    ended: timedelta, *, outcome: str | None = "complete", command: str = "sync", detail: str = ""
) -> Run:
    end = NOW + ended
    return Run(
        id=f"{command}{ended}{outcome}",
        command=command,
        started_at=end - timedelta(minutes=1),
        finished_at=end if outcome else None,
        outcome=outcome,
        detail=detail,
    )


def test_a_store_without_a_good_run_is_not_well() -> None:
    found = health_of([run(-HOUR, outcome="failed", detail="401")], overdue_at=None, now=NOW)
    assert not found.is_well
    assert found.sentences == (
        "No run has ended well yet: tandem doctor, then tandem sync.",
        "2026-11-20 10:59 UTC sync failed: 401",
    )


@pytest.mark.parametrize("outcome", ["complete", "partial"])
@pytest.mark.parametrize("command", ["sync", "worker", "pull"])
def test_a_good_run_before_the_deadline_is_well(outcome: str, command: str) -> None:
    found = health_of([run(-HOUR, outcome=outcome, command=command)], overdue_at=NOW, now=NOW)
    assert found.is_well
    assert found.sentences == (
        f"The last good run ({command}, {outcome}) ended 2026-11-20 11:00 UTC, 60 minutes ago.",
    )


def test_a_moment_after_the_deadline_it_is_not_well() -> None:
    late = NOW - timedelta(microseconds=1)
    assert not health_of([run(-HOUR)], overdue_at=late, now=NOW).is_well


@pytest.mark.parametrize(
    "bad",
    [
        run(-HOUR, outcome="failed"),
        run(-HOUR, outcome="held"),
        run(-HOUR, outcome=None),
        run(-HOUR, command="apply"),
    ],
)
def test_failed_held_unfinished_and_applying_runs_prove_nothing(bad: Run) -> None:
    assert last_good([run(-3 * HOUR), bad], now=NOW) == run(-3 * HOUR)


def test_a_run_from_the_future_proves_nothing() -> None:
    assert last_good([run(-3 * HOUR), run(2 * HOUR)], now=NOW) == run(-3 * HOUR)
    assert last_good([run(timedelta(minutes=2))], now=NOW) is not None


def test_what_happened_since_is_told_newest_last_and_not_all_of_it() -> None:
    runs = [
        run(-5 * HOUR),
        *(run(-timedelta(minutes=m), outcome="failed", detail=f"no {m}") for m in (10, 40, 30, 20)),
    ]
    found = health_of(runs, overdue_at=NOW, now=NOW)
    assert [s[-5:] for s in found.sentences[1:4]] == ["no 30", "no 20", "no 10"]
    assert found.sentences[4] == "4 runs since then did not end well."


def test_trouble_with_the_store_is_never_well() -> None:
    found = health_of([run(-HOUR)], overdue_at=None, now=NOW, trouble="readonly")
    assert (found.is_well, found.sentences[-1]) == (False, "readonly")
