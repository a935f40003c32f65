"""Said: what a managed comment or a status property claims about a commitment."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.commands import marked
from sync.core.status import Agreement, Health
from sync.core.words import AGREEMENT, HEALTH

_HEALTH: Mapping[str, Health] = {text.en: Health(code) for code, text in HEALTH.items()}
_AGREEMENT: Mapping[str, Agreement] = {text.en: Agreement(code) for code, text in AGREEMENT.items()}
_FIRST = re.compile(r"\*(?P<health>[A-Z ]+)\*\{color\} · (?P<agreement>[a-z]+) · ")

Status = tuple[str, str]
"""Health and agreement, as codes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One claim: where it stood, about which commitment, and what; ``status`` is None where it cannot be read as one."""

    issue_id: str
    commitment: str
    status: Status | None
    where: str


def said_in_comment(issue_id: str, body: str) -> Said:
    """What the body of a managed comment (English) says."""
    marker, first = marked(body), _FIRST.search(body.partition("\n")[0])
    status = None
    if first and first["health"] in _HEALTH and first["agreement"] in _AGREEMENT:
        status = (_HEALTH[first["health"]].value, _AGREEMENT[first["agreement"]].value)
    return Said(
        issue_id=issue_id, commitment=marker[0] if marker else "", status=status, where=f"comment {body!r}"
    )


def said_in_property(issue_id: str, value: Any, former: Any) -> tuple[Said, ...]:
    """What a status property says that the former value of the same property did not say."""
    old = former["commitments"] if isinstance(former, dict) else {}
    return tuple(
        Said(
            issue_id=issue_id,
            commitment=key,
            status=(entry["health"], entry["agreement"]),
            where=f"property {json.dumps(entry, ensure_ascii=False)}",
        )
        for key, entry in value["commitments"].items()
        if old.get(key) != entry
    )


def wrong_among(
    said: Iterable[Said], allowed: Mapping[str, frozenset[Status]], unknown: frozenset[str]
) -> tuple[str, ...]:
    """The claims that no fault-free reader would have made, each in words.

    ``allowed`` are the statuses that one would have given, by commitment; about those in ``unknown`` nothing may be said at all.
    """
    return tuple(
        f"{one.issue_id} {one.commitment}: said {one.status}, "
        + ("though it was unknown" if one.commitment in unknown else f"not one of {sorted(true)}")
        + f" ({one.where[:400]})"
        for one in said
        for true in (allowed.get(one.commitment, frozenset()),)
        if one.commitment in unknown or one.status not in true
    )
