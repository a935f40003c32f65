"""Checks: the connector's part of ``doctor``. Reads only; a failure is a line, not an exception."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import partial

from connectors.check import Check, Level
from connectors.errors import AuthenticationError, ForbiddenError, NotFoundError, TandemError
from connectors.gitlab.catalogue import Catalogue
from connectors.gitlab.client import Payload, path_of
from connectors.gitlab.login import account_of, version_of
from connectors.gitlab.parse import text
from connectors.parsing import MALFORMED, maybe_day

_SKEW_S = 60.0
_EXPIRY_DAYS = 14


def checks_of(catalogue: Catalogue) -> Iterator[Check]:
    """Version and account, token, each configured group and project, and the clock."""
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
        advice=advice,
        is_access=isinstance(error, AuthenticationError | ForbiddenError | NotFoundError),
    )


def _group(catalogue: Catalogue, group: int | str) -> str:
    rows = catalogue.client.rows(
        path_of("groups", group, "projects"), include_subgroups="true", with_shared="false"
    )
    return f"{sum(1 for _ in rows)} projects"


def _project(catalogue: Catalogue, project: int | str) -> str:
    row = catalogue.client.get(path_of("projects", project))
    return f"{row.get('path_with_namespace')}, id {row.get('id')}"


def _token(catalogue: Catalogue) -> Check:
    try:
        scopes, expires = _told_by(catalogue.client.get(path_of("personal_access_tokens", "self")))
    except (TandemError, *MALFORMED) as error:
        said = f"the token does not tell its scopes and expiry: {error}"
        return Check(level=Level.WARN, subject="token", message=said)
    message = f"{', '.join(scopes) or 'without scopes'}, {_expiry(expires)}"
    level, advice = _advice(scopes, expires)
    return Check(level=level, subject="token", message=message, advice=advice, is_access=level is Level.FAIL)


def _told_by(token: Payload) -> tuple[tuple[str, ...], date | None]:
    """(scopes, expiry) of a token's own description."""
    return tuple(text(scope) for scope in token["scopes"]), maybe_day(token.get("expires_at"))


def _advice(scopes: tuple[str, ...], expires: date | None) -> tuple[Level, str]:
    if not {"api", "read_api"} & set(scopes):
        return Level.FAIL, "create a token with the scope read_api"
    if expires and (expires - datetime.now(UTC).date()).days <= _EXPIRY_DAYS:
        return Level.WARN, "renew the token before it expires"
    if "api" in scopes:
        return Level.WARN, "the token may write (api); reading needs read_api only"
    return Level.OK, ""


def _expiry(expires: date | None) -> str:
    if expires is None:
        return "never expires"
    days = (expires - datetime.now(UTC).date()).days
    return f"expires in {days} days" if days >= 0 else f"expired on {expires}"


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
