"""Version: which Tandem this is."""

from __future__ import annotations

import importlib.metadata
from functools import cache


@cache
def version() -> str:
    """The version of the installed distribution."""
    return importlib.metadata.version("tandem-sync")
