"""What was seen tells of ids what a set of texts would."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.jira.seen import SeenIds

IDS = st.sampled_from(
    ("0", "1", "10", "511", "512", "010", "-1", "١", "10001", "99999999999", "9" * 5_000, "a", "")
)


@pytest.mark.law
@given(st.lists(st.lists(IDS, max_size=3), max_size=6))
def test_it_takes_what_has_not_come_before(pages: list[list[str]]) -> None:
    ids, model = SeenIds(), list[str]()
    for page in pages:
        model += page
        is_new = len(set(model)) == len(model)
        assert ids.take(page) is is_new
        if not is_new:
            break
