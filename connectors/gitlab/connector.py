"""The GitLab connector: one host, gitlab.com or self-managed. Reads only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from connectors.check import Check
from connectors.errors import AuthenticationError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.census import WorkCensus
from connectors.gitlab.client import GitlabClient
from connectors.gitlab.details import details_of
from connectors.gitlab.login import account_of, expiry_of
from connectors.gitlab.settings import GitlabSelection
from connectors.gitlab.small_census import MilestoneCensus, ReleaseCensus
from connectors.gitlab.stream_commits import CommitStream
from connectors.gitlab.stream_runs import DeploymentStream, PipelineStream
from connectors.gitlab.stream_todos import TodoStream
from connectors.gitlab.stream_work import ISSUES, MERGE_REQUESTS, WorkStream
from connectors.gitlab.streams import MilestoneStream, ProjectStream, ReleaseStream
from connectors.parsing import selected
from connectors.port import Census, ConnectorType, Details, Site, Stream, Vitals


class GitlabConnector:
    """One GitLab host."""

    def __init__(self, client: GitlabClient, selection: GitlabSelection) -> None:
        self._client = client
        self._catalogue = Catalogue(client, selection)
        self._details = details_of(self._catalogue)
        self._is_connected = False

    @property
    def source(self) -> str:
        """The configured name of the site."""
        return self._client.source

    @property
    def requests_made(self) -> int:
        """Number of HTTP requests sent so far, retries included."""
        return self._client.requests_made

    def connect(self) -> None:
        """Begin a new run by listing the projects, which needs the token and its scope read_api as everything else does; where that fails, the account tells why.

        Raises AuthenticationError with the tool and the scope that is needed, RetryableError.
        """
        try:
            self._catalogue.begin()
        except AuthenticationError:
            account_of(self._client)
            raise
        chosen = self._catalogue.selection
        if not (self._catalogue.is_listed and (chosen.groups or chosen.projects)):
            account_of(self._client)
        self._details = details_of(self._catalogue)
        self._is_connected = True

    def attend(self, paths: tuple[tuple[str, str], ...]) -> None:
        """Watch these paths; one that is new is walked from the beginning."""
        self._catalogue.attend(paths)

    def streams(self) -> tuple[Stream, ...]:
        """Projects first, for the others build on the list; then what tells whether a project changed, before what is asked only then."""
        catalogue = self._catalogue
        return (
            ProjectStream(catalogue),
            WorkStream(catalogue, MERGE_REQUESTS),
            CommitStream(catalogue),
            TodoStream(catalogue),
            WorkStream(catalogue, ISSUES),
            PipelineStream(catalogue),
            DeploymentStream(catalogue),
            ReleaseStream(catalogue),
            MilestoneStream(catalogue),
        )

    def details(self) -> tuple[Details, ...]:
        """Jobs of pipelines; commits, approvals and notes of merge requests."""
        return self._details

    def censuses(self) -> tuple[Census, ...]:
        """Merge requests, issues, releases and milestones. Deleted branches, marks and projects are found by their own streams."""
        catalogue = self._catalogue
        return (
            WorkCensus(catalogue, MERGE_REQUESTS),
            WorkCensus(catalogue, ISSUES),
            ReleaseCensus(catalogue),
            MilestoneCensus(catalogue),
        )

    def sink(self) -> None:
        """None: nothing is written to GitLab."""
        return

    def vitals(self) -> Vitals:
        """The clock by the newest answer, and the token's last day as GitLab told it in this run or lately, else as the settings say. Asks where neither is so."""
        if self._catalogue.expiry is None and self._is_connected:
            self._catalogue.expiry = expiry_of(self._client)
        told = self._catalogue.expiry
        expires_on = (told.on if told else None) or self._client.site.token_expires_on
        return Vitals(skew_s=self._client.skew_s, token_expires_on=expires_on)

    def checks(self, *, write_test: bool) -> Iterator[Check]:  # noqa: ARG002  # there is nothing to write
        """The connector's part of ``doctor``; reads only."""
        from connectors.gitlab.checks import checks_of  # noqa: PLC0415  # one command asks for them

        return checks_of(self._catalogue)

    def close(self) -> None:
        """End the network session."""
        self._client.close()


def open_site(site: Site, selection: Mapping[str, object]) -> GitlabConnector:
    """The connector of one site; makes no request. Raises ConfigError with every problem of the selection."""
    chosen = selected(GitlabSelection, site.source, selection)
    return GitlabConnector(GitlabClient(site), chosen)


CONNECTOR = ConnectorType(kind="gitlab", open=open_site)
