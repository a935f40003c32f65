"""Settings: from variables and secret files; every problem at once; secrets stay secret."""

import os
from pathlib import Path

import pytest

from connectors.errors import ConfigError
from sync.settings import settings_of


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No variable and no .env of the machine plays a part."""
    monkeypatch.chdir(tmp_path)
    for name in [n for n in os.environ if n.startswith("TANDEM_")]:
        monkeypatch.delenv(name)


def test_a_site_comes_from_variables_under_its_name_in_the_mapping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_SOURCES__JIRA__URL", "https://example.atlassian.net/")
    monkeypatch.setenv("TANDEM_SOURCES__JIRA__TOKEN", "s3cret-token")
    site = settings_of().site("jira")
    assert (site.url, site.token) == ("https://example.atlassian.net", "s3cret-token")


def test_a_token_never_shows_in_any_text_of_settings_or_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_SOURCES__JIRA__URL", "https://example.atlassian.net")
    monkeypatch.setenv("TANDEM_SOURCES__JIRA__TOKEN", "s3cret-token")
    settings = settings_of()
    assert (
        "s3cret-token"
        not in f"{settings!r} {settings} {settings.site('jira')!r} {settings.model_dump_json()}"
    )


def test_tokens_come_from_a_folder_of_secret_files_beside_variables(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "tandem_sources__gitlab__token").write_text("from-a-file\n")
    monkeypatch.setenv("TANDEM_SECRETS_DIR", str(tmp_path))
    monkeypatch.setenv("TANDEM_SOURCES__GITLAB__URL", "https://gitlab.example")
    assert settings_of().site("gitlab").token == "from-a-file"


def test_a_missing_secrets_folder_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_SECRETS_DIR", str(tmp_path / "nowhere"))
    with pytest.raises(ConfigError, match="nowhere"):
        settings_of()


def test_dot_env_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "TANDEM_SOURCES__JIRA__URL=https://j.example\nTANDEM_SOURCES__JIRA__TOKEN=t0ken\n"
    )
    assert settings_of().site("jira").url == "https://j.example"


def test_every_problem_is_told_at_once_with_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_SOURCES__JIRA__URL", "ftp://x")
    monkeypatch.setenv("TANDEM_ATTEMPTS", "many")
    with pytest.raises(ConfigError) as caught:
        settings_of()
    text = str(caught.value)
    assert "TANDEM_SOURCES__JIRA__URL" in text
    assert "TANDEM_SOURCES__JIRA__TOKEN: is not set" in text
    assert "TANDEM_ATTEMPTS" in text


def test_a_source_without_settings_names_the_variables_to_set() -> None:
    with pytest.raises(ConfigError, match="TANDEM_SOURCES__GITLAB__URL and TANDEM_SOURCES__GITLAB__TOKEN"):
        settings_of().site("gitlab")


def test_arguments_win_over_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TANDEM_DATABASE", "sqlite:///one.db")
    assert settings_of(database="sqlite:///two.db").database == "sqlite:///two.db"
