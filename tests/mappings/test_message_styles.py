"""Commit messages as many projects write them: each is read to exactly the keys and roles that a reader would name."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.links import Link, links_of
from mappings.observed import Observed
from mappings.roles import Role
from mappings.schema import MappingSpec
from tests.mappings.link_builders import commit, issue

pytestmark = pytest.mark.pure

PROJECTS = [
    "HADOOP",
    "HDFS",
    "YARN",
    "SPARK",
    "LUCENE",
    "SOLR",
    "LOG4J2",
    "SPR",
    "JENKINS",
    "ALOY",
    "KAFKA",
    "HIVE",
    "PAY",
    "RISK",
    "WEB",
]
SPEC = MappingSpec.model_validate({"version": 1, "sources": {"jira": [{"projects": PROJECTS}]}})
TABLE = Path(__file__).with_name("message_styles.tsv")
UNNAMED = ("WEB-2", "PAY-8", "HDFS-8")
"""Issues that exist too, so that existence alone never saves a rule."""
SAYS_MOST = (Role.REVERTS, Role.CLOSES, Role.IMPLEMENTS, Role.MENTIONS)


def rows() -> list[list[str]]:
    lines = TABLE.read_text(encoding="utf-8").splitlines()
    return [line.split("\t", 1) for line in lines if not line.startswith("#")]


def roles(message: str, known: set[str]) -> dict[str, str]:
    records = [commit("a", message=message.replace("\\n", "\n")), *map(issue, sorted(known))]
    found: dict[str, Link] = {}
    for link in links_of(SPEC, Observed.of(records)):
        best = found.setdefault(link.key, link)
        found[link.key] = min(best, link, key=lambda x: SAYS_MOST.index(x.role))
    return {key: link.role.value for key, link in found.items()}


@pytest.mark.parametrize(("label", "message"), rows())
def test_a_message_gives_exactly_the_keys_and_roles_that_a_reader_names(label, message):
    expected = {} if label == "-" else dict(part.split(":") for part in label.split())
    assert roles(message, {*expected, *UNNAMED}) == expected


def test_the_table_is_large_and_its_messages_differ():
    messages = [message for _, message in rows()]
    assert len(messages) >= 250
    assert len(set(messages)) == len(messages)
