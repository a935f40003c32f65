"""Version names: whether two names people gave to a release mean the same one."""

from __future__ import annotations

import re
import unicodedata

_NUMBER = re.compile(r"(?<![0-9.])[0-9]+(?:\.[0-9]+)*")
_NOISE = re.compile(r"\b(?:release|releases|version|ver|milestone)\b|版本|发布|里程碑")
_LEADING_V = re.compile(r"(?<![a-z0-9])v(?=[.\s]?[0-9])\.?")
_TRAILING_ZEROS = re.compile(r"(?:\.0+)+$")


def is_same_release(one: str, other: str) -> bool:
    """True unless the names clearly differ: ``v1.2`` is ``Release 1.2.0``. A name with a number and one without cannot be compared and count as the same."""
    first, second = normal_of(one), normal_of(other)
    numbers = number_of(first), number_of(second)
    if None in numbers:
        return first == second or numbers != (None, None)
    return numbers[0] == numbers[1]


def normal_of(name: str) -> str:
    """The name case-folded, in compatibility form, blanks collapsed, without a ``v`` before a number and words such as ``release``."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    return " ".join(_NOISE.sub(" ", _LEADING_V.sub("", folded)).split())


def number_of(normal: str) -> str | None:
    """The version number in a normal name without leading zeros and closing ``.0`` groups: a dotted number before a plain one, None if there is none."""
    found = _NUMBER.findall(normal)
    if not found:
        return None
    number = next((n for n in found if "." in n), found[0])
    groups = ".".join(group.lstrip("0") or "0" for group in number.split("."))
    return _TRAILING_ZEROS.sub("", groups)
