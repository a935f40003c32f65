"""Options per drift rule, and suppressions: schema of ``drift`` and ``suppressions`` in the mapping file."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, FiniteFloat

from mappings.atoms import Day, RuleCode, Word


class RuleOptions(BaseModel):
    """What a mapping may change about one rule; None keeps the rule's default. Thresholds are named by each rule."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)

    enabled: bool = True
    severity: Literal["info", "notice", "warning", "high", "critical"] | None = None
    grace_hours: FiniteFloat | None = Field(
        None, ge=0, description="How long it may be true before it counts."
    )
    thresholds: dict[str, FiniteFloat] = Field(default_factory=dict)


class SuppressionSpec(BaseModel):
    """Findings that are accepted for a time. Fields left out match everything; at least one of the first four is given."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)

    rule: RuleCode | None = None
    commitment: Word | None = Field(None, description="Key of a commitment.")
    record: Word | None = Field(None, description="Issue key, or merge request as group/project!12.")
    path: Word | None = Field(
        None, description="GitLab group or project that all GitLab evidence of the finding lies in or below."
    )
    reason: str = Field(min_length=3, description="Why this is accepted.")
    owner: Word = Field(description="Who decided so; a name under people.")
    until: Day = Field(description="Last day on which it stays quiet, inclusive.")


class FlappingOptions(BaseModel):
    """When a finding counts as flapping: it came back so often within so many days. Such a finding notifies nobody."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    returns: int = Field(3, ge=1, le=100)
    days: int = Field(7, ge=1, le=90)
