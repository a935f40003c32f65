"""Index: what a search sees, which on Cloud may be older than what is there."""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import UTC, datetime

from connectors.sandbox.state import JiraState, Payload

_EVER = datetime.min.replace(tzinfo=UTC)


def reindex(state: JiraState) -> None:
    """Take in all that is there: only what changes from now on is late."""
    state.index = {id_: [(_EVER, _text(issue))] for id_, issue in state.issues.items()}


def indexed(state: JiraState, *, fresh: Collection[str] = ()) -> list[Payload]:
    """The issues as a search sees them now; those with ids in ``fresh`` as they are.

    A change counts from the issue's ``updated``; where that does not move, from the first search after it.
    """
    if state.flavour != "cloud" or not state.index_lag:
        return list(state.issues.values())
    seen = (one if id_ in fresh else _seen(state, one) for id_, one in state.issues.items())
    return [one for one in seen if one is not None]


def _seen(state: JiraState, issue: Payload) -> Payload | None:
    now, text = state.clock(), _text(issue)
    entries = state.index.setdefault(issue["id"], [])
    if not entries or entries[-1][1] != text:
        has_moved = not entries or _updated(json.loads(entries[-1][1])) < _updated(issue)
        entries.append((_updated(issue) if has_moved else now, text))
    shown = [text for at, text in entries if at <= now - state.index_lag]
    if not shown:
        return None
    found: Payload = issue if shown[-1] == text else json.loads(shown[-1])
    return found


def _updated(issue: Payload) -> datetime:
    return datetime.fromisoformat(issue["fields"]["updated"])


def _text(issue: Payload) -> str:
    return json.dumps(issue)
