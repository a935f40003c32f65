"""Login: what the first two requests learn, and what to do where they are refused."""

from __future__ import annotations

from connectors.errors import AuthenticationError, ForbiddenError, NotFoundError
from connectors.gitlab.client import GitlabClient, Payload, path_of


def version_of(client: GitlabClient) -> str:
    """GitLab's version. Raises AuthenticationError, RetryableError."""
    try:
        return str(_asked(client, "version").get("version") or "unknown")
    except NotFoundError:
        return str(_asked(client, "metadata").get("version") or "unknown")


def account_of(client: GitlabClient) -> str:
    """The username behind the token. Raises AuthenticationError, RetryableError."""
    return str(_asked(client, "user").get("username") or "unknown")


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
