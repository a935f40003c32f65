"""Settings of the Jira connector: what of one site is read, as the mapping gives it in plain values."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True, defer_build=True)


class FieldNames(_Model):
    """Names (or ids) of the custom fields to read; None and absent ones are not read."""

    story_points: str | None = None
    sprint: str | None = "Sprint"
    epic_link: str | None = None
    others: tuple[str, ...] = ()


class JiraSelection(_Model):
    """The projects of one site that are read, by key, and the custom fields that matter in them."""

    name: str = "jira"
    projects: tuple[Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]+$")], ...] = Field(min_length=1)
    fields: FieldNames = FieldNames()
