"""What the tests on recorded payloads share: the pulled records, and the word that is spoken about each table."""

from __future__ import annotations

import pytest

from tests.real.compared import require_same


@pytest.fixture
def agree(tell):
    """A function that puts a comparison's line into the summary and fails where a difference has no reason or a reason no difference."""

    def told_and_required(comparison):
        tell(comparison.line)
        require_same(comparison)

    return told_and_required


@pytest.fixture(scope="session")
def recorded(tmp_path_factory):
    """What stands in the store after the recorded payloads were served and pulled."""
    from tests.real.recorded import read_recorded  # noqa: PLC0415  # the rest of the folder needs neither server nor store

    return read_recorded(tmp_path_factory.mktemp("recorded"))
