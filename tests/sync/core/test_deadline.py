from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from connectors.records import Ref, Version
from mappings.commitments import CommitmentKind
from mappings.schema import CalendarSpec
from mappings.terms import Debt
from sync.core.deadline import due_on_of, is_within_working_days

pytestmark = pytest.mark.pure


def test_the_due_date_is_its_own_else_an_anchors_else_the_debts(make):
    version = Version(
        source="jira", id="9", project_key="PAY", name="2.0", url="https://x", release_on=date(2026, 12, 20)
    )
    bare = {"due_on": None, "anchors": (version.ref,)}
    debt = Debt(issue_key="PAY-7", accepted_until=date(2026, 11, 30))
    for given, expected in (
        ({}, date(2026, 12, 15)),
        (bare, date(2026, 12, 20)),
        ({"due_on": None, "kind": CommitmentKind.DEBT, "debt": debt}, date(2026, 11, 30)),
        ({"due_on": None}, None),
        ({"due_on": None, "anchors": (Ref(source="jira", kind="version", id="gone"),)}, None),
    ):
        world = make.world([version], commitments=(make.commitment(**given),))
        assert due_on_of(world, world.commitments[0]) == expected


@pytest.mark.parametrize(
    ("due_on", "expected"),
    [
        (date(2026, 11, 20), False),
        (date(2026, 11, 22), True),
        (date(2026, 12, 4), True),
        (date(2026, 12, 6), True),
        (date(2026, 12, 7), False),
        (date(2030, 1, 1), False),
    ],
)
def test_working_days_are_counted_from_today_to_the_due_day(make, due_on, expected):
    # 22 November 2026 is a Sunday; ten working days end on Friday 4 December.
    assert is_within_working_days(make.world([]), due_on, 10) is expected


def test_holidays_do_not_count_and_worked_weekends_do(make):
    holiday = CalendarSpec(holidays=frozenset({date(2026, 11, 23)}))
    worked = CalendarSpec(workdays=frozenset({date(2026, 11, 28)}))
    assert is_within_working_days(make.world([], spec=make.spec(calendar=holiday)), date(2026, 12, 7), 10)
    assert not is_within_working_days(make.world([], spec=make.spec(calendar=worked)), date(2026, 12, 4), 10)


def test_today_is_the_day_in_the_calendars_zone(make):
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # already the 23rd in Shanghai
    assert not is_within_working_days(make.world([], now=late), date(2026, 11, 22), 10)
    assert is_within_working_days(make.world([], now=late), date(2026, 11, 23), 10)
