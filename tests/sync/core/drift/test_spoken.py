from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.core.drift.catalogue import rules
from sync.core.drift.judge import findings_of
from sync.core.drift.spoken import spoken, translated
from sync.core.finding import Audience
from tests import builders

pytestmark = pytest.mark.pure

ABOUT_WORK = [code for code in rules() if not code.startswith("X")]


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("code", ABOUT_WORK)
def test_every_rule_about_work_says_in_other_words_what_it_means_for_delivery(code: str) -> None:
    rule = rules()[code]
    assert rule.means
    assert rule.means.en != rule.says.en
    assert places(rule.means.en) == places(rule.means.zh)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in rule.means.zh)


def finding():
    request = builders.mr(12, title="PAY-1: latency alarm of checkout")
    world = builders.world([builders.issue(status="Done", resolved_at=builders.NOW.replace(day=10)), request])
    (found,) = findings_of(world, {"S01": rules()["S01"]}).findings
    return found


def test_technical_readers_read_what_the_systems_say_and_managers_what_it_means() -> None:
    found = finding()
    technical = spoken(found, "en", reader=Audience.TECHNICAL, glossary={"open": "pending"})
    engineering = spoken(found, "en", reader=Audience.ENGINEERING, glossary={"product": "shop"})
    assert (
        technical == "PAY-1 is Done, but !12 is still open" == spoken(found, "en", reader=None, glossary={})
    )
    assert engineering == "PAY-1 counts as delivered, but part of it is not in the shop yet"
    assert spoken(found, "zh", reader=Audience.ENGINEERING, glossary={}).startswith("PAY-1 已计为交付")


@pytest.mark.parametrize(
    ("text", "glossary", "wanted"),
    [
        ("p99 of checkout-api rose", {"p99": "slow orders"}, "slow orders of checkout-api rose"),
        ("checkout-api is down", {"checkout": "orders", "checkout-api": "the till"}, "the till is down"),
        ("API and api and APIs", {"api": "door"}, "door and door and APIs"),
        ("支付网关超时", {"支付网关": "收款"}, "收款超时"),
        ("a b", {"a": "b", "b": "c"}, "b c"),
        ("C++ (core)", {"C++": "engine", "(core)": "centre"}, "engine centre"),
        ("nothing", {}, "nothing"),
    ],
)
def test_a_term_of_the_glossary_is_replaced_where_it_stands_alone(
    text: str, glossary: dict, wanted: str
) -> None:
    assert translated(text, glossary) == wanted


@given(st.text(), st.dictionaries(st.text(min_size=1), st.text(), max_size=4))
def test_no_glossary_breaks_a_sentence(text: str, glossary: dict[str, str]) -> None:
    assert isinstance(translated(text, glossary), str)
