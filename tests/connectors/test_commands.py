"""Markers: written at the end of a comment and read from nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.commands import Slot, marked, marker_of

pytestmark = pytest.mark.pure

KEY, DIGEST = "pay-2.0", "0123456789abcdef"
keys = st.from_regex(r"[A-Za-z0-9._-]{1,80}", fullmatch=True)
digests = st.from_regex(r"[0-9a-f]{16}", fullmatch=True)


@given(st.text(), keys, digests)
def test_any_text_above_keeps_its_marker(text, key, digest):
    assert marked(f"{text}\n{{color:#999}}{marker_of(key, digest)}{{color}}\n \n") == (key, digest)


@given(keys, digests, st.text(alphabet="abc \n").filter(str.strip))
def test_a_marker_above_other_text_is_quoted_text(key, digest, below):
    assert marked(f"{marker_of(key, digest)}\n{below}") is None


@pytest.mark.parametrize(
    "body",
    [
        "",
        "\n\n",
        "nothing here",
        f"tandem-slot={KEY}",
        f"tandem-digest={DIGEST} tandem-slot={KEY}",
        f"tandem-slot={KEY} tandem-digest={DIGEST[:-1]}",
        f"tandem-slot={KEY}  tandem-digest={DIGEST}",
        f"tandem-slot={'x' * 81} tandem-digest={DIGEST}",
    ],
)
def test_what_is_no_marker(body):
    assert marked(body) is None


def test_a_slot_reads_as_a_path():
    assert str(Slot(source="jira", issue_id="10", commitment_key=KEY)) == "jira/10/pay-2.0"
