from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from connectors.errors import ConfigError
from mappings import atoms, commitments, drift_options, schema
from mappings.load import parsed
from mappings.schema import CalendarSpec, MappingSpec

pytestmark = pytest.mark.pure

MODELS = [
    model
    for module in (commitments, drift_options, schema)
    for model in vars(module).values()
    if isinstance(model, type) and issubclass(model, BaseModel) and model.__module__ == module.__name__
]
KEYS = sorted({field.alias or name for model in MODELS for name, field in model.model_fields.items()})


def test_every_model_is_frozen_and_refuses_unknown_keys():
    assert len(MODELS) > 20
    assert all(model.model_config["frozen"] and model.model_config["extra"] == "forbid" for model in MODELS)


def test_a_date_may_be_given_as_a_value():
    assert CalendarSpec(holidays=[date(2026, 10, 1)]).holidays == {date(2026, 10, 1)}


@pytest.mark.parametrize("value", [datetime(2026, 10, 1, tzinfo=UTC), 20261001, None])
def test_what_is_no_date_is_refused(value):
    with pytest.raises(ValidationError, match="must be a date written YYYY-MM-DD"):
        CalendarSpec(holidays=[value])


def test_equal_texts_make_equal_mappings(make):
    assert make.spec() == make.spec()


def test_a_version_may_be_a_number_or_digits(make):
    assert make.spec(version="1").version == make.spec(version=1).version == 1


def test_meanings_are_kept_for_patterns_in_use_only():
    assert set(atoms.MEANINGS) <= set(_patterns(MappingSpec.model_json_schema()))


def _patterns(node):
    if isinstance(node, dict):
        yield from [node["pattern"]] if isinstance(node.get("pattern"), str) else []
        node = list(node.values())
    for part in node if isinstance(node, list) else []:
        yield from _patterns(part)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 300),
    st.floats(),
    st.sampled_from(
        ["PAY", "PAY-1", "jira_versions", "Li Wei", "2026-12-01", "(", "/x", "assignee", "支付", ""]
    ),
)
KNOTS = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150)
@given(extra=st.dictionaries(st.sampled_from(sorted(MappingSpec.model_fields)), KNOTS, max_size=4))
def test_any_knot_of_known_keys_is_read_or_refused_in_whole_lines(make, extra):
    text = yaml.safe_dump(yaml.safe_load(make.head) | extra, allow_unicode=True)
    try:
        assert parsed(text, name="m", rule_codes={}).spec.version == 1
    except ConfigError as error:
        refused = error.problems
    else:
        refused = ("m:1:1",)
    assert all(line.startswith("m:") and "\n" not in line for line in refused)
