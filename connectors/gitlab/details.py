"""Details: what is asked one pipeline or merge request at a time, by numeric project id and iid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from connectors.errors import FatalError, SkippableError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse_runs import parse_job
from connectors.gitlab.parse_work import parse_approval, parse_merge_request_commits
from connectors.parsing import MALFORMED, parsed
from connectors.records import MergeRequest, Pipeline, Record


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentDetails:
    """One kind of detail: its name and how the details of one parent are read."""

    name: str
    read: Callable[[Record], tuple[Record, ...]]

    def fetch(self, parents: Iterable[Record]) -> Iterator[tuple[Record, ...]]:
        """The details of each parent, in the given order; one or more requests each. Raises a TandemError."""
        return (self.read(parent) for parent in parents)


def details_of(catalogue: Catalogue) -> tuple[ParentDetails, ...]:
    """``jobs`` (of pipelines), ``merge_request_commits`` and ``approvals`` (of merge requests)."""
    return (
        ParentDetails(name="jobs", read=lambda parent: _jobs(catalogue, _pipeline(parent))),
        ParentDetails(
            name="merge_request_commits", read=lambda parent: _commits(catalogue, _request(parent))
        ),
        ParentDetails(name="approvals", read=lambda parent: _approvals(catalogue, _request(parent))),
    )


def _jobs(catalogue: Catalogue, parent: Pipeline) -> tuple[Record, ...]:
    """Jobs with retried ones: of those with one name, all but the newest. Malformed ones are left out.

    Without the list of projects nobody knows where the project lives now, so nothing is asked.
    """
    catalogue.listed()
    jobs_path = path_of("projects", parent.project_id, "pipelines", parent.id, "jobs")
    rows = tuple(catalogue.client.rows(jobs_path, include_retried="true"))
    newest: dict[str, int] = {}
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("id"), int):
            newest[str(row.get("name"))] = max(newest.get(str(row.get("name")), 0), row["id"])
    place = catalogue.place
    path = place.paths.get(parent.project_id)
    home = place.url(path) if path else parent.url.partition("/-/")[0]
    jobs, _ = parsed(
        rows,
        lambda row: parse_job(
            row, parent, home=home, is_retried=row["id"] < newest.get(str(row.get("name")), 0)
        ),
        what="job",
    )
    return jobs


def _commits(catalogue: Catalogue, parent: MergeRequest) -> tuple[Record, ...]:
    rows = tuple(catalogue.client.rows(_path(parent, "commits")))
    head = parent.sha or (str(rows[0]["id"]) if rows else "")
    try:
        return (parse_merge_request_commits(rows, source=parent.source, id_=parent.id, head_sha=head),)
    except MALFORMED as error:
        raise SkippableError(
            f"commits of merge request {parent.reference}: not in the expected form"
        ) from error


def _approvals(catalogue: Catalogue, parent: MergeRequest) -> tuple[Record, ...]:
    try:
        return (parse_approval(catalogue.client.get(_path(parent, "approvals")), parent),)
    except MALFORMED as error:
        raise SkippableError(
            f"approvals of merge request {parent.reference}: not in the expected form"
        ) from error


def _path(parent: MergeRequest, what: str) -> str:
    return path_of("projects", parent.project_id, "merge_requests", parent.reference.removeprefix("!"), what)


def _pipeline(parent: Record) -> Pipeline:
    if not isinstance(parent, Pipeline):
        raise FatalError(f"jobs belong to pipelines, not to {parent.ref}")
    return parent


def _request(parent: Record) -> MergeRequest:
    if not isinstance(parent, MergeRequest):
        raise FatalError(f"only merge requests have commits and approvals, not {parent.ref}")
    return parent
