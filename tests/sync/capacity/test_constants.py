"""Every constant says where it is from, and those that the code decides are the code's."""

import copy
from datetime import timedelta
from typing import Any

import pytest

from connectors.gitlab.streams import OVERLAP as GITLAB_OVERLAP
from connectors.jira import census, stream_issues
from connectors.jira.limits import FAMILIES
from sync.capacity.constants import PROFILES, constants_in_force, constants_of, document
from sync.settings import Settings


def minutes(length: timedelta) -> float:
    return length.total_seconds() / 60


@pytest.mark.parametrize("profile", PROFILES)
def test_every_constant_has_a_number_that_counts_a_unit_and_a_source(profile: str) -> None:
    every = [one for section in constants_in_force(profile).sections.values() for one in section]
    assert [one.name for one in every if one.value < 0 or not one.unit or not one.source] == []
    assert len(every) > 60


def test_what_was_measured_says_when_on_what_and_by_which_command() -> None:
    c = constants_in_force()
    assert c.measured_on.startswith("20")
    assert "core" in c.machine
    assert c.command == "python -m tests.bench.constants"


def test_both_profiles_count_the_same_requests() -> None:
    found = document()["requests"]
    assert set(found["expected"]) == set(found["measured"])
    assert found["in_force"] in PROFILES


def test_the_constants_of_the_code_are_those_of_the_code() -> None:
    c = constants_in_force()
    assert c["jira_cloud_page"] == stream_issues._CLOUD_PAGE
    assert c["jira_server_page"] == stream_issues._SERVER_PAGE
    assert c["jira_cloud_census_page"] == census._CLOUD_PAGE
    assert c["jira_server_census_page"] == census._SERVER_PAGE
    assert c["jira_overlap_min"] == minutes(stream_issues.OVERLAP)
    assert c["gitlab_overlap_min"] == minutes(GITLAB_OVERLAP)
    assert c["gitlab_longest_rest_min"] == Settings.model_fields["quiet_minutes"].default
    assert c["jira_cloud_lot"] == stream_issues._CLOUD_LOT


def test_the_limit_of_jira_cloud_is_the_one_that_the_connector_keeps() -> None:
    burst = next(family for family in FAMILIES if family.name == "burst")
    assert constants_in_force()["jira_cloud_requests_per_s"] == burst.limit / burst.window_s


def test_a_profile_that_does_not_exist_is_refused() -> None:
    with pytest.raises(KeyError):
        constants_in_force("hoped for")


def test_a_constant_that_stands_in_two_sections_is_refused() -> None:
    found: dict[str, Any] = copy.deepcopy(document())
    found["assumed"]["constants"]["gitlab_page"] = found["code"]["constants"]["gitlab_page"]
    with pytest.raises(ValueError, match="twice"):
        constants_of(found)
