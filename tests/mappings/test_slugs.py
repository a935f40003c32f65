from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.slugs import free_key, slug_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("parts", "slug"),
    [
        (("IMP", "2.0"), "imp-2.0"),
        (("IMP", "2.0 beta"), "imp-2.0-beta"),
        (("PAY-118",), "pay-118"),
        (("payments/core#12",), "payments-core-12"),
        (("PAY", "Release (March), 2026"), "pay-release-march-2026"),
    ],
)
def test_a_plain_name_is_its_own_slug(parts, slug):
    assert slug_of(*parts) == slug


def test_names_that_lose_letters_keep_different_slugs():
    assert slug_of("PAY", "支付 2.0") != slug_of("PAY", "风控 2.0")
    assert slug_of("PAY", "支付 2.0").startswith("pay-2.0-")


def test_a_name_without_any_plain_letter_still_has_a_slug():
    assert re.fullmatch(r"[0-9a-f]{6}", slug_of("里程碑"))


def test_long_names_that_begin_alike_keep_different_slugs():
    assert slug_of("x" * 80 + "a") != slug_of("x" * 80 + "b")


def test_a_taken_key_gets_the_id_behind_it():
    assert free_key("pay-2.0", "10012", {"pay-2.0"}) == "pay-2.0-10012"
    assert free_key("pay-2.0", "10012", {"other"}) == "pay-2.0"


def test_a_key_is_free_even_where_the_suffixed_one_is_taken_too():
    assert free_key("a", "1", {"a", "a-1"}) == "a-1-1"


@given(st.text(max_size=90))
def test_any_text_makes_a_key_that_comments_can_carry(text):
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", slug_of(text))
