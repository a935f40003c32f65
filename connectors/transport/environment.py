"""Environment: the proxies and authorities that a host's environment names for one site."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any


class Environment:
    """What the environment says, looked up once: all requests go to one site in one way, and looking costs as much as sending."""

    def __init__(self) -> None:
        self._settings: Mapping[str, Any] | None = None

    def settings(self, look_up: Callable[[], Mapping[str, Any]]) -> dict[str, Any]:
        """How a request is sent, as ``requests.Session.merge_environment_settings`` tells, which ``look_up`` calls the first time."""
        if self._settings is None:
            self._settings = look_up()
        return dict(self._settings)
