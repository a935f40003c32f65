"""Logs: JSON lines on stderr, secrets masked wherever they stand."""

import json
from collections.abc import Iterator

import pytest
import structlog

from sync import logs


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def test_a_line_is_json_with_event_level_and_time(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="info")
    logs.log().info("run_ended", writes=2)
    line = json.loads(capsys.readouterr().err)
    assert (line["event"], line["level"], line["writes"]) == ("run_ended", "info", 2)
    assert line["timestamp"].endswith("Z")


def test_a_secret_is_masked_in_every_text_of_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="info", secrets=["s3cret-token"])
    logs.log().warning("scope_unfinished", reason="GET https://x/?t=s3cret-token -> 401 s3cret-token")
    text = capsys.readouterr().err
    assert "s3cret-token" not in text
    assert text.count("***") == 2


def test_a_secret_is_masked_in_a_traceback_too(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="info", secrets=["s3cret-token"])
    try:
        raise ValueError("s3cret-token")
    except ValueError:
        logs.log().exception("boom")
    assert "s3cret-token" not in capsys.readouterr().err


def test_lines_below_the_level_are_not_written(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(style="json", level="warning")
    logs.log().info("run_ended")
    assert capsys.readouterr().err == ""
