"""Options per drift rule, and suppressions: schema of ``drift`` and ``suppressions`` in the mapping file."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class RuleOptions(BaseModel):
    """What a mapping may change about one rule; None keeps the rule's default. Thresholds are named by each rule."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    severity: Literal["info", "notice", "warning", "high", "critical"] | None = None
    grace_hours: float | None = Field(None, ge=0)
    thresholds: dict[str, float] = Field(default_factory=dict)


class SuppressionSpec(BaseModel):
    """Findings that are accepted for a time. Fields left out match everything; at least one of the first three is given."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rule: str | None = Field(None, pattern=r"^[A-Z]\d\d$")
    commitment: str | None = None
    record: str | None = Field(None, description="Issue key, or merge request as group/project!12.")
    reason: str = Field(min_length=3)
    owner: str
    until: date
