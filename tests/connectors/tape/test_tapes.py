"""Tapes: what was kept is played back in its order, and nothing else is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from connectors.errors import FatalError, TandemError
from connectors.port import Exchange
from connectors.tape.redaction import Redaction
from connectors.tape.tapes import PlayedTape, RecordingTape, exchanges_in

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
REDACTION = Redaction(secrets=frozenset(), salt=b"salt")


def exchange(**changed: object) -> Exchange:
    base = Exchange(
        source="jira",
        method="GET",
        target="/a?x=1",
        sent=b"",
        status=200,
        headers=(("X-A", "1"),),
        body=b"{}",
    )
    return replace(base, **changed)  # type: ignore[arg-type]


def kept(folder: Path, *exchanges: Exchange) -> RecordingTape:
    instants = iter(NOW + timedelta(seconds=n) for n in range(10_000))
    tape = RecordingTape(folder, REDACTION, now=lambda: next(instants))
    for one in exchanges:
        tape.keep(one)
    return tape


def play(tape: PlayedTape, one: Exchange) -> Exchange:
    return tape.played(one.source, one.method, one.target, one.sent)


def test_a_recording_tape_asks_the_tool_itself(tmp_path: Path) -> None:
    assert kept(tmp_path).played("jira", "GET", "/a", b"") is None


def test_a_failed_try_and_its_repetition_are_played_in_their_order(tmp_path: Path) -> None:
    refused, answered = exchange(status=502, body=b"bad"), exchange(body=b'{"a": 1}')
    kept(tmp_path, refused, exchange(target="/b"), answered)
    tape = PlayedTape(tmp_path, began_at=NOW)
    assert play(tape, answered) == refused
    assert play(tape, answered) == answered
    assert tape.at == NOW + timedelta(seconds=2)


def test_a_request_that_was_not_kept_is_an_error_that_names_it(tmp_path: Path) -> None:
    kept(tmp_path, exchange())
    tape = PlayedTape(tmp_path, began_at=NOW)
    play(tape, exchange())
    for other in (
        exchange(),
        exchange(target="/b"),
        exchange(source="gitlab"),
        exchange(method="POST"),
        exchange(sent=b"1"),
    ):
        with pytest.raises(FatalError, match="holds no answer") as caught:
            play(tape, other)
        assert f"{other.source}: {other.method} {other.target}" in str(caught.value)
    assert len(tape.missing) == 5


def test_a_body_is_found_however_its_json_is_laid_out(tmp_path: Path) -> None:
    kept(tmp_path, exchange(method="POST", sent=b'{"jql": "x", "max": 1}'))
    tape = PlayedTape(tmp_path, began_at=NOW)
    assert play(tape, exchange(method="POST", sent=b'{"max":1,"jql":"x"}')).status == 200


def test_a_body_that_is_no_text_comes_back_as_it_was(tmp_path: Path) -> None:
    body = bytes(range(256))
    kept(tmp_path, exchange(body=body), exchange(target="/u", body="中 \u2028 \x85".encode()))
    assert [e.body for _, e in exchanges_in(tmp_path)] == [body, "中 \u2028 \x85".encode()]


def test_files_stay_small_and_keep_their_order(tmp_path: Path) -> None:
    kept(tmp_path, *(exchange(target=f"/{n}") for n in range(1001)))
    assert sorted(f.name for f in tmp_path.iterdir()) == ["exchange-0001.jsonl", "exchange-0002.jsonl"]
    assert [e.target for _, e in exchanges_in(tmp_path)] == [f"/{n}" for n in range(1001)]


def test_a_last_line_that_was_cut_off_is_passed_over(tmp_path: Path) -> None:
    kept(tmp_path, exchange(), exchange(target="/b"))
    file = tmp_path / "exchange-0001.jsonl"
    file.write_bytes(file.read_bytes()[:-5])
    assert [e.target for _, e in exchanges_in(tmp_path)] == ["/a?x=1"]


@pytest.mark.parametrize("line", ["nonsense", "[]", '{"source": "jira"}', "null"])
def test_a_line_that_is_no_exchange_is_named(tmp_path: Path, line: str) -> None:
    (tmp_path / "exchange-0001.jsonl").write_text(line + "\n")
    with pytest.raises(TandemError, match=r"exchange-0001\.jsonl:1: is no exchange"):
        list(exchanges_in(tmp_path))


def test_a_disk_that_takes_no_more_ends_the_keeping_and_not_the_run(tmp_path: Path) -> None:
    folder = tmp_path / "kept"
    folder.mkdir()
    tape = kept(folder, exchange())
    (folder / "exchange-0001.jsonl").unlink()
    folder.rmdir()
    tape.keep(exchange())
    assert tape.trouble is not None
    assert "No such file" in tape.trouble
    folder.mkdir()
    tape.keep(exchange())  # a gap in the middle would be worse than an end
    assert (tape.count, list(folder.iterdir())) == (1, [])
