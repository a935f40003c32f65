"""Settings: where and how Tandem runs, never what it means. From TANDEM_* variables, a secrets folder and, in development, ``.env``."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NestedSecretsSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from connectors.errors import ConfigError
from connectors.port import MOST_AT_ONCE, Policy, Site


class SourceSettings(BaseModel):
    """Address and credentials of one site, under the name that it has in the mapping: ``TANDEM_SOURCES__JIRA__URL`` and so on."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(description="API base, such as https://example.atlassian.net")
    token: SecretStr = Field(description="API token, or personal access token")
    user: str | None = Field(None, description="E-mail of the account (Jira Cloud); empty elsewhere")
    browse_url: str | None = Field(None, description="What people open, where it differs from url")
    ca_file: Path | None = Field(None, description="Certificates to trust instead of the system's")
    token_expires_on: date | None = Field(
        None, description="Last day of the token, where the tool does not tell (Jira)"
    )
    graphql: bool = Field(
        True,
        description="GitLab: ask of many merge requests in one GraphQL query; false: by REST, one by one",
    )
    requests_per_minute: int | None = Field(
        None,
        ge=1,
        description="The most requests in any minute, of all workers together; empty: the tool's own limits",
    )

    @field_validator("url", "browse_url")
    @classmethod
    def _is_web_address(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith(("https://", "http://")):
            raise ValueError("must begin with https:// (or http://)")
        return url.rstrip("/") if url else url


class Settings(BaseSettings):
    """All settings; every name begins with ``TANDEM_``."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        env_prefix="TANDEM_",
        env_nested_delimiter="__",
        env_file=".env",
    )

    mapping: Path = Field(Path("tandem.yaml"), description="The mapping file")
    database: str = Field(
        "sqlite:///tandem.db", repr=False, description="Where the store is, as a database URL"
    )
    sources: dict[str, SourceSettings] = Field(
        default_factory=dict, description="The sites, by their names in the mapping"
    )
    secrets_dir: Path | None = Field(
        None, description="Folder of files named after settings, such as tandem_sources__jira__token"
    )
    log_format: Literal["json", "text"] = Field("text", description="How log lines are written to stderr")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "warning", description="The least level that is logged"
    )
    connect_timeout_s: float = Field(10.0, gt=0, description="Seconds to wait for a connection")
    read_timeout_s: float = Field(60.0, gt=0, description="Seconds to wait for the next bytes of an answer")
    answer_timeout_s: float = Field(
        300.0, gt=0, description="Seconds for one whole answer, however slowly it comes"
    )
    attempts: int = Field(5, ge=1, description="How often a read is tried")
    wait_budget_s: float = Field(
        120.0, ge=0, description="Seconds of waiting inside one request before its scope is left partial"
    )
    pull_workers: int = Field(
        8,
        ge=1,
        le=MOST_AT_ONCE,
        description="How many threads ask the tools at a time; 1 reads one scope after the other",
    )
    write_workers: int = Field(
        16,
        ge=1,
        le=MOST_AT_ONCE,
        description="How many threads write to the tools at a time; 1 delivers one command after the other",
    )
    quiet_minutes: float = Field(
        60.0,
        ge=0,
        description="Minutes for which a project or list that nothing hints at is not asked again; 0 asks for everything in every run",
    )
    queue_stalled_s: float = Field(
        30.0,
        ge=1,
        description="Seconds without a sign of life after which what a worker of the queue was doing is given to another",
    )
    census_hours: float = Field(24.0, gt=0, description="Hours between two searches for deleted records")
    retention_days: dict[str, int] = Field(
        default_factory=dict,
        description="Days to keep, by kind (pipeline, job, audit ...), for tandem db prune; what is not named is kept for ever",
    )
    writes_off: bool = Field(False, description="Kill switch: nothing is written whatever the mapping says")

    @classmethod
    def settings_customise_sources(  # noqa: PLR0917  # the base class's signature
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Arguments, then variables, then ``.env``, then the secrets folder that any of them names."""
        named = {**dotenv_settings(), **env_settings(), **init_settings()}.get("secrets_dir")
        secrets = NestedSecretsSettingsSource(
            file_secret_settings,
            secrets_dir=named,
            secrets_nested_delimiter="__",
            secrets_dir_missing="error",
        )
        return (init_settings, env_settings, dotenv_settings, *([secrets] if named else []))

    def policy(self) -> Policy:
        """The transport policy."""
        return Policy(
            connect_timeout_s=self.connect_timeout_s,
            read_timeout_s=self.read_timeout_s,
            answer_timeout_s=self.answer_timeout_s,
            attempts=self.attempts,
            wait_budget_s=self.wait_budget_s,
        )

    def site(self, source: str) -> Site:
        """Where the site ``source`` is. Raises ConfigError naming the missing variables."""
        if source not in self.sources:
            prefix = f"TANDEM_SOURCES__{source.upper()}__"
            raise ConfigError(f'the mapping names the source "{source}": set {prefix}URL and {prefix}TOKEN')
        given = self.sources[source]
        return Site(
            source=source,
            url=given.url,
            token=given.token.get_secret_value(),
            user=given.user,
            browse_url=given.browse_url,
            ca_file=str(given.ca_file) if given.ca_file else None,
            policy=self.policy(),
            token_expires_on=given.token_expires_on,
            is_graphql_on=given.graphql,
            requests_per_minute=given.requests_per_minute,
        )


def settings_of(**given: object) -> Settings:
    """The settings in force, ``given`` ones first. Raises ConfigError with every problem, each naming its variable and never a secret."""
    try:
        return Settings(**{k: v for k, v in given.items() if v is not None})  # type: ignore[arg-type]  # validated by the model
    except SettingsError as error:
        raise ConfigError(f"TANDEM_SECRETS_DIR: {error}") from error
    except ValidationError as error:
        raise ConfigError(
            *(
                f"TANDEM_{'__'.join(str(p) for p in e['loc']).upper()}: {_sentence(e['type'], e['msg'])}"
                for e in error.errors()
            )
        ) from error


def _sentence(kind: str, message: str) -> str:
    return {"missing": "is not set", "extra_forbidden": "is not a setting of Tandem"}.get(
        kind, message.removeprefix("Value error, ")
    )
