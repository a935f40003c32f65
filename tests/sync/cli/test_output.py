"""Text goes out as it is: no part of it is taken for the name of a picture."""

from __future__ import annotations

import pytest

from sync.cli.output import say, say_error


def test_a_line_number_is_not_taken_for_a_picture(capsys: pytest.CaptureFixture[str]) -> None:
    say_error("tandem.yaml:100:7 unknown key")
    say("see tandem.yaml:100:7")
    text = capsys.readouterr()
    assert text.err.strip() == "tandem.yaml:100:7 unknown key"
    assert text.out.strip() == "see tandem.yaml:100:7"
