from __future__ import annotations

import string
from datetime import date

import pytest

from sync.core import words
from sync.core.finding import Severity
from sync.core.language import Text
from sync.core.status import Agreement, Health

pytestmark = pytest.mark.pure

FIXED = {name: value for name, value in vars(words).items() if isinstance(value, Text)}


def places(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@pytest.mark.parametrize("name", sorted(FIXED))
def test_both_languages_have_the_same_places(name):
    text = FIXED[name]
    assert places(text.en) == places(text.zh)
    assert text.en != text.zh


def test_every_code_has_words():
    assert {health.value for health in Health} == set(words.HEALTH)
    assert {agreement.value for agreement in Agreement} == set(words.AGREEMENT)
    assert set(Severity) == set(words.SEVERITY)


def test_dates_are_written_as_people_write_them():
    assert words.date_words(date(2026, 12, 5), "en") == "5 Dec 2026"
    assert words.date_words(date(2026, 12, 5), "zh") == "2026年12月5日"


@pytest.mark.parametrize(
    ("age_s", "english", "chinese"),
    [
        (-5, "just now", "刚刚"),
        (59, "just now", "刚刚"),
        (60, "1 min ago", "1 分钟前"),
        (119 * 60, "119 min ago", "119 分钟前"),
        (120 * 60, "2 h ago", "2 小时前"),
        (47 * 3600, "47 h ago", "47 小时前"),
        (48 * 3600, "2 days ago", "2 天前"),
    ],
)
def test_ages_are_told_in_the_unit_that_fits(age_s, english, chinese):
    assert words.age_words(age_s, "en") == english
    assert words.age_words(age_s, "zh") == chinese


def test_counts_of_a_severity_are_words_people_use():
    assert words.severity_count(1, Severity.NOTICE, "en") == "1 notice"
    assert words.severity_count(2, Severity.NOTICE, "en") == "2 notices"
    assert words.severity_count(2, Severity.HIGH, "en") == "2 high"
    assert words.severity_count(2, Severity.NOTICE, "zh") == "提示 2 项"
