"""Details: what is asked of pipelines and merge requests one by one, by numeric project id and iid, or of many merge requests in one query."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from connectors.errors import FatalError, ForbiddenError, NotFoundError, SkippableError
from connectors.gitlab.batches import Batches, Endpoint
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.parse_review import parse_approval, parse_notes
from connectors.gitlab.parse_runs import parse_job
from connectors.gitlab.parse_work import parse_merge_request_commits
from connectors.gitlab.queries import APPROVALS, COMMITS, NOTES, approval_row, commit_rows, discussion_rows
from connectors.parsing import MALFORMED, parsed
from connectors.port import Ahead, Details, Skipped
from connectors.records import MergeRequest, MergeRequestCommits, MergeRequestNotes, Pipeline, Record


class ParentDetails(Struct, frozen=True, kw_only=True):
    """A kind of detail that is asked of each parent alone: its name and how the details of one are read."""

    name: str
    read: Callable[[Record], tuple[Record, ...]]
    notice: str = ""

    def groups(self, parents: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
        """Each parent alone."""
        return ((parent,) for parent in parents)

    def fetch(self, parents: tuple[Record, ...], ahead: Ahead) -> Iterator[tuple[Record, ...] | Skipped]:
        """The details of each parent, in the given order; one or more requests each. Raises a TandemError."""
        return (told() for told in ahead(partial(self.told, parent) for parent in parents))

    def told(self, parent: Record) -> tuple[Record, ...] | Skipped:
        """What one parent tells."""
        try:
            return self.read(parent)
        except NotFoundError:
            return ()
        except SkippableError as error:
            return Skipped(what=f"{self.name} of {parent.ref}", reason=str(error))


class RequestDetails(Struct, frozen=True, kw_only=True):
    """A kind of detail of merge requests: many are asked in one query, and ``parse`` makes the record of one that was told wholly.

    ``alone`` asks of each that was not: the records are the same.
    """

    alone: ParentDetails
    batches: Batches
    parse: Callable[[Any, MergeRequest], Record]

    @property
    def name(self) -> str:
        """``merge_request_commits``, ``approvals`` or ``notes``."""
        return self.alone.name

    @property
    def notice(self) -> str:
        """Why the site's GraphQL endpoint was not asked to the end."""
        return self.batches.trouble

    def groups(self, parents: tuple[Record, ...]) -> Iterator[tuple[Record, ...]]:
        """The merge requests of one project together, as many as one query asks; each alone where none is asked."""
        return self.batches.groups(map(_request, parents))

    def fetch(self, parents: tuple[Record, ...], ahead: Ahead) -> Iterator[tuple[Record, ...] | Skipped]:
        """The details of each parent, in the given order: one query, and one or more requests for each of which it did not tell. Raises a TandemError."""
        told = self._told(tuple(map(_request, parents)))
        rest = ahead(partial(self.alone.told, parent) for parent in parents if parent.id not in told)
        for parent in parents:
            yield (told[parent.id],) if parent.id in told else next(rest)()

    def _told(self, requests: Sequence[MergeRequest]) -> dict[str, Record]:
        """What one query told, by the merge request's id."""
        nodes = self.batches.nodes(requests)
        found: dict[str, Record] = {}
        for request in requests:
            try:
                found[request.id] = self.parse(nodes[request.id], request)
            except MALFORMED:
                continue  # it was not told, or not wholly
        return found


def details_of(catalogue: Catalogue) -> tuple[Details, ...]:
    """``jobs`` (of pipelines), ``merge_request_commits``, ``approvals`` and ``notes`` (of merge requests), for one run."""
    endpoint = Endpoint(catalogue.client)
    kinds = (
        ("merge_request_commits", _commits, COMMITS, _commits_told),
        ("approvals", _approvals, APPROVALS, _approval_told),
        ("notes", _notes, NOTES, _notes_told),
    )
    return (
        ParentDetails(name="jobs", read=lambda parent: _jobs(catalogue, _pipeline(parent))),
        *(
            RequestDetails(
                alone=ParentDetails(name=name, read=partial(_of_request, catalogue, name=name, read=read)),
                batches=Batches(catalogue, endpoint, fields=fields),
                parse=parse,
            )
            for name, read, fields, parse in kinds
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


def _commits(catalogue: Catalogue, parent: MergeRequest) -> MergeRequestCommits:
    return _commits_in(catalogue.client.rows(_path(parent, "commits")), parent)


def _commits_told(node: Any, parent: MergeRequest) -> MergeRequestCommits:  # noqa: ANN401
    return _commits_in(commit_rows(node), parent)


def _commits_in(rows: Iterable[Any], parent: MergeRequest) -> MergeRequestCommits:
    rows = tuple(rows)
    head = parent.sha or (str(rows[0]["id"]) if rows else "")
    return parse_merge_request_commits(rows, source=parent.source, id_=parent.id, head_sha=head)


def _approvals(catalogue: Catalogue, parent: MergeRequest) -> Record:
    return parse_approval(catalogue.client.get(_path(parent, "approvals")), parent)


def _approval_told(node: Any, parent: MergeRequest) -> Record:  # noqa: ANN401
    return parse_approval(approval_row(node), parent)


def _notes(catalogue: Catalogue, parent: MergeRequest) -> MergeRequestNotes:
    """The notes by way of the discussions, for the notes themselves do not say to which thread they belong.

    Where people left more of them than are listed, the list is asked once more and the longer one is believed: some may have been deleted since they were counted.
    """
    path = _path(parent, "discussions")
    found = parse_notes(tuple(catalogue.client.rows(path)), parent)
    if found.comment_count >= parent.comment_count:
        return found
    again = parse_notes(tuple(catalogue.client.rows(path)), parent)
    return max(found, again, key=lambda read: len(read.notes))


def _notes_told(node: Any, parent: MergeRequest) -> MergeRequestNotes:  # noqa: ANN401
    """The notes, where there are as many as people left. Raises ValueError where there are fewer, for a list can be cut short."""
    found = parse_notes(discussion_rows(node), parent)
    if found.comment_count < parent.comment_count:
        raise ValueError("fewer notes than were counted")
    return found


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
