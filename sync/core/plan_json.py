"""Plan JSON: a plan as text, for review and for ``apply FILE``. Codes and names stay English in every language."""

from __future__ import annotations

import json
from typing import Any

from msgspec import ValidationError, convert, to_builtins

from connectors.errors import ConfigError
from sync.core.plan import SCHEMA_VERSION, Plan


def to_json(plan: Plan) -> str:
    """The plan as indented JSON: ``schema_version`` first, its ``digest``, its counts, then all fields in their order. Equal plans, equal text."""
    fields = to_builtins(plan)
    head = {"schema_version": plan.schema_version, "digest": plan.digest}
    return json.dumps(head | {"counts": dict(plan.counts)} | fields, indent=2, ensure_ascii=False) + "\n"


def from_json(text: str) -> Plan:
    """The plan that ``to_json`` wrote.

    Raises ConfigError where the text is no plan, is of a version that this Tandem does not know, or was changed after it was written.
    """
    raw = _object(text)
    if raw.get("schema_version") != SCHEMA_VERSION:
        raise ConfigError(
            f"the plan has schema version {raw.get('schema_version')!r}, this Tandem reads {SCHEMA_VERSION}; plan again"
        )
    digest = raw.pop("digest", None)
    raw.pop("counts", None)
    try:
        plan = convert(raw, Plan)
    except ValidationError as error:
        raise ConfigError(f"the plan cannot be read ({error}); plan again") from error
    if digest != plan.digest:
        raise ConfigError("the plan was changed after it was written (its digest differs); plan again")
    return plan


def _object(text: str) -> dict[str, Any]:
    try:
        raw = json.loads(text)
    except ValueError as error:
        raise ConfigError("the plan is no JSON; plan again") from error
    if not isinstance(raw, dict):
        raise ConfigError("the plan is no JSON object; plan again")
    return raw
