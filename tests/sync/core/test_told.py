from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from sync.core.finding import Severity
from sync.core.progress import Counts
from sync.core.status import Agreement, Health
from sync.core.told import Told

pytestmark = pytest.mark.pure

NUMBERS = st.integers(0, 10_000)
TOLDS = st.builds(
    Told,
    health=st.sampled_from(Health),
    agreement=st.sampled_from(Agreement),
    counts=st.builds(
        Counts, delivered=NUMBERS, in_review=NUMBERS, in_progress=NUMBERS, to_do=NUMBERS, dropped=NUMBERS
    ),
    findings=st.lists(
        st.tuples(
            st.text("0123456789abcdef", min_size=16, max_size=16), st.sampled_from([s.word for s in Severity])
        )
    ).map(tuple),
    member_keys=st.lists(st.text(max_size=8)).map(tuple),
    readers=st.text(max_size=8),
    heard=st.none() | st.sampled_from(Health),
)


@given(TOLDS)
def test_json_gives_the_same_value_back(told):
    assert Told.from_json(told.to_json()) == told


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"health": "fine"}'])
def test_anything_else_is_refused(text):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Told.from_json(text)


def test_the_health_that_people_heard_is_the_health_where_nothing_else_is_said():
    told = Told(
        health=Health.AT_RISK, agreement=Agreement.AGREED, counts=Counts(), findings=(), member_keys=()
    )
    assert (told.heard_health, "heard" in told.to_json()) == (Health.AT_RISK, False)
    assert replace(told, heard=Health.DONE).heard_health is Health.DONE
