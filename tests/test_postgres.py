"""The server of the tests starts wherever the project is cloned."""

from __future__ import annotations

import subprocess

import pytest

from tests.postgres import binaries, copied


@pytest.mark.process
def test_the_binaries_run_from_a_copy_where_the_unprivileged_user_may_not_enter_the_clone(tmp_path) -> None:
    for program in ("initdb", "postgres"):
        home = tmp_path / program
        found = subprocess.run(
            [copied(binaries(), home) / program, "--version"], capture_output=True, check=False
        )
        assert b"PostgreSQL" in found.stdout, found.stderr.decode()
