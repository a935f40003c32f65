"""Comment options: schema of ``comment`` in the mapping file, how the managed comments speak."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class CommentOptions(BaseModel):
    """How the managed comments speak."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    vocabulary: Literal["both", "technical", "engineering"] = Field(
        "both",
        description="In whose words the comments tell what both owners are to act on; what one alone is to act on is told in that one's words.",
    )
