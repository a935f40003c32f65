"""Changelog payloads of Jira: one history per moment, one item per changed field."""

from __future__ import annotations

from datetime import datetime

from connectors.sandbox.state import Payload
from connectors.sandbox.world.people import Person, jira_user
from connectors.sandbox.world.stamps import jira_time
from connectors.sandbox.world.truth import Flavour


def changed(
    field: str, old: tuple[str | None, str | None], new: tuple[str | None, str | None], *, field_id: str = ""
) -> Payload:
    """One changed field: ``old`` and ``new`` are (id of the value, its text), None where there was none."""
    name = field_id or field
    kind = "custom" if name.startswith("customfield_") else "jira"
    return {
        "field": field,
        "fieldtype": kind,
        "fieldId": name,
        "from": old[0],
        "fromString": old[1],
        "to": new[0],
        "toString": new[1],
    }


def history(id_: int, at: datetime, author: Person, *, items: list[Payload], flavour: Flavour) -> Payload:
    """One entry of a changelog. Data Center leaves ``fieldId`` out."""
    if flavour == "datacenter":
        items = [{k: v for k, v in item.items() if k != "fieldId"} for item in items]
    return {"id": str(id_), "author": jira_user(author, flavour), "created": jira_time(at), "items": items}
