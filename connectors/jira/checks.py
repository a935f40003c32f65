"""Checks: the connector's part of ``doctor``. Every check ends as a line; none raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from connectors.check import Check, Level, expiry_text, is_ending
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    ConfigError,
    ForbiddenError,
    NotFoundError,
    TandemError,
)
from connectors.jira.client import CORE, JiraClient, path_of
from connectors.jira.facts import Product, account_of, product_of, site_fields
from connectors.jira.fields import fields_of
from connectors.jira.search import Query, ids_of, pages_of, require_visible
from connectors.jira.settings import JiraSelection

DOCTOR = "tandem.doctor"
"""Key of the issue property that the write test puts and removes."""
_SKEW_S = 30.0
_READ = "BROWSE_PROJECTS"
_NEEDED = {
    _READ: ("Browse Projects", "give the account this permission, or drop {key} from the sources"),
    "ADD_COMMENTS": ("Add Comments", "give the account this permission, or drop {key} from the slots"),
    "EDIT_OWN_COMMENTS": (
        "Edit Own Comments",
        "give the account this permission, or drop {key} from the slots",
    ),
    "DELETE_OWN_COMMENTS": (
        "Delete Own Comments",
        "a comment with news replaces the former one; without this it is edited instead. Give it, or drop {key} from the slots",
    ),
    "EDIT_ISSUES": (
        "Edit Issues",
        "the issue property tandem.status needs it. Give it, or drop {key} from the slots",
    ),
}


def checks_of(client: JiraClient, selection: JiraSelection, *, write_test: bool) -> Iterator[Check]:
    """Log-in, product and clock, fields, statuses, then each project's permissions; nothing more after a failed log-in."""
    try:
        product, version = product_of(client)
        account = account_of(client)
    except TandemError as error:
        yield _failed("log-in", error)
        return
    name = f"{client.site.url}: {product.value} {version}, user {account.name}, zone {account.zone}"
    yield Check(level=Level.OK, subject="log-in", message=name)
    yield _token(client)
    yield _clock(client)
    yield _guarded("fields", lambda: _fields(client, selection))
    yield _guarded("statuses", lambda: _statuses(client))
    for key in selection.projects:
        yield from _project(client, key, is_cloud=product is Product.CLOUD, write_test=write_test)


def _guarded(subject: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except TandemError as error:
        return _failed(subject, error)


def _failed(subject: str, error: TandemError) -> Check:
    is_access = isinstance(error, AuthenticationError | BlockedError | ForbiddenError | NotFoundError)
    return Check(
        level=Level.FAIL, subject=subject, message=str(error), advice=_advice(error), is_access=is_access
    )


def _advice(error: TandemError) -> str:
    if isinstance(error, ConfigError):
        return "correct the names under sources.jira[].fields"
    if isinstance(error, BlockedError):
        return "ask Jira's administrators to allow this address, or look at what stands between; wait before the next try"
    return ""


def _token(client: JiraClient) -> Check:
    """The token's last day; Jira does not tell it, so it is the operator's word."""
    expires_on, today = client.site.token_expires_on, datetime.now(UTC).date()
    if expires_on is None:
        advice = (
            f"Jira does not tell it; set sources.{client.site.source}.token_expires_on to be warned in time"
        )
        return Check(level=Level.OK, subject="token", message="its last day is not known", advice=advice)
    message = expiry_text(expires_on, today=today)
    if is_ending(expires_on, today=today):
        return Check(
            level=Level.WARN,
            subject="token",
            message=message,
            advice="renew the token and correct token_expires_on",
        )
    return Check(level=Level.OK, subject="token", message=message)


def _clock(client: JiraClient) -> Check:
    skew_s = client.skew_s
    if skew_s is None:
        return Check(level=Level.WARN, subject="clock", message="the site does not tell its time")
    is_near = abs(skew_s) <= _SKEW_S
    return Check(
        level=Level.OK if is_near else Level.WARN,
        subject="clock",
        message=f"{abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} this host",
        advice="" if is_near else "synchronise this host's clock; windows overlap by 15 minutes only",
    )


def _fields(client: JiraClient, selection: JiraSelection) -> Check:
    found = fields_of(site_fields(client), selection.fields, source=client.site.source)
    named = {"story points": found.story_points, "sprint": found.sprint, "epic link": found.epic_link}
    pairs = [*((name, field) for name, field in named.items() if field), *found.others]
    message = ", ".join(f'{name} = "{field.name}" ({field.id})' for name, field in pairs)
    return Check(level=Level.OK, subject="fields", message=message or "no custom field is mapped")


def _statuses(client: JiraClient) -> Check:
    answer = client.get(path_of(CORE, "status"))
    names = sorted({str(status.get("name")) for status in answer if isinstance(status, dict)})
    return Check(level=Level.OK, subject="statuses", message=f"{len(names)}: {', '.join(names)}")


def _project(client: JiraClient, key: str, *, is_cloud: bool, write_test: bool) -> Iterator[Check]:
    subject = f"project {key}"
    try:
        require_visible(client, key)
        granted = _granted(client, key, is_cloud=is_cloud)
    except TandemError as error:
        yield _failed(subject, error)
        return
    lacking = [permission for permission in _NEEDED if permission not in granted]
    if not lacking:
        yield Check(
            level=Level.OK,
            subject=subject,
            message="browse, comment, edit and delete own comments, edit issues",
        )
    for permission in lacking:
        name, advice = _NEEDED[permission]
        yield Check(
            level=Level.FAIL if permission == _READ else Level.WARN,
            subject=subject,
            message=f"no permission: {name}",
            advice=advice.format(key=key),
            is_access=True,
        )
    if write_test:
        yield _guarded(f"{subject}, write", lambda: _write(client, key, is_cloud=is_cloud))


def _granted(client: JiraClient, key: str, *, is_cloud: bool) -> frozenset[str]:
    """Names of the permissions that the account has. Cloud wants them named in the question, Data Center lists all."""
    params = {"projectKey": key} | ({"permissions": ",".join(sorted(_NEEDED))} if is_cloud else {})
    permissions = client.get(path_of(CORE, "mypermissions"), params).get("permissions") or {}
    return frozenset(name for name, entry in permissions.items() if entry.get("havePermission"))


def _write(client: JiraClient, key: str, *, is_cloud: bool) -> Check:
    """Put an issue property on one issue and remove it again: visible to nobody, notifies nobody."""
    query = Query(projects=(key,), fields=("id",), page_size=1)
    pages = pages_of(client, query, ids_of, is_cloud=is_cloud)
    issue_id = next((id_ for ids in pages for id_ in ids), None)
    if issue_id is None:
        return Check(level=Level.WARN, subject=f"project {key}, write", message="no issue to try it on")
    path = path_of(CORE, "issue", issue_id, "properties", DOCTOR)
    client.put(path, {"written_by": "tandem doctor"})
    client.delete(path)
    return Check(
        level=Level.OK,
        subject=f"project {key}, write",
        message=f"issue property put and removed on {issue_id}",
    )
