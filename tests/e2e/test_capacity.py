"""``tandem capacity`` as a user meets it: from sizes that are said, from a store that was filled, simulated, and as JSON of a form that is written down."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from stand import Stand

from sync.cli.main import exit_status
from sync.cli.options import Options
from sync.settings import Settings

NUMBER = {"type": "number", "minimum": 0}
MAYBE = {"type": ["number", "null"], "minimum": 0}
TEXT = {"type": "string", "minLength": 1}


def an_object(**properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": sorted(properties),
        "additionalProperties": False,
    }


def rows_of(**properties: Any) -> dict[str, Any]:
    return {"type": "array", "minItems": 1, "items": an_object(**properties)}


BYTES = an_object(sqlite=NUMBER, postgresql=NUMBER)
AGES = {"type": "object", "additionalProperties": NUMBER}
SCHEMA = an_object(
    schema_version={"const": 1},
    company={"type": "object", "required": ["issues", "gitlab_projects"]},
    guessed={"type": "array", "items": TEXT},
    setup={"type": "object", "required": ["interval_min", "workers", "database"]},
    is_feasible={"type": "boolean"},
    shortest_interval_min=MAYBE,
    binds_first=an_object(code=TEXT, name=TEXT, advice=TEXT),
    workers_needed={"type": "integer", "minimum": 1},
    first_pull_h=NUMBER,
    memory_mb=NUMBER,
    sites=rows_of(
        name={"enum": ["Jira", "GitLab"]},
        sites={"type": "integer"},
        requests_per_quiet_cycle=NUMBER,
        requests_per_busy_cycle=NUMBER,
        requests_per_hourly_round=NUMBER,
        requests_per_census=NUMBER,
        requests_per_day=NUMBER,
        busy_cycle_s=NUMBER,
        busy_cycle_parts_s=an_object(
            answers=NUMBER, requests=NUMBER, records=NUMBER, code=NUMBER, judging=NUMBER
        ),
    ),
    limits=rows_of(
        code=TEXT,
        name=TEXT,
        unit=TEXT,
        used=NUMBER,
        allowed=NUMBER,
        share=NUMBER,
        shortest_interval_min=MAYBE,
    ),
    store=rows_of(family=TEXT, rows=NUMBER, rows_per_year=NUMBER, bytes=BYTES, bytes_per_year=BYTES),
    constants=an_object(
        measured_on=TEXT, machine=TEXT, command=TEXT, requests={"enum": ["expected", "measured"]}
    ),
)
DAYS = rows_of(
    interval_min=NUMBER,
    workers={"type": "integer"},
    p50_min=AGES,
    p95_min=AGES,
    waits_min=AGES,
    workers_share=NUMBER,
    quota_share=NUMBER,
    is_feasible={"type": "boolean"},
    binds=TEXT,
)
SIMULATED = {
    **SCHEMA,
    "properties": {**SCHEMA["properties"], "simulation": DAYS},
    "required": [*SCHEMA["required"], "simulation"],
}
SIZES = ("--issues", "40000", "--projects", "200", "--interval", "10")


class Desk:
    """The program in a folder without a mapping and without a store."""

    def __init__(self, folder: Path, capture: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capture = capture
        self._options = Options(settings=Settings(database=f"sqlite:///{folder / 'tandem.db'}"))

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._capture.readouterr()
        code = exit_status(["capacity", *arguments], options=self._options)
        told = self._capture.readouterr()
        return code, told.out, told.err

    def json(self, *arguments: str) -> Any:
        code, text, errors = self.run(*arguments, "--json")
        assert code == 0, errors
        return json.loads(text)


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Desk:
    return Desk(tmp_path, capsys)


def test_sizes_that_are_said_need_neither_mapping_nor_store(desk: Desk) -> None:
    code, text, _ = desk.run(*SIZES)
    assert code == 0
    assert "40,000 issues" in text
    assert "What binds first" in text
    assert "An estimate." in text
    assert list(desk.folder.iterdir()) == []


def test_the_json_is_of_the_form_that_is_written_down(desk: Desk) -> None:
    document = desk.json(*SIZES)
    assert next(iter(document)) == "schema_version"
    jsonschema.validate(document, SCHEMA)
    assert document["company"]["gitlab_projects"] == 200
    assert "commits" in document["guessed"]
    assert "issues" not in document["guessed"]


def test_without_a_store_the_number_of_issues_must_be_said(desk: Desk) -> None:
    code, text, errors = desk.run("--projects", "10")
    assert code != 0
    assert text == ""
    assert "--issues" in errors


def test_simulated_days_come_with_it_where_they_are_asked_for(desk: Desk) -> None:
    document = desk.json(*SIZES, "--simulate")
    jsonschema.validate(document, SIMULATED)
    assert [day["interval_min"] for day in document["simulation"]] == [10, 30, 60, 120]
    assert desk.json(*SIZES, "--simulate") == document
    code, text, _ = desk.run(*SIZES, "--simulate")
    assert code == 0
    assert "P95 GITLAB" in text


def test_options_reach_the_model(desk: Desk) -> None:
    codes = {
        one["code"]
        for one in desk.json(
            *SIZES, "--gitlab", "self-managed", "--oauth", "--workers", "3", "--database", "postgresql"
        )["limits"]
    }
    assert codes == {"jira-burst", "jira-points", "site", "workers", "store"}
    limited = desk.json(*SIZES, "--gitlab-limit", "60", "--requests", "measured", "--jira", "data-center")
    assert limited["constants"]["requests"] == "measured"
    assert next(one["allowed"] for one in limited["limits"] if one["code"] == "gitlab-user") == 60


def test_more_than_one_worker_is_reckoned_over_postgresql(desk: Desk) -> None:
    large = desk.json(
        "--issues", "3000000", "--projects", "3000", "--jira-sites", "30", "--gitlab-sites", "30"
    )
    assert large["setup"]["workers"] == large["workers_needed"] > 1
    assert large["setup"]["database"] == "postgresql"
    assert desk.json("--issues", "1000", "--projects", "5")["setup"]["database"] == "sqlite"


def test_a_store_that_was_filled_tells_the_sizes(synced: Stand) -> None:
    document = synced.json("capacity")
    jsonschema.validate(document, SCHEMA)
    assert document["guessed"] == []
    assert document["company"]["issues"] > 100
    assert document["company"]["jira_projects"] == 2
    said = synced.json("capacity", "--issues", "1000000")
    assert said["company"]["issues"] == 1_000_000
    assert said["company"]["commits"] == document["company"]["commits"]
