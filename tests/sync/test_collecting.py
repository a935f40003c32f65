"""A process that ends does not look once more through what goes with it."""

import subprocess
import sys

import pytest


@pytest.mark.process
def test_a_command_line_ends_with_everything_out_of_the_last_search_for_garbage() -> None:
    script = (
        "import atexit, gc; from sync.cli import main; "
        "atexit.register(lambda: print(len(gc.get_objects()), gc.get_freeze_count() > 0)); main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, "--version"], capture_output=True, text=True, check=True
    )
    left, has_frozen = done.stdout.splitlines()[-1].split()
    assert (int(left) < 100, has_frozen) == (True, "True")
