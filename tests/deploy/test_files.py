"""Every file in deploy/ is checked as far as published schemas and parsers go."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import kubernetes_validate
import pytest
import typer
import yaml
from apscheduler.triggers.cron import CronTrigger

from sync.cli.main import app
from sync.settings import Settings, SourceSettings

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def settings_named_in(text: str) -> set[str]:
    return set(re.findall(r"\bTANDEM_[A-Z_]+\b", text))


def is_setting(name: str) -> bool:
    parts = name.removeprefix("TANDEM_").lower().split("__")
    if parts[0] == "sources" and len(parts) == 3:
        return parts[2] in SourceSettings.model_fields
    return len(parts) == 1 and parts[0] in Settings.model_fields


@pytest.mark.parametrize("name", ["compose.yaml", "compose.workers.yaml"])
def test_compose_is_valid_by_the_published_schema(name: str) -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        str(DEPLOY / name),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize(("name", "index"), [("cronjob", 0), ("cronjob", 1), ("workers", 0)])
def test_kubernetes_resources_are_valid_by_the_published_schema(name: str, index: int) -> None:
    resource = list(yaml.safe_load_all((DEPLOY / "kubernetes" / f"{name}.yaml").read_text()))[index]
    kubernetes_validate.validate(resource, kubernetes_validate.latest_version(), strict=True)


def test_the_cron_job_never_runs_twice_at_once_and_calls_sync() -> None:
    job = list(yaml.safe_load_all((DEPLOY / "kubernetes" / "cronjob.yaml").read_text()))[1]["spec"]
    container = job["jobTemplate"]["spec"]["template"]["spec"]["containers"][0]
    assert (job["concurrencyPolicy"], container["args"]) == ("Forbid", ["sync"])


def test_workers_take_from_the_queue() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.workers.yaml").read_text())
    deployment = yaml.safe_load((DEPLOY / "kubernetes" / "workers.yaml").read_text())
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    assert compose["services"]["worker"]["command"] == container["args"] == ["worker", "--queue"]


def test_every_crontab_line_has_a_valid_schedule_and_a_command_that_a_shell_can_read() -> None:
    lines = (DEPLOY / "cron" / "tandem.crontab").read_text().splitlines()
    entries = [line for line in lines if line and not line.startswith(("#", "SHELL="))]
    assert entries
    for line in entries:
        *fields, command = line.split(None, 5)
        CronTrigger.from_crontab(" ".join(fields))
        words = shlex.split(command, comments=False)
        named = [words[i + 1] for i, word in enumerate(words) if word == "/opt/tandem/bin/tandem"]
        assert named
        assert set(named) <= set(typer.main.get_command(app).commands)  # type: ignore[attr-defined]  # the program is a group
        assert subprocess.run(["/bin/sh", "-n", "-c", command], check=False).returncode == 0


@pytest.mark.parametrize("name", ["tandem-sync.service", "tandem-sync.timer"])
def test_systemd_units_parse_and_hold_the_sections_of_their_kind(name: str) -> None:
    unit = configparser.ConfigParser(strict=True, interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  # keys are case-sensitive
    unit.read_string((DEPLOY / "systemd" / name).read_text())
    assert set(unit.sections()) == {"Unit", name.rpartition(".")[2].capitalize(), "Install"}


def test_systemd_itself_accepts_the_units() -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd-analyze is not on this machine; the units are parsed by another test")
    units = [str(DEPLOY / "systemd" / f"tandem-sync.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    problems = [
        line for line in done.stderr.splitlines() if "tandem" in line and "is not executable" not in line
    ]
    assert problems == []


def test_the_image_runs_as_nobody_special_from_the_hashed_lock() -> None:
    text = (DEPLOY / "Dockerfile").read_text()
    assert len(re.findall(r"^FROM ", text, re.MULTILINE)) == 2
    assert "--require-hashes --no-deps --requirement requirements.lock" in text
    assert re.search(r"^USER 10001$", text, re.MULTILINE)


def test_everything_that_the_image_copies_exists_and_is_not_ignored() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    for line in re.findall(r"^COPY (?!--from)(.+)$", (DEPLOY / "Dockerfile").read_text(), re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists()
            assert source in allowed


@pytest.mark.parametrize(
    "path",
    [
        "deploy/Dockerfile",
        "deploy/compose.yaml",
        "deploy/compose.workers.yaml",
        "deploy/kubernetes/cronjob.yaml",
        "deploy/kubernetes/workers.yaml",
        ".env.example",
        "README.md",
        "deploy/RUNBOOK.md",
    ],
)
def test_every_setting_that_a_file_names_exists(path: str) -> None:
    named = settings_named_in((ROOT / path).read_text()) - {"TANDEM_"}
    assert {n for n in named if not is_setting(n) and not n.startswith("TANDEM_SOURCES__")} == set()
    assert {
        n for n in named if n.startswith("TANDEM_SOURCES__") and n.count("__") == 2 and not is_setting(n)
    } == set()


def test_the_lock_has_hashes_and_names_no_index() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text()
        assert text.count("--hash=sha256:") > 50
        assert "://" not in text
        assert "--index-url" not in text
