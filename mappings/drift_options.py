"""Options per drift rule, and suppressions: schema of ``drift`` and ``suppressions`` in the mapping file."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from mappings.atoms import Day, RuleCode, Word


class RuleOptions(BaseModel):
    """What a mapping may change about one rule; None keeps the rule's default. Thresholds are named by each rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    enabled: bool = True
    severity: Literal["info", "notice", "warning", "high", "critical"] | None = None
    grace_hours: FiniteFloat | None = Field(
        None, ge=0, description="How long it may be true before it counts."
    )
    thresholds: dict[str, FiniteFloat] = Field(default_factory=dict)


class SuppressionSpec(BaseModel):
    """Findings that are accepted for a time. Fields left out match everything; at least one of the first three is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    rule: RuleCode | None = None
    commitment: Word | None = Field(None, description="Key of a commitment.")
    record: Word | None = Field(None, description="Issue key, or merge request as group/project!12.")
    reason: str = Field(min_length=3, description="Why this is accepted.")
    owner: Word = Field(description="Who decided so; a name under people.")
    until: Day = Field(description="Last day on which it stays quiet, inclusive.")
