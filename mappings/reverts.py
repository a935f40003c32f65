"""Reverts: which landed changes were taken back, after reverts of reverts are accounted for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from connectors.records import Ref


@dataclass(frozen=True, slots=True, kw_only=True)
class Revert:
    """A merged change that stands reverted now. ``of`` is a merge request or commit, ``by`` the merge request or commit that reverted it.

    ``is_partial`` is True where only some of the commits of a merge request were taken back.
    """

    of: Ref
    by: Ref
    at: datetime
    is_partial: bool = False
