"""Details: what is asked one pipeline or merge request at a time, by numeric project id and iid."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from connectors.errors import FatalError, ForbiddenError, SkippableError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse_review import parse_approval, parse_notes
from connectors.gitlab.parse_runs import parse_job
from connectors.gitlab.parse_work import parse_merge_request_commits
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
    """``jobs`` (of pipelines), ``merge_request_commits``, ``approvals`` and ``notes`` (of merge requests)."""
    of_requests = {"merge_request_commits": _commits, "approvals": _approvals, "notes": _notes}
    return (
        ParentDetails(name="jobs", read=lambda parent: _jobs(catalogue, _pipeline(parent))),
        *(
            ParentDetails(name=name, read=partial(_of_request, catalogue, name=name, read=read))
            for name, read in of_requests.items()
        ),
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


def _of_request(
    catalogue: Catalogue, parent: Record, *, name: str, read: Callable[[Catalogue, MergeRequest], Record]
) -> tuple[Record, ...]:
    """What one merge request tells. Raises SkippableError where it tells nothing to us: by its form, or because the account may not see it."""
    request = _request(parent)
    try:
        return (read(catalogue, request),)
    except ForbiddenError as error:
        raise SkippableError(f"{name} of merge request {request.reference}: {error}") from error
    except MALFORMED as error:
        raise SkippableError(
            f"{name} of merge request {request.reference}: not in the expected form"
        ) from error


def _commits(catalogue: Catalogue, parent: MergeRequest) -> Record:
    rows = tuple(catalogue.client.rows(_path(parent, "commits")))
    head = parent.sha or (str(rows[0]["id"]) if rows else "")
    return parse_merge_request_commits(rows, source=parent.source, id_=parent.id, head_sha=head)


def _approvals(catalogue: Catalogue, parent: MergeRequest) -> Record:
    return parse_approval(catalogue.client.get(_path(parent, "approvals")), parent)


def _notes(catalogue: Catalogue, parent: MergeRequest) -> Record:
    """The notes by way of the discussions, for the notes themselves do not say to which thread they belong.

    Where people left more of them than are listed, the list is asked once more and the longer one is believed: some may have been deleted since they were counted.
    """
    path = _path(parent, "discussions")
    found = parse_notes(tuple(catalogue.client.rows(path)), parent)
    if found.comment_count >= parent.comment_count:
        return found
    again = parse_notes(tuple(catalogue.client.rows(path)), parent)
    return max(found, again, key=lambda read: len(read.notes))


def _path(parent: MergeRequest, what: str) -> str:
    return path_of("projects", parent.project_id, "merge_requests", parent.reference.removeprefix("!"), what)


def _pipeline(parent: Record) -> Pipeline:
    if not isinstance(parent, Pipeline):
        raise FatalError(f"jobs belong to pipelines, not to {parent.ref}")
    return parent


def _request(parent: Record) -> MergeRequest:
    if not isinstance(parent, MergeRequest):
        raise FatalError(f"only merge requests have commits, approvals and notes, not {parent.ref}")
    return parent
