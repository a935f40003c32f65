"""Where files may be read for TODO comments."""

from __future__ import annotations

import pytest

from mappings.load import parsed

pytestmark = pytest.mark.pure

HEAD = "version: 1\nsources:\n  jira: [{projects: [PAY]}]\n  gitlab:\n    - groups: [a]\n"


def places(text):
    return parsed(HEAD + text, name="m").spec.sources.gitlab[0].todos


def test_nothing_may_be_read_unless_it_is_named():
    assert places("") == ()


def test_a_place_has_limits_unless_it_says_others():
    plain, wide = places(
        "      todos:\n        - {project: a/b, path: src/}\n        - {project: 7, largest_kb: 300, most_files: 9}\n"
    )
    assert (plain.project, plain.path, plain.largest_kb, plain.most_files) == ("a/b", "src", 200, 500)
    assert (wide.project, wide.path, wide.largest_kb, wide.most_files) == (7, "", 300, 9)
