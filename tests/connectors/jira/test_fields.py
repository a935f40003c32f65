"""Custom fields: found by type or name, ambiguity and absence said all at once."""

from __future__ import annotations

import pytest

from connectors.errors import ConfigError
from connectors.jira.fields import SiteField, fields_of
from connectors.jira.settings import FieldNames

pytestmark = pytest.mark.pure

SPRINT = SiteField(id="customfield_10020", name="迭代", custom="com.pyxis.greenhopper.jira:gh-sprint")
POINTS = SiteField(id="customfield_1", name="Story Points", custom="float")
TWIN = SiteField(id="customfield_2", name="Story Points", custom="float")


def test_the_sprint_field_is_found_by_type_whatever_it_is_called():
    assert fields_of([SPRINT], FieldNames(), source="jira").sprint == SPRINT


def test_a_site_without_sprints_is_no_error_unless_a_field_is_named():
    assert fields_of([POINTS], FieldNames(), source="jira").sprint is None
    with pytest.raises(ConfigError, match="no field is called"):
        fields_of([POINTS], FieldNames(sprint="迭代"), source="jira")


def test_an_ambiguous_name_lists_the_candidates():
    with pytest.raises(ConfigError, match="customfield_1, customfield_2"):
        fields_of([TWIN, POINTS], FieldNames(sprint=None, story_points="Story Points"), source="jira")


def test_an_id_settles_what_a_name_cannot():
    names = FieldNames(sprint=None, story_points="customfield_2")
    assert fields_of([TWIN, POINTS], names, source="jira").story_points == TWIN


def test_all_problems_come_at_once_with_the_nearest_names():
    names = FieldNames(sprint=None, story_points="Story Point", others=("Reasn", "Nowhere"))
    listed = [POINTS, SiteField(id="customfield_3", name="Reason")]
    with pytest.raises(ConfigError) as caught:
        fields_of(listed, names, source="jira")
    assert len(caught.value.problems) == 3
    assert "'Story Points'" in caught.value.problems[0]
    assert "'Reason'" in caught.value.problems[1]


def test_case_is_the_last_thing_to_be_forgiven():
    lower = SiteField(id="customfield_9", name="story points")
    names = FieldNames(sprint=None, story_points="Story Points")
    assert fields_of([lower, POINTS], names, source="jira").story_points == POINTS
    assert fields_of([lower], names, source="jira").story_points == lower
