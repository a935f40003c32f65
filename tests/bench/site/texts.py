"""Texts: sentences by number, and JSON templates whose holes are filled by name."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Mapping
from typing import Any

_WORDS = tuple(
    "retry settlement batch cache portal invoice ledger timeout queue export import audit token login session risk engine report filter index schema rollout "  # noqa: SIM905  # easier to read
    "metric alert flag limit price order refund webhook gateway archive replay shard the a of for with when after before keeps loses reads writes checks".split()
)
_POOL = 1009
"""A prime, so that no cycle of the records' own numbers meets it early."""

_CHANCE = random.Random(7)
_SENTENCES = tuple(
    " ".join(_CHANCE.choices(_WORDS, k=_CHANCE.randint(4, 8))).capitalize() for _ in range(_POOL)
)
_PARAGRAPHS = tuple(
    ". ".join(_CHANCE.choices(_SENTENCES, k=_CHANCE.choice((4, 6, 8, 12, 40)))) + "." for _ in range(_POOL)
)


def sentence(number: int) -> str:
    """A title of four to eight words."""
    return _SENTENCES[number * 7 % _POOL]


def paragraph(number: int) -> str:
    """A description of 0.2 to 2 kB."""
    return _PARAGRAPHS[number * 11 % _POOL]


def template(payload: Any) -> Callable[[Mapping[str, object]], str]:
    """What fills the payload's holes and gives its JSON text: ``<name>`` inside a text is a value without quotes, ``"<<name>>"`` alone a piece of JSON."""
    text = json.dumps(payload, separators=(",", ":")).replace("%", "%%")
    text = re.sub(r'"<<(\w+)>>"', r"%(\1)s", text)
    return re.sub(r"<(\w+)>", r"%(\1)s", text).__mod__
