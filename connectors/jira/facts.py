"""Facts: what a login learns about a site before anything is read: product, version, own account, zone, field ids."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from msgspec import Struct

from connectors.errors import AuthenticationError, ForbiddenError, RetryableError
from connectors.jira.client import CORE, JiraClient, path_of
from connectors.jira.fields import Fields, fields_of, parse_field
from connectors.jira.parse import maybe_text, user_id, user_name
from connectors.jira.settings import JiraSelection
from connectors.parsing import parsed


class Product(StrEnum):
    """Which of the two Jiras answers."""

    CLOUD = "Cloud"
    DATA_CENTER = "Data Center"


class Account(Struct, frozen=True, kw_only=True):
    """The account that we are logged in with. ``id`` is the accountId (Cloud) or user name (Data Center), ``key`` the latter's lasting key."""

    id: str
    name: str
    key: str | None = None
    zone: str = "UTC"

    def is_author(self, user: Any) -> bool:  # noqa: ANN401  # a raw user payload
        """True if the payload's user is this account; a user without ids is not."""
        if not isinstance(user, dict):
            return False
        key = maybe_text(user.get("key"))
        return key == self.key if self.key and key else user_id(user) == self.id


class Facts(Struct, frozen=True, kw_only=True):
    """What is known of the site after the login."""

    product: Product
    version: str
    account: Account
    fields: Fields

    @property
    def is_cloud(self) -> bool:
        """True for Jira Cloud."""
        return self.product is Product.CLOUD


class Connection(Struct, frozen=True, kw_only=True):
    """A login with what it learned and what is to be read through it."""

    client: JiraClient
    facts: Facts
    selection: JiraSelection

    @property
    def source(self) -> str:
        """The configured name of the site."""
        return self.client.site.source

    @property
    def browse_url(self) -> str:
        """The address that people open, without a slash at its end."""
        return (self.client.site.browse_url or self.client.site.url).rstrip("/")


def facts_of(client: JiraClient, selection: JiraSelection) -> Facts:
    """Facts from serverInfo, myself and field: three requests.

    Raises AuthenticationError with the user and what the token must be, ConfigError for fields that cannot be told, RetryableError.
    """
    product, version = product_of(client)
    return Facts(
        product=product,
        version=version,
        account=account_of(client),
        fields=fields_of(site_fields(client), selection.fields, source=client.site.source),
    )


def product_of(client: JiraClient) -> tuple[Product, str]:
    """(product, version) by serverInfo."""
    payload = _asked(client, "serverInfo")
    is_cloud = str(payload.get("deploymentType", "")).casefold() == "cloud"
    return (Product.CLOUD if is_cloud else Product.DATA_CENTER), str(payload.get("version", "unknown"))


def account_of(client: JiraClient) -> Account:
    """The account behind the token. Raises AuthenticationError where there is none."""
    payload = _asked(client, "myself")
    id_ = user_id(payload)
    if id_ is None:
        raise AuthenticationError(
            f"Jira {client.site.source}: the answer names no account; {_advice(client)}"
        )
    return Account(
        id=id_,
        name=user_name(payload) or id_,
        key=maybe_text(payload.get("key")),
        zone=str(payload.get("timeZone") or "UTC"),
    )


def site_fields(client: JiraClient) -> tuple[Any, ...]:
    """All fields that the account may see."""
    fields, _ = parsed(client.get(path_of(CORE, "field")), parse_field, what="field")
    return fields


def _asked(client: JiraClient, name: str) -> dict[str, Any]:
    try:
        payload = client.get(path_of(CORE, name))
    except (AuthenticationError, ForbiddenError) as error:
        raise AuthenticationError(f"Jira {client.site.source}: {error}. {_advice(client)}") from error
    if not isinstance(payload, dict):
        raise RetryableError(f"Jira {client.site.source}: {name} gave no object; is a proxy in between?")
    return payload


def _advice(client: JiraClient) -> str:
    if client.site.user:
        return (
            f"Log-in as user {client.site.user} needs that account's e-mail and an API token that has not expired; a scoped token "
            "(read:jira-work, write:jira-work, read:jira-user) works on https://api.atlassian.com/ex/jira/CLOUD_ID only."
        )
    return "No user is set, so the token is sent as Bearer: a personal access token of Data Center, or on Cloud set the user (e-mail) too."
