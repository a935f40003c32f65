"""State: what the sandbox's Jira and GitLab hold, as vendor payloads. The servers read and change it, worlds fill it.

Payloads are plain dicts in the vendor's own shape (Jira: API v2, text as wiki markup), so a recorded payload can be put in as it is.
Keys that begin with ``_`` are internal and never served.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal, TypeAlias

Payload: TypeAlias = dict[str, Any]


def _lists() -> defaultdict[Any, list[Payload]]:
    return defaultdict(list)


def _dicts() -> defaultdict[Any, dict[str, Any]]:
    return defaultdict(dict)


def _all_permissions() -> set[str]:
    return {
        "BROWSE_PROJECTS",
        "ADD_COMMENTS",
        "EDIT_OWN_COMMENTS",
        "DELETE_OWN_COMMENTS",
        "EDIT_ISSUES",
    }


@dataclass
class Quota:
    """At most ``limit`` requests in any ``window_s`` seconds, whoever sends them; what goes beyond is refused with 429 and counted. No header tells of it."""

    limit: int
    window_s: float
    refused: int = 0
    _arrivals: deque[float] = field(default_factory=deque)

    def wait_s(self, at: float) -> float:
        """0 for a request that arrives at this instant and keeps within the limit, else the seconds after which one would."""
        while self._arrivals and self._arrivals[0] <= at - self.window_s:
            self._arrivals.popleft()
        if len(self._arrivals) < self.limit:
            self._arrivals.append(at)
            return 0.0
        self.refused += 1
        return self._arrivals[0] + self.window_s - at


@dataclass
class JiraState:
    """A Jira site. Ids are text as in the vendor's payloads. ``clock`` gives the server's time."""

    clock: Callable[[], datetime]
    flavour: Literal["cloud", "datacenter"] = "cloud"
    me: Payload = field(default_factory=dict)
    """The account that the token belongs to; one of ``users``."""
    tokens: set[str] = field(default_factory=lambda: {"sandbox-jira-token"})
    zone: str = "UTC"
    index_lag: timedelta = timedelta(0)
    """How late the search index is (Cloud): what was updated within it is found by a search as it was before, a new issue not at all. A deletion shows at once."""
    index: dict[str, list[tuple[datetime, str]]] = field(default_factory=dict)
    """What the search index took in: per issue id its texts, each since when. A server that starts takes in all that is there."""
    blocked: bool = False
    """True: every request is answered with 403 and the plain text ``Forbidden``, as a firewall before the tool does."""
    page_cap: int = 10_000
    """Most rows of a page, whatever size a request asks for; an administrator may set it."""
    rate_headers: dict[str, str] = field(default_factory=dict)
    """Headers about rate limits (``X-RateLimit-*``, ``Retry-After``) that every answer gets."""
    quota: Quota | None = None
    users: dict[str, Payload] = field(default_factory=dict)
    """By accountId (Cloud) or name (Data Center)."""
    fields: list[Payload] = field(default_factory=list)
    statuses: list[Payload] = field(default_factory=list)
    issue_types: list[Payload] = field(default_factory=list)
    priorities: list[Payload] = field(default_factory=list)
    resolutions: list[Payload] = field(default_factory=list)
    projects: dict[str, Payload] = field(default_factory=dict)
    """By project key."""
    permissions: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(_all_permissions))
    """What ``me`` may do, by project key."""
    versions: dict[str, Payload] = field(default_factory=dict)
    """By id; ``projectId`` and ``_project`` (key) say whose."""
    boards: dict[str, Payload] = field(default_factory=dict)
    sprints: dict[str, Payload] = field(default_factory=dict)
    issues: dict[str, Payload] = field(default_factory=dict)
    """By id: ``{"id", "key", "fields": {...}}`` with ``fields`` as API v2 gives them, comments, worklogs and changelog left out."""
    trash: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Deleted issues that can come back: by id, ``issue`` and what hung on it."""
    old_keys: dict[str, str] = field(default_factory=dict)
    """Former key -> issue id."""
    histories: defaultdict[str, list[Payload]] = field(default_factory=_lists)
    """Changelog by issue id, oldest first: ``{"id", "author", "created", "items"}``."""
    worklogs: defaultdict[str, list[Payload]] = field(default_factory=_lists)
    """By issue id."""
    deleted_worklogs: list[Payload] = field(default_factory=list)
    """``{"worklogId", "updatedTime"}``, epoch milliseconds."""
    comments: defaultdict[str, list[Payload]] = field(default_factory=_lists)
    """By issue id, oldest first; ``properties`` inside as a list of ``{"key", "value"}``."""
    properties: defaultdict[str, dict[str, Any]] = field(default_factory=_dicts)
    """Issue properties by issue id."""
    remote_links: defaultdict[str, list[Payload]] = field(default_factory=_lists)
    notifications: list[Payload] = field(default_factory=list)
    """What people would have been mailed: ``{"issue", "event", "at"}``."""


@dataclass
class GitlabState:
    """A GitLab host. Ids are integers as in the vendor's payloads."""

    clock: Callable[[], datetime]
    version: str = "19.2.0"
    blocked: bool = False
    """As in ``JiraState``."""
    page_cap: int = 10_000
    """As in ``JiraState``."""
    rate_headers: dict[str, str] = field(default_factory=dict)
    """Headers that every answer gets in place of the usual ``RateLimit-*``."""
    has_graphql: bool = True
    """False: GraphQL is not served (404)."""
    graphql_points: int = 250
    """The most complex query that is answered, in GitLab's points."""
    quota: Quota | None = None
    me: Payload = field(default_factory=dict)
    tokens: dict[str, Payload] = field(
        default_factory=lambda: {"sandbox-gitlab-token": {"scopes": ["read_api"], "expires_at": None}}
    )
    """Personal access tokens: secret -> ``{"scopes", "expires_at"}``."""
    users: dict[int, Payload] = field(default_factory=dict)
    groups: dict[int, Payload] = field(default_factory=dict)
    members: defaultdict[int, dict[int, Payload]] = field(default_factory=lambda: defaultdict(dict))
    """Direct members by group id and user id, ``access_level`` inside; they are members of the groups below, too."""
    activity_every: timedelta = timedelta(0)
    """For how long a project's ``last_activity_at`` stands whatever happens in it; the vendor's is an hour."""
    projects: dict[int, Payload] = field(default_factory=dict)
    """By id; ``namespace.full_path`` says in which group; ``_forbidden`` true = 403 (404 where ``_hidden``)."""
    old_paths: dict[str, int] = field(default_factory=dict)
    """Former path -> project id (answers 301)."""
    branches: defaultdict[int, dict[str, Payload]] = field(default_factory=_dicts)
    """By project id and name; ``commit.id`` is the tip."""
    tags: defaultdict[int, dict[str, Payload]] = field(default_factory=_dicts)
    commits: defaultdict[int, dict[str, Payload]] = field(default_factory=_dicts)
    """By project id and sha: list payloads with ``parent_ids``; ``_files`` are the changed paths."""
    files: defaultdict[int, dict[str, bytes]] = field(default_factory=_dicts)
    """By project id and path: what the default branch holds."""
    merge_requests: defaultdict[int, dict[int, Payload]] = field(default_factory=lambda: defaultdict(dict))
    """By project id and iid."""
    merge_request_commits: dict[tuple[int, int], list[Payload]] = field(default_factory=dict)
    """By (project id, iid), newest first; where absent the server derives them from the graph."""
    approvals: dict[tuple[int, int], Payload] = field(default_factory=dict)
    """By (project id, iid) of the merge request, as the discussions."""
    discussions: dict[tuple[int, int], list[Payload]] = field(default_factory=dict)
    """Oldest first, with their ``notes`` inside."""
    pipelines: defaultdict[int, dict[int, Payload]] = field(default_factory=lambda: defaultdict(dict))
    jobs: defaultdict[int, list[Payload]] = field(default_factory=_lists)
    """By pipeline id."""
    deployments: defaultdict[int, dict[int, Payload]] = field(default_factory=lambda: defaultdict(dict))
    releases: defaultdict[int, dict[str, Payload]] = field(default_factory=_dicts)
    project_milestones: defaultdict[int, dict[int, Payload]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    group_milestones: defaultdict[int, dict[int, Payload]] = field(default_factory=lambda: defaultdict(dict))
    issues: defaultdict[int, dict[int, Payload]] = field(default_factory=lambda: defaultdict(dict))
    """By project id and iid."""


@dataclass
class Fault:
    """One misbehaviour to come: the next ``times`` requests whose ``METHOD path`` matches ``pattern`` get it, after the first ``skip`` matching ones were spared.

    Kinds that take the place of the tool's answer (nothing is carried out): ``status`` (``status``, ``headers`` and ``body``), ``reset_before``, ``html`` (a log-in
    page with status 200), ``empty`` (status 200 and no body). Kinds that carry the request out first: ``reset_after`` (then cut before any byte), ``reset_during``
    (cut in the middle of the body), ``truncate`` (half the body, then the connection ends), ``cut_json`` (half the body with a Content-Length that agrees),
    ``short_length`` (the whole body under a Content-Length of half), ``long_length`` (a Content-Length of twice the body, then silence for ``delay_s`` and the end),
    ``bad_gzip`` (Content-Encoding gzip, the body is none), ``hang`` (``delay_s`` before the answer), ``trickle`` (``delay_s`` after every byte of the body).
    ``slow`` waits ``delay_s``, carries the request out even if the client gave up, and answers well.

    Kinds that lie in a good answer: ``repeat_page`` (the former answer in the same walk through a listing), ``repeat_token`` (its rows, but the page token or next link
    of the former answer), ``empty_list`` (no rows and no further page). The first two wait for a request for a further page; other requests do not use up a turn.
    """

    pattern: str
    kind: str = "status"
    times: int = 1
    skip: int = 0
    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    delay_s: float = 0.0


@dataclass
class Event:
    """A change of the world in the middle of a run: ``play`` is called once, before the request with this number in ``Sandbox.requests`` (0 is the first) is answered.

    No other request of either tool is answered meanwhile. What ``play`` raises is raised again when the server stops.
    """

    at_request: int
    play: Callable[[], object]


@dataclass
class Sandbox:
    """Both tools, the faults and events to come, and a log of requests as ``METHOD path?query``.

    ``date_shift`` is added to the Date header and to nothing else: a host whose clock disagrees.
    """

    jira: JiraState
    gitlab: GitlabState
    faults: list[Fault] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    date_shift: timedelta = timedelta(0)
    requests: list[str] = field(default_factory=list)
