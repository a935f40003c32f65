"""Where Tandem's GitLab records differ from DevLake's tables by choice: record, column, both values, and why."""

from __future__ import annotations

from tests.real.compared import Difference

REQUESTS: tuple[Difference, ...] = ()
REQUESTS_RAW: tuple[Difference, ...] = ()
ISSUES: tuple[Difference, ...] = ()
JOBS: tuple[Difference, ...] = ()
DEPLOYMENTS: tuple[Difference, ...] = ()
