"""Extraction on real messages that were labelled by reading each one; it has to be exact."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.changes import in_message
from mappings.roles import Confidence, Place, Sighting, strength
from mappings.sightings import in_branch, in_text
from mappings.titles import in_title

pytestmark = pytest.mark.pure

PROJECTS = frozenset({"ALOY", "AC", "TIMOB", "DAEMON", "MOD"})
TABLE = Path(__file__).with_name("labelled_messages.tsv")
READ = {
    "branch": lambda text: in_branch(text, PROJECTS, lower_case=True),
    "title": lambda text: in_title(text, PROJECTS, elsewhere=Confidence.CERTAIN),
    "description": lambda text: in_text(text, PROJECTS, place=Place.DESCRIPTION, is_sole=True),
    "commit": lambda text: in_message(text, PROJECTS),
}


def _rows() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 2) for line in lines if not line.startswith("#")]


def _roles(kind: str, text: str) -> dict[str, str]:
    best: dict[str, Sighting] = {}
    for sighting in READ[kind](text.replace("\\n", "\n").replace("\\\\", "\\")):
        best[sighting.key] = min(best.get(sighting.key, sighting), sighting, key=strength)
    return {key: sighting.role.value for key, sighting in best.items()}


def test_the_table_is_large_and_its_messages_differ():
    rows = _rows()
    assert len(rows) >= 200
    assert len({(kind, text) for kind, _, text in rows}) == len(rows)
    assert not any("@" in text for _, _, text in rows)


@pytest.mark.parametrize(("kind", "label", "text"), _rows())
def test_a_message_gives_exactly_the_labelled_keys_and_roles(kind, label, text):
    expected = {} if label == "-" else dict(part.partition(":")[::2] for part in label.split())
    found = _roles(kind, text)
    assert set(found) == set(expected)
    assert {key: found[key] for key, role in expected.items() if role} == {
        k: r for k, r in expected.items() if r
    }
