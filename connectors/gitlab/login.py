"""Login: what the first requests learn of host, account and token, and what to do where they are refused."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from hashlib import blake2b

from msgspec import Struct

from connectors.errors import AuthenticationError, ForbiddenError, NotFoundError, TandemError
from connectors.gitlab.client import GitlabClient, Payload, path_of
from connectors.gitlab.parse import text
from connectors.parsing import MALFORMED, instant, maybe_day


class Token(Struct, frozen=True, kw_only=True):
    """What a token tells of itself: its scopes, and its last day (None: it does not end)."""

    scopes: tuple[str, ...]
    expires_on: date | None


def version_of(client: GitlabClient) -> str:
    """GitLab's version. Raises AuthenticationError, RetryableError."""
    try:
        return str(_asked(client, "version").get("version") or "unknown")
    except NotFoundError:
        return str(_asked(client, "metadata").get("version") or "unknown")


def account_of(client: GitlabClient) -> str:
    """The username behind the token. Raises AuthenticationError, RetryableError."""
    return str(_asked(client, "user").get("username") or "unknown")


def token_of(client: GitlabClient) -> Token:
    """The token that we use, by personal_access_tokens/self, which older versions and other kinds of token do not have.

    Raises a TandemError, or one of ``MALFORMED`` where the answer has another form.
    """
    payload = client.get(path_of("personal_access_tokens", "self"))
    return Token(
        scopes=tuple(text(scope) for scope in payload["scopes"]),
        expires_on=maybe_day(payload.get("expires_at")),
    )


class Expiry(Struct, frozen=True, kw_only=True):
    """What was told of a token's last day: ``on``, None where it does not end or does not tell."""

    on: date | None

    def text(self, client: GitlabClient, at: datetime) -> str:
        """As it is kept: of which token, told when, and what."""
        return f"{_mark_of(client)} {at.isoformat()} {self.on or ''}"


def expiry_of(client: GitlabClient) -> Expiry:
    """The token's last day; that it does not tell is no reason to stop."""
    try:
        return Expiry(on=token_of(client).expires_on)
    except (TandemError, *MALFORMED):
        return Expiry(on=None)


def kept_expiry(text: str, client: GitlabClient, *, now: datetime, most: timedelta) -> Expiry | None:
    """What ``Expiry.text`` kept; None where it is of another token or address, or ``most`` old."""
    try:
        mark, at, on = text.split(" ")
        is_young = timedelta(0) <= now - instant(at) < most
    except MALFORMED:
        return None
    return Expiry(on=maybe_day(on)) if mark == _mark_of(client) and is_young else None


def _mark_of(client: GitlabClient) -> str:
    """What tells this token at this address from others, and does not tell the token."""
    return blake2b(f"{client.site.url}\n{client.site.token}".encode(), digest_size=8).hexdigest()


def _asked(client: GitlabClient, name: str) -> Payload:
    where = f"GitLab {client.source} ({client.site.url})"
    try:
        return client.get(path_of(name))
    except AuthenticationError as error:
        raise AuthenticationError(
            f"{where}: {error}. It needs a personal, group or project access token that has the scope read_api and has not expired"
        ) from error
    except ForbiddenError as error:
        raise AuthenticationError(
            f"{where}: {error}. If the token is valid, it lacks the scope read_api: create one that has it"
        ) from error
