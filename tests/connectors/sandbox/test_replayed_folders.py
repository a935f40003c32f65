"""Recorded payloads, served by the sandbox, come through the real connectors over HTTP complete."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from connectors.records import Issue
from connectors.sandbox.replay import sandbox_of
from tests.real.pulled import pulled

SHARED = Path(__file__).parents[4] / "shared" / "data"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the shared data folder is not beside the checkout"
)


def test_titaniums_issues_are_pulled_from_a_data_center(tmp_path):
    sandbox = sandbox_of(SHARED / "titanium_jira", clock=lambda: NOW)
    assert sandbox.jira.flavour == "datacenter"
    found = pulled(sandbox, tmp_path, {"jira": {"projects": ("ALOY", "MOD", "DAEMON")}})
    assert set(found.all(Issue)) == set(sandbox.jira.issues)
    assert all(verdict.is_complete for verdict in found.verdicts)
