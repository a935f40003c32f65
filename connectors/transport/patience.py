"""Patience: how long a run may wait for one site, however many ask it side by side. Pure."""

from __future__ import annotations

_BUDGETS_PER_RUN = 10
"""All waiting for one site adds up to this many times the budget of one request."""


class Patience:
    """Seconds of waiting that are left. Time in which several wait at once is spent once."""

    def __init__(self, budget_s: float) -> None:
        self._budget_s = budget_s
        self._spent_s = 0.0
        self._until = float("-inf")

    @property
    def left_s(self) -> float:
        """Seconds that the next request may wait; less than 0 where more was spent than there was."""
        return min(self._budget_s, self._budget_s * _BUDGETS_PER_RUN - self._spent_s)

    def spend(self, seconds: float, *, at: float, is_real: bool = True) -> None:
        """Note a wait that begins at the instant ``at``, in seconds of a clock that never goes back.

        One that is not ``is_real`` takes no time, so it is spent whole.
        """
        if not is_real:
            self._spent_s += seconds
            return
        until = at + seconds
        self._spent_s += max(0.0, until - max(at, self._until))
        self._until = max(self._until, until)
