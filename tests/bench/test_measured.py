"""What a measured command is charged with."""

import sys

import pytest

from tests.bench.measured import measured

pytestmark = pytest.mark.process


def test_the_peak_is_the_commands_own_and_not_that_of_whoever_began_it() -> None:
    ballast = bytearray(200 << 20)
    for place in range(0, len(ballast), 4096):
        ballast[place] = 1
    small = measured([sys.executable, "-c", "print('done')"], environment={})
    large = measured([sys.executable, "-c", "print(len(b'x' * (150 << 20)))"], environment={})
    assert small.output == "done\n"
    assert small.peak_mb < 60
    assert large.peak_mb > small.peak_mb + 140
    assert small.cpu_s > 0
    assert small.wall_s > 0


def test_a_command_reads_the_settings_that_it_is_given() -> None:
    program = "import os; print(os.environ['TANDEM_MAPPING'])"
    assert (
        measured([sys.executable, "-c", program], environment={"TANDEM_MAPPING": "x.yaml"}).output
        == "x.yaml\n"
    )


def test_a_command_that_fails_is_no_measure() -> None:
    with pytest.raises(RuntimeError, match="ended with 3: it broke"):
        measured(
            [sys.executable, "-c", "import sys; sys.stderr.write('it broke'); sys.exit(3)"], environment={}
        )
