"""``tandem outbox``: what waits is listed with its reason, tried again or dropped; nothing is contacted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from engine_fakes import an_issue, page
from sqlalchemy import Engine

from connectors.commands import Announce, CommentCommand, PropertyCommand, Receipt, Slot
from connectors.port import Scope
from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.core.condition import Touch
from sync.settings import Settings
from sync.store import database, outbox, records, slots

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
HOSTILE = "503 \x1b[31m[red]proxy[/red] page"


def slot(issue_id: str, key: str = "pay-2.0") -> Slot:
    return Slot(source="jira", issue_id=issue_id, commitment_key=key)


@dataclass
class Desk:
    """A store, and the program pointed at it."""

    engine: Engine
    options: Options
    capture: pytest.CaptureFixture[str]

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self.capture.readouterr()
        code = exit_status(["outbox", *arguments], options=self.options)
        text = self.capture.readouterr()
        return code, text.out, text.err

    def listed(self, *arguments: str) -> dict[str, Any]:
        code, text, errors = self.run("list", "--json", *arguments)
        assert code == 0, errors
        found: dict[str, Any] = json.loads(text)
        return found

    def states(self) -> dict[int, tuple[str, int, bool]]:
        with self.engine.connect() as connection:
            found = outbox.deliveries(connection, state=None)
        return {d.id: (d.state, d.attempts, d.is_unsure) for d in found}


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    url = f"sqlite:///{tmp_path / 'tandem.db'}"
    engine = database.opened(url)
    database.upgrade(engine)
    settings = Settings(mapping=tmp_path / "none.yaml", database=url)
    options = Options(settings=settings, now=lambda: NOW + timedelta(hours=3))
    yield Desk(engine=engine, options=options, capture=capsys)
    engine.dispose()


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A dead delivery (1), one that broke off (2), one that waits (3), a doubt (4), and a slot left alone."""
    commands: list[CommentCommand | PropertyCommand] = [
        CommentCommand(slot=slot(id_), body="b", digest=f"d{id_}", announce=Announce.SILENT)
        for id_ in ("1", "2")
    ]
    commands.append(PropertyCommand(slot=slot("3", "*"), key="tandem.status", value="{}", digest="p"))
    receipt = Receipt(slot=slot("4"), target="comment", digest="d", body="b", delivered_at=NOW, remote_id="9")
    with desk.engine.begin() as connection:
        scope = Scope(source="jira", stream="issues", partition="PAY")
        records.land(connection, scope, page(an_issue("1"), an_issue("5")), now=NOW)
        outbox.enqueue(connection, [(c, None) for c in commands], now=NOW)
        first, second, _ = outbox.deliveries(connection)
        outbox.failed(connection, first, HOSTILE, is_dead=True, now=NOW)
        outbox.begin(connection, second)
        outbox.doubt(connection, receipt, "found otherwise", now=NOW)
        touched = slots.Sight(slot=slot("5"), checked_at=NOW, touch=Touch.DELETED, since=NOW, reposts=1)
        slots.keep(connection, touched)
    return desk


def test_an_empty_outbox_says_so(desk: Desk) -> None:
    assert desk.run("list")[:2] == (0, "Nothing waits.\n")
    assert desk.listed() == {"schema_version": 1, "deliveries": [], "left_alone": []}


def test_the_list_names_what_waits_with_state_issue_age_and_reason(full: Desk) -> None:
    code, text, _ = full.run("list")
    assert code == 0
    assert "\x1b" not in text
    rows = {line.split()[0]: line for line in text.splitlines()[:-1] if line.strip()[:1].isdigit()}
    assert all(word in rows["1"] for word in ("dead", "comment", "PAY-1", "3 h", "[red]proxy"))
    assert "pending, unsure" in rows["2"]
    assert "tandem.status" in rows["3"]
    assert "doubt" in rows["4"]
    assert "unsure" not in rows["4"]
    assert any(line.startswith("left alone") and "PAY-5" in line for line in text.splitlines())


def test_the_list_as_json_holds_the_same(full: Desk) -> None:
    found = full.listed()
    assert [(d["id"], d["state"], d["is_unsure"]) for d in found["deliveries"]] == [
        (1, "dead", False),
        (2, "pending", True),
        (3, "pending", False),
        (4, "doubt", True),
    ]
    assert (found["deliveries"][0]["reason"], found["deliveries"][0]["attempts"]) == (HOSTILE, 1)
    assert [(s["issue_key"], s["touch"]) for s in found["left_alone"]] == [("PAY-5", "deleted")]
    assert [d["id"] for d in full.listed("--dead")["deliveries"]] == [1]


@pytest.mark.parametrize(
    ("arguments", "dead", "left"),
    [(["1"], 0, 1), (["PAY-1"], 0, 1), (["PAY-5"], 1, 0), (["PAY-5", "1"], 0, 0), (["--all"], 0, 0)],
)
def test_what_is_named_is_tried_again_or_given_back(
    full: Desk, arguments: list[str], dead: int, left: int
) -> None:
    assert full.run("retry", *arguments)[0] == 0
    states = full.states()
    assert sum(state == "dead" for state, _, _ in states.values()) == dead
    assert len(full.listed()["left_alone"]) == left
    assert states[1] == (("dead", 1, False) if dead else ("pending", 0, False))
    assert (states[2], states[4]) == (("pending", 0, True), ("doubt", 0, True))


@pytest.mark.parametrize("arguments", [["99"], ["1", "NOPE-1"], ["2"], [], ["1", "--all"]])
def test_what_cannot_be_tried_again_is_refused_and_nothing_is_changed(
    full: Desk, arguments: list[str]
) -> None:
    before = full.states()
    code, _, errors = full.run("retry", *arguments)
    assert (code, "tandem outbox" in errors) == (1, True), errors
    assert (full.states(), len(full.listed()["left_alone"])) == (before, 1)


def test_a_delivery_is_dropped(full: Desk) -> None:
    assert full.run("drop", "1")[:2] == (0, "Dropped 1: PAY-1 comment.\n")
    assert sorted(full.states()) == [2, 3, 4]
    code, _, errors = full.run("drop", "1")
    assert (code, "no such delivery" in errors) == (1, True)


@pytest.mark.parametrize("id_", ["2", "4"])
def test_what_may_have_been_written_is_dropped_by_force_only(full: Desk, id_: str) -> None:
    code, _, errors = full.run("drop", id_)
    assert (code, "--force" in errors, "not known" in errors) == (1, True, True)
    assert int(id_) in full.states()
    assert full.run("drop", id_, "--force")[0] == 0
    assert int(id_) not in full.states()
