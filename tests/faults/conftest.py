"""What the fault suite shares: one laboratory per process, and where a trial enters its marks."""

from __future__ import annotations

import json

import pytest

from tests.faults.laboratory import Laboratory
from tests.faults.summary import MARKS


@pytest.fixture(scope="session")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    """Companies and stores for trials."""
    return Laboratory(folder=tmp_path_factory.mktemp("laboratory"))


@pytest.fixture
def tally(record_property):
    """A function that enters the marks of a trial into the table, in the row of that name."""
    return lambda row, marks: record_property(MARKS, json.dumps([row, marks.document()]))
