"""Login: what the first requests learn of host, account and token, and what to do where they are refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from connectors.errors import AuthenticationError, ForbiddenError, NotFoundError, TandemError
from connectors.gitlab.client import GitlabClient, Payload, path_of
from connectors.gitlab.parse import text
from connectors.parsing import MALFORMED, maybe_day


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
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


def expiry_of(client: GitlabClient) -> date | None:
    """The token's last day; None where it does not tell, which is no reason to stop."""
    try:
        return token_of(client).expires_on
    except (TandemError, *MALFORMED):
        return None


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
