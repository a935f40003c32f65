"""Tapes: one that keeps a run's exchange in files, redacted, line by line, and one that plays it back."""

from __future__ import annotations

import base64
import json
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.errors import FatalError, TandemError
from connectors.port import Exchange
from connectors.tape.redaction import Redaction

_PER_FILE = 1000  # exchanges


class RecordingTape:
    """Keeps each exchange as it happens. A disk that is full ends the keeping, never the run: ``trouble`` then says so."""

    def __init__(self, folder: Path, redaction: Redaction, *, now: Callable[[], datetime]) -> None:
        self._folder = folder
        self._redaction = redaction
        self._now = now
        self.count = 0
        self.trouble: str | None = None

    def played(self, source: str, method: str, target: str, sent: bytes) -> None:  # noqa: ARG002  # the port's signature
        """None: the tool itself is to be asked."""
        return

    def keep(self, exchange: Exchange) -> None:
        """Append the redacted exchange to the newest file; it is on its way to the disk when this returns."""
        if self.trouble:
            return
        line = line_of(self._redaction.exchange(exchange), at=self._now())
        file = self._folder / f"exchange-{self.count // _PER_FILE + 1:04}.jsonl"
        try:
            with file.open("a", encoding="utf-8") as stream:
                stream.write(line)
        except OSError as error:
            self.trouble = f"{file}: {error.strerror}"
        else:
            self.count += 1


class PlayedTape:
    """Answers from a recording, to the same request in the order in which they were kept. ``missing`` are requests that it does not hold.

    ``at`` is when the exchange that was played last was kept.
    """

    def __init__(self, folder: Path, *, began_at: datetime) -> None:
        self._kept: defaultdict[tuple[str, ...], deque[tuple[datetime, Exchange]]] = defaultdict(deque)
        for at, exchange in exchanges_in(folder):
            self._kept[_key(exchange.source, exchange.method, exchange.target, exchange.sent)].append(
                (at, exchange)
            )
        self.at = began_at
        self.missing: list[str] = []

    def played(self, source: str, method: str, target: str, sent: bytes) -> Exchange:
        """The next answer to this request. Raises FatalError where none is left."""
        waiting = self._kept.get(_key(source, method, target, sent))
        if not waiting:
            what = f"{source}: {method} {target}"
            self.missing.append(what)
            raise FatalError(
                f"{what}: the recording holds no answer; there was none, or this Tandem asks otherwise"
            )
        at, exchange = waiting.popleft()
        self.at = max(self.at, at)
        return exchange

    def keep(self, exchange: Exchange) -> None:
        """Nothing: a played exchange is kept already."""


def line_of(exchange: Exchange, *, at: datetime) -> str:
    """The exchange as one line of JSON. A body is text, or base64 where it is no UTF-8."""
    document = {
        "at": at.isoformat(),
        "source": exchange.source,
        "method": exchange.method,
        "target": exchange.target,
        **_body_fields("sent", exchange.sent),
        "status": exchange.status,
        "headers": exchange.headers,
        **_body_fields("body", exchange.body),
    }
    return json.dumps(document, ensure_ascii=True) + "\n"


def exchanges_in(folder: Path) -> Iterator[tuple[datetime, Exchange]]:
    """The kept exchanges, each with its instant, in order. A last line that a killed run left unfinished is passed over.

    Raises TandemError for any other line that is no exchange, and for a file that cannot be read.
    """
    for file in sorted(folder.glob("exchange-*.jsonl")):
        try:
            lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        except (OSError, UnicodeDecodeError) as error:
            raise TandemError(f"{file}: cannot be read ({error})") from error
        for number, line in enumerate(lines, start=1):
            if line.endswith("\n"):
                yield _exchange_of(line, place=f"{file}:{number}")


def _exchange_of(line: str, *, place: str) -> tuple[datetime, Exchange]:
    try:
        raw = json.loads(line)
        exchange = Exchange(
            source=raw["source"],
            method=raw["method"],
            target=raw["target"],
            sent=_body_in("sent", raw),
            status=raw["status"],
            headers=tuple((name, text) for name, text in raw["headers"]),
            body=_body_in("body", raw),
        )
        return datetime.fromisoformat(raw["at"]), exchange
    except (ValueError, KeyError, TypeError) as error:
        raise TandemError(f"{place}: is no exchange; the recording was changed or damaged") from error


def _body_fields(name: str, body: bytes) -> dict[str, str]:
    try:
        return {name: body.decode("utf-8")}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(body).decode()}


def _body_in(name: str, raw: dict[str, Any]) -> bytes:
    if name in raw:
        text: str = raw[name]
        return text.encode()
    return base64.b64decode(raw[f"{name}_base64"], validate=True)


def _key(source: str, method: str, target: str, sent: bytes) -> tuple[str, ...]:
    """What makes two requests the same; how a JSON body is laid out does not."""
    try:
        body = json.dumps(json.loads(sent), sort_keys=True) if sent else ""
    except (ValueError, RecursionError):
        body = sent.hex()
    return source, method, target, body
