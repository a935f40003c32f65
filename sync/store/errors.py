"""Errors of the store: it cannot be used, or another process is at work on it."""

from __future__ import annotations

from connectors.errors import TandemError


class StoreError(TandemError):
    """The store cannot be used: look at its path, its permissions and the space on its disk."""


class CrossedError(StoreError):
    """Two processes waited for each other in the store, and this one gave way; it may come again at once."""

    retry_after_s = 0.5


class LeaseHeldError(TandemError):
    """Another Tandem is at work on this store."""


class LeaseLostError(LeaseHeldError):
    """The lease was lost to another process; nothing more is written by this one."""
