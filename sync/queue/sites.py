"""Sites: one worker's log-ins, kept for the length of a tick: what a site listed at its log-in is good for one round of work."""

from __future__ import annotations

from contextlib import ExitStack

from connectors.port import Connector
from sync.app import App


class Sites:
    """The connectors of one worker. Each is logged in once in a tick, when it is wanted first."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._of: tuple[int, str] | None = None
        self._connectors: dict[str, Connector] = {}
        self._connected: set[str] = set()

    def of(self, app: App, tick_id: int) -> tuple[Connector, ...]:
        """All connectors for a tick, logged in or not. Raises ConfigError for a source without settings."""
        if self._of != (tick_id, app.mapping.digest):
            self.forget()
            found = self._stack.enter_context(app.connectors())
            self._connectors = {connector.source: connector for connector in found}
            self._of = (tick_id, app.mapping.digest)
        return tuple(self._connectors.values())

    def connected(self, source: str) -> Connector:
        """A connector that is logged in. Raises as ``Connector.connect``."""
        connector = self._connectors[source]
        if source not in self._connected:
            connector.connect()
            self._connected.add(source)
        return connector

    def requests_made(self) -> int:
        """Number of requests of all of them so far."""
        return sum(connector.requests_made for connector in self._connectors.values())

    def forget(self) -> None:
        """End all sessions."""
        self._stack.close()
        self._stack = ExitStack()
        self._of = None
        self._connectors, self._connected = {}, set()
