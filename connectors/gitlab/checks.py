"""Checks: the connector's part of ``doctor``. Reads only; a failure is a line, not an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial

from connectors.check import Check, Level, expiry_text, is_ending
from connectors.errors import (
    AuthenticationError,
    BlockedError,
    ForbiddenError,
    NotFoundError,
    TandemError,
)
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import path_of
from connectors.gitlab.login import Token, account_of, token_of, version_of
from connectors.gitlab.queries import APPROVALS, COMMITS, NOTES, POINTS, document, variables
from connectors.gitlab.replies import Told, reply_of
from connectors.parsing import MALFORMED

_SKEW_S = 60.0
_ALONE = "merge requests are asked one by one"
_BLOCKED = "ask GitLab's administrators to allow this address, or look at what stands between; wait before the next try"


def checks_of(catalogue: Catalogue) -> Iterator[Check]:
    """Version and account, token, each configured group and project, the files that may be read, the GraphQL endpoint, and the clock."""
    try:
        version, account = version_of(catalogue.client), account_of(catalogue.client)
    except TandemError as error:
        yield _failed("log-in", error, advice="check address, token and its scope read_api")
        return
    where = catalogue.client.site.url
    yield Check(level=Level.OK, subject="log-in", message=f"{where}: version {version}, user {account}")
    yield _token(catalogue)
    for group in catalogue.selection.groups:
        yield _looked(f"group {group}", partial(_group, catalogue, group))
    for project in catalogue.selection.projects:
        yield _looked(f"project {project}", partial(_project, catalogue, project))
    for project in dict.fromkeys(place.project for place in catalogue.selection.todos):
        yield _looked(f"files of {project}", partial(_files, catalogue, project))
    yield _graphql(catalogue)
    yield _clock(catalogue)


def _looked(what: str, look: Callable[[], str]) -> Check:
    try:
        found = look()
    except TandemError as error:
        return _failed(
            what, error, advice=f"give the account access to the {what}, or drop it from the mapping"
        )
    return Check(level=Level.OK, subject=what, message=found)


def _failed(subject: str, error: TandemError, *, advice: str) -> Check:
    return Check(
        level=Level.FAIL,
        subject=subject,
        message=str(error),
        advice=_BLOCKED if isinstance(error, BlockedError) else advice,
        is_access=isinstance(error, AuthenticationError | BlockedError | ForbiddenError | NotFoundError),
    )


def _group(catalogue: Catalogue, group: int | str) -> str:
    rows = catalogue.client.rows(
        path_of("groups", group, "projects"), include_subgroups="true", with_shared="false"
    )
    return f"{sum(1 for _ in rows)} projects"


def _project(catalogue: Catalogue, project: int | str) -> str:
    row = catalogue.client.get(path_of("projects", project))
    return f"{row.get('path_with_namespace')}, id {row.get('id')}"


def _files(catalogue: Catalogue, project: int | str) -> str:
    catalogue.client.page(path_of("projects", project, "repository", "tree"), {"per_page": 1})
    return "can be listed"


def _graphql(catalogue: Catalogue) -> Check:
    """Whether all that is ever asked in one query of many merge requests is answered; asked of a project that there is not."""
    if not catalogue.client.site.is_graphql_on:
        return Check(level=Level.OK, subject="GraphQL", message=f"switched off by the settings; {_ALONE}")
    asked = document(f"{APPROVALS} {COMMITS} {NOTES}", beside=POINTS)
    try:
        payload = catalogue.client.query(asked, variables("-", ("0",)))
        reply = reply_of(payload)
        if isinstance(reply, Told):
            points = payload["data"]["queryComplexity"]
            return Check(
                level=Level.OK,
                subject="GraphQL",
                message=f"answers, for {points['score']} of {points['limit']} points",
            )
        reason = reply.reason
    except (TandemError, *MALFORMED) as error:
        reason = str(error)
    return Check(
        level=Level.WARN,
        subject="GraphQL",
        message=f"of no use here: {reason}; {_ALONE}",
        advice="nothing is lost but time; set graphql to false for this source, so that it is not tried in each run",
    )


def _token(catalogue: Catalogue) -> Check:
    said = catalogue.client.site.token_expires_on
    try:
        token = token_of(catalogue.client)
    except (TandemError, *MALFORMED) as error:
        known = f"; by the settings it {_expiry(said)}" if said else ""
        message = f"the token does not tell its scopes and expiry: {error}{known}"
        return Check(level=Level.WARN, subject="token", message=message)
    expires_on = token.expires_on or said
    message = f"{', '.join(token.scopes) or 'without scopes'}, {_expiry(expires_on)}"
    level, advice = _advice(token, expires_on)
    return Check(level=level, subject="token", message=message, advice=advice, is_access=level is Level.FAIL)


def _advice(token: Token, expires_on: date | None) -> tuple[Level, str]:
    if not {"api", "read_api"} & set(token.scopes):
        return Level.FAIL, "create a token with the scope read_api"
    if expires_on and is_ending(expires_on, today=_today()):
        return Level.WARN, "renew the token before it expires"
    if "api" in token.scopes:
        return Level.WARN, "the token may write (api); reading needs read_api only"
    return Level.OK, ""


def _expiry(expires_on: date | None) -> str:
    return expiry_text(expires_on, today=_today()) if expires_on else "never expires"


def _today() -> date:
    return datetime.now(UTC).date()


def _clock(catalogue: Catalogue) -> Check:
    skew_s = catalogue.client.skew_s
    if skew_s is None:
        return Check(
            level=Level.WARN,
            subject="clock",
            message="the answers carry no date, so the clocks cannot be compared",
        )
    message = f"{abs(skew_s):.1f} s {'ahead of' if skew_s > 0 else 'behind'} this host"
    if abs(skew_s) > _SKEW_S:
        return Check(level=Level.WARN, subject="clock", message=message, advice="set both clocks by NTP")
    return Check(level=Level.OK, subject="clock", message=message)
