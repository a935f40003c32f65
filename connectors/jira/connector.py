"""The Jira connector: one site of Jira Cloud or Jira Data Center; which of the two, it asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.check import Check
from connectors.jira.census import IssueCensus, SprintCensus, VersionCensus
from connectors.jira.client import JiraClient
from connectors.jira.facts import Connection, facts_of
from connectors.jira.settings import JiraSelection
from connectors.jira.stream_issues import IssueStream
from connectors.jira.stream_worklogs import WorklogStream
from connectors.jira.streams import SprintStream, VersionStream
from connectors.parsing import selected
from connectors.port import Census, ConnectorType, Details, Sink, Site, Stream, Vitals


class JiraConnector:
    """One Jira site. ``connect`` comes before everything but ``checks``, which makes its own log-in."""

    def __init__(self, client: JiraClient, selection: JiraSelection) -> None:
        self._client = client
        self._selection = selection
        self._connection: Connection | None = None

    @property
    def source(self) -> str:
        """The configured name of the site."""
        return self._client.site.source

    @property
    def requests_made(self) -> int:
        """Number of HTTP requests sent so far, retries included."""
        return self._client.requests_made

    def connect(self) -> None:
        """Log in and learn product, account and field ids: three requests.

        Raises AuthenticationError with the user and the token that is needed, ConfigError for fields, RetryableError.
        """
        facts = facts_of(self._client, self._selection)
        self._connection = Connection(client=self._client, facts=facts, selection=self._selection)

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        """Nothing: Jira holds no repositories."""

    def streams(self) -> tuple[Stream, ...]:
        """Versions and sprints before the issues that refer to them, as far as they are read one after the other; worklogs last."""
        connection = self._connected()
        return (
            VersionStream(connection),
            SprintStream(connection),
            IssueStream(connection),
            WorklogStream(connection),
        )

    def details(self) -> tuple[Details, ...]:
        """None: the streams carry everything."""
        return ()

    def censuses(self) -> tuple[Census, ...]:
        """Issues and versions."""
        connection = self._connected()
        return (IssueCensus(connection), VersionCensus(connection), SprintCensus(connection))

    def sink(self) -> Sink | None:
        """Where comments and issue properties go; None while the site has not answered."""
        from connectors.jira.sink import JiraSink  # noqa: PLC0415  # where nothing may be written, nobody asks for it

        return JiraSink(self._connection) if self._connection else None

    def vitals(self) -> Vitals:
        """The clock by the newest answer; Jira does not tell when a token ends, so its last day is the one in the settings."""
        return Vitals(skew_s=self._client.skew_s, token_expires_on=self._client.site.token_expires_on)

    def checks(self, *, write_test: bool) -> Iterator[Check]:
        """The connector's part of ``doctor``. Writes only with ``write_test``."""
        from connectors.jira.checks import checks_of  # noqa: PLC0415  # one command asks for them

        return checks_of(self._client, self._selection, write_test=write_test)

    def close(self) -> None:
        """End the network session."""
        self._client.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise RuntimeError("connect() comes first")
        return self._connection


def open_site(site: Site, selection: Mapping[str, object]) -> JiraConnector:
    """The connector of one site; makes no request. Raises ConfigError with every problem of the selection."""
    chosen = selected(JiraSelection, site.source, selection)
    return JiraConnector(JiraClient(site), chosen)


CONNECTOR = ConnectorType(kind="jira", open=open_site)
