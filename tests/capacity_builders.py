"""Companies of any size, and the constants that this version ships."""

from __future__ import annotations

from typing import Any

from sync.capacity.company import POSTGRESQL, Company, Setup
from sync.capacity.constants import constants_in_force
from sync.capacity.work import Model


def a_company(**sizes: Any) -> Company:
    """A company of middling size."""
    return Company(**sizes)


def a_model(*, profile: str | None = None, setup: dict[str, Any] | None = None, **sizes: Any) -> Model:
    """A model over a company, with four workers over PostgreSQL."""
    given = {"workers": 4, "database": POSTGRESQL, **(setup or {})}
    return Model(company=a_company(**sizes), setup=Setup(**given), c=constants_in_force(profile))
