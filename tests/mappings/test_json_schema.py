from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from mappings.atoms import MEANINGS
from mappings.load import json_schema

EXAMPLES = sorted((Path(__file__).parents[2] / "deploy/examples").glob("*.yaml"))


def as_json(text):
    """The document as an editor's checker sees it: dates are texts there."""
    return json.loads(json.dumps(yaml.safe_load(text), default=date.isoformat))


def validator():
    return jsonschema.Draft202012Validator(json_schema())


def models():
    return [d for d in json_schema()["$defs"].values() if d.get("type") == "object"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.name)
def test_the_examples_satisfy_the_schema(path):
    assert EXAMPLES
    assert [e.message for e in validator().iter_errors(as_json(path.read_text(encoding="utf-8")))] == []


@pytest.mark.pure
def test_the_schema_is_a_valid_schema_of_its_dialect():
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"].endswith("/2020-12/schema")


@pytest.mark.pure
def test_the_schema_names_itself():
    schema = json_schema()
    assert schema["$id"].startswith("https://")
    assert schema["title"] == "Tandem mapping, version 1"
    assert schema["description"]


@pytest.mark.pure
def test_every_part_of_the_schema_is_described_and_refuses_unknown_keys():
    assert all(model["description"] and model["additionalProperties"] is False for model in models())


@pytest.mark.pure
@pytest.mark.parametrize(
    "change",
    [
        {"version": 2},
        {"versoin": 1},
        {"language": "cn"},
        {"milestones": [{"key": "a", "title": "T", "scope": {"fixversion": "1"}}]},
        {"milestones": [{"key": "A", "title": "T", "scope": {"epic": "PAY-1"}}]},
        {"write": {"max_writes_per_run": -1}},
        {"sources": {"jira": []}},
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(change):
    good = {"version": 1, "sources": {"jira": [{"projects": ["PAY"]}]}}
    assert validator().is_valid(good)
    assert not validator().is_valid(good | change)


@pytest.mark.pure
@pytest.mark.parametrize("given", ["2.0", ["2.0", "2.1"]])
def test_one_text_may_stand_for_a_list(given):
    entry = {"key": "a", "title": "T", "scope": {"fix_version": given}}
    whole = {"version": 1, "sources": {"jira": [{"projects": ["PAY"]}]}, "milestones": [entry]}
    assert validator().is_valid(whole)


def patterns_in(schema):
    if isinstance(schema, dict):
        pattern = schema.get("pattern")
        yield from [pattern] if isinstance(pattern, str) else []
        schema = schema.values()
    if not isinstance(schema, str | int | float | bool | None):
        for part in schema:
            yield from patterns_in(part)


@pytest.mark.pure
def test_every_pattern_has_its_meaning_in_words():
    assert set(patterns_in(json_schema())) <= set(MEANINGS)
