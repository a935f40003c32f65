"""Whether two names mean the same release."""

from __future__ import annotations

import pytest

from sync.core.version_names import is_same_release

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("v1.2", "1.2.0"),
        ("Release 1.2", "version 1.2.0.0"),
        ("V 2.0", "2"),
        ("v.3.1", "3.1"),
        ("版本2.0", "2.0"),
        ("Payment  Core", "payment core"),
        ("２.０", "2.0"),
        ("2.0-rc1", "2.0"),
        ("Autumn", "2.0"),
        ("01.02", "1.2"),
        ("Portal 2.1 (2026)", "2.1"),
    ],
)
def test_the_same_release_in_two_spellings(one: str, other: str) -> None:
    assert is_same_release(one, other)
    assert is_same_release(other, one)


@pytest.mark.parametrize(
    ("one", "other"), [("1.2", "1.20"), ("1.2", "1.2.1"), ("Autumn", "Spring"), ("v2", "v3"), ("10.0", "1")]
)
def test_different_releases(one: str, other: str) -> None:
    assert not is_same_release(one, other)
    assert not is_same_release(other, one)
