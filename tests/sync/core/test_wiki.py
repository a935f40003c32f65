from __future__ import annotations

import html
import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.commands import marked
from sync.core import wiki

pytestmark = pytest.mark.pure

SPECIAL = st.sampled_from(
    [
        "{code}",
        "{color:red}",
        "h1. ",
        "bq. ",
        "||",
        "|",
        "[x|javascript:alert(1)]",
        "[~li]",
        "!a.png!",
        "@all",
        "----",
        "--",
        "\\",
        "\\\\",
        "~",
        "^",
        "*b*",
        "_i_",
        "+u+",
        "-s-",
        "??c??",
        "# ",
        "* ",
        "- ",
        "\n",
        "\r\n",
        "\t",
        "\u2028",
        "http://evil.example/x",
        "mailto:a@b.example",
        "file:///etc",
        "\\\\host\\share",
        "<script>",
        "&#123;",
        "&lt;",
        "\u202e",
        "\u200b",
        "\ufeff",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\U000e0001",
        "(x)",
        "(/)",
        ":)",
        ";-)",
        "\u3164",
        "tandem-slot=a tandem-digest=0123456789abcdef",
        "tandem-\u200bslot=a",
        "支付核心",
        "PAY-118",
        "😀",
        "é",
    ]
)
HOSTILE = st.lists(st.one_of(SPECIAL, st.text(max_size=6)), max_size=12).map("".join)

LIVE = re.compile(
    r"""
      [{}\[\]|*_+^~!\\@<>]                        # any of these that an escape does not hold
    | --|(?:^|\s)-|-(?:\s|$)                      # dashes, rules, list items
    | ^\s*[#*-]\s | \?\?
    | \b(?:h[1-6]|bq)\.
    | [a-z]+:(?:/|[a-z])                          # addresses of any scheme
    | tandem-(?:slot|digest)=
    | :\) | \((?:/|x|i|y|n|on|off)\)
    """,
    re.VERBOSE | re.IGNORECASE,
)


def live(markup):
    """What an independent reader would still take for markup once escapes are taken out: a lone escaped sign stands as a neutral one."""
    inert = re.sub(r"\\[{}\[\]*_+^~!]|&#\d+;", "\u00b7", markup)
    return LIVE.findall(inert)


def shown(markup):
    """The text that people see."""
    return html.unescape(re.sub(r"\\([{}\[\]*_+^~!])", r"\1", markup))


@given(HOSTILE)
def test_no_text_leaves_anything_live(value):
    assert live(wiki.text(value, 500)) == []


@given(HOSTILE)
def test_people_see_the_text_itself_without_what_cannot_be_seen(value):
    assert shown(wiki.text(value, 500)) == wiki.plain(value, 500)


@given(HOSTILE, st.integers(1, 40))
def test_the_length_is_bounded_and_an_escape_is_never_cut(value, limit):
    markup = wiki.text(value, limit)
    assert len(markup) <= limit * wiki.LONGEST_ESCAPE
    assert len(shown(markup)) <= limit
    assert live(markup) == []


@given(HOSTILE)
def test_what_is_shown_is_one_line_of_visible_signs_that_can_be_encoded(value):
    line = wiki.plain(value, 500)
    line.encode()
    assert not {unicodedata.category(sign) for sign in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert line == " ".join(line.split())


@given(HOSTILE)
def test_no_text_makes_a_marker(value):
    assert marked(wiki.text(value, 500)) is None
    assert marked(f"{wiki.text('tandem-slot', 40)}{wiki.text(value, 500)}") is None


@given(HOSTILE, HOSTILE)
def test_a_link_has_one_bar_and_a_web_address_or_is_only_its_label(label, url):
    for address in (url, f"https://git.example/{url}"):
        markup = wiki.link(label, address)
        found = re.fullmatch(r"\[(?P<label>.+)\|(?P<url>https?://[^\s|\[\]{}\\<>\"^`*!]+)\]", markup)
        assert live(found["label"] if found else markup) == []


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JAVASCRIPT://x",
        "data:text/html,x",
        "file:///etc/passwd",
        "//host/x",
        "/relative",
        "",
        "https://",
        "https://user:secret@host/x",
        "https://host/a b",
        "https://host/\u202ex",
        "https://[bad",
        f"https://host/{'x' * 2000}",
    ],
)
def test_an_address_that_is_not_plainly_of_the_web_is_not_linked(url):
    assert wiki.link("!412", url) == "\\!412"


def test_signs_of_markup_inside_an_address_are_encoded():
    assert wiki.link("a", "https://h/x|y]{z}!*") == "[a|https://h/x%7Cy%5D%7Bz%7D%21%2A]"
    assert wiki.link("a", "https://h/a%20b?c=d&e=f#g") == "[a|https://h/a%20b?c=d&e=f#g]"


@pytest.mark.parametrize(
    ("value", "markup"),
    [
        ("# one", "&#35; one"),
        ("acme/pay#12", "acme/pay#12"),
        ("h1. x", "h1&#46; x"),
        (";-) ;) a;b", "&#59;&#45;) &#59;) a;b"),
        ("(x) (3) (on)", "&#40;x) (3) &#40;on)"),
        ("a??b a?", "a&#63;&#63;b a?"),
        ("{code}|[~li]", "\\{code\\}&#124;\\[\\~li\\]"),
        ("a -- b", "a &#45;&#45; b"),
        ("https://e.example", "https&#58;//e.example"),
        ("javascript:1", "javascript&#58;1"),
    ],
)
def test_each_sign_is_held_by_the_means_that_jira_knows(value, markup):
    assert wiki.text(value, 100) == markup


def test_signs_that_no_document_may_hold_are_removed():
    assert wiki.plain("a\ufdd0b\ufffec\U0001ffffd", 100) == "abcd"


def test_ordinary_words_stay_as_they_are():
    for value in (
        "PAY-118 is Done since 2026-11-19 10:02",
        "支付核心 2.0：完成",
        "reason: migration (3 of 4)",
    ):
        assert wiki.text(value, 100) == value


def test_a_long_text_ends_with_an_ellipsis():
    assert wiki.text("abcdef", 4) == "abc…"
    assert wiki.text("abcd", 4) == "abcd"


def test_a_row_keeps_an_empty_cell_a_cell():
    assert wiki.row(("a", "")) == "|a| |"
    assert wiki.heading_row(("a", "b")) == "||a||b||"
