"""Truth: what was planted in the world, and the company that carries it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, TypeAlias

from msgspec import Struct

from connectors.sandbox.state import Sandbox
from connectors.sandbox.world.clock import Clock

Flavour: TypeAlias = Literal["cloud", "datacenter"]
Size: TypeAlias = Literal["full", "small"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Planted:
    """One drift that is in the world, or (as a decoy) one that is not although it looks so.

    ``subject`` is the text of a ref such as ``jira:issue:10042``; ``commitment`` is ``*`` for rules about no single commitment.
    ``suppressed`` marks a drift that the mapping accepts for a time: it is found, and counted as suppressed.
    """

    rule: str
    commitment: str
    subject: str
    why: str = field(compare=False)
    suppressed: bool = field(default=False, compare=False)


class Company(Struct, frozen=True, kw_only=True):
    """A believable company: both tools' state, the mapping that describes it, and the truth about its drift.

    ``truth`` holds all that rules must find at the anchor, ``decoys`` look-alikes that they must not. ``issues`` (name -> issue id) and ``requests``
    (name -> project id and iid) are the actors that scenes move: items in good order, and ``secret`` (S08), ``red`` (S03), ``unfinished IMP`` and
    ``unfinished RISK`` (S01).
    """

    anchor: datetime
    flavour: Flavour
    clock: Clock
    sandbox: Sandbox
    mapping: str
    truth: tuple[Planted, ...]
    decoys: tuple[Planted, ...]
    issues: Mapping[str, str]
    requests: Mapping[str, tuple[int, int]]
