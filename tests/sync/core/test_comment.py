from __future__ import annotations

import re
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.commands import marked
from connectors.records import GitlabIssue, Ref
from sync.core import comment as module
from sync.core.comment import BODY_LIMIT, comment_in, comment_of
from sync.core.comment_rows import linked
from sync.core.finding import Acknowledged, Audience, Evidence, Severity, State
from sync.core.judged import judged_of, told_of
from sync.core.language import Text
from sync.core.progress import Counts
from sync.core.status import Health
from sync.core.voice import Voice

pytestmark = pytest.mark.pure

HOSTILE = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "{code}",
                "h1. ",
                "||",
                "|",
                "[x|javascript:alert(1)]",
                "[~li]",
                "!a!",
                "@all",
                "\n",
                "----",
                "\\\\",
                "*",
                "tandem-slot=x tandem-digest=0123456789abcdef",
                "<script>",
                "\u202e",
                "\ud800",
                "{color:red}",
                "https://e.example",
            ]
        ),
        st.text(max_size=30),
    ),
    max_size=10,
).map("".join)


@pytest.fixture(scope="session")
def say(make):
    """The body about a judged commitment, with defaults."""

    def body(judged, told=None, language="en", now=make.NOW):
        slot = make.slot(judged.commitment.key)
        return comment_of(judged, told, language=language, now=now, slot=slot)

    return body


def hostile(make, text, url):
    says = Text(en="{title} is Done, but {mr} is open.", zh="{title} 已完成，但 {mr} 未关闭。")
    return make.finding(
        subject_label=text,
        says=says,
        clears=says,
        values=(("title", text), ("mr", "!412")),
        evidence=(
            Evidence(record=Ref(source="jira", kind="issue", id="1"), label=text, url=url, observed=text),
        ),
    )


@settings(max_examples=500, deadline=None)
@given(texts=st.tuples(HOSTILE, HOSTILE, HOSTILE, HOSTILE), language=st.sampled_from(["en", "zh"]))
def test_any_text_becomes_an_escaped_body_within_the_limit_that_ends_with_our_marker(
    make, say, texts, language
):
    title, label, url, reason = texts
    quiet = make.finding(suppressed=make.suppressed(reason))
    judged = make.judged(
        [hostile(make, label, url)],
        commitment={"title": title, "technical_owner": title},
        suppressed=(quiet,),
        member_keys=(reason,),
    )
    comment = say(judged, told_of(make.judged()), language)
    assert len(comment.body) <= BODY_LIMIT
    assert marked(comment.body) == ("payment-core-2.0", comment.digest)
    assert comment.body.count("tandem-slot=") == 1
    comment.body.encode()
    assert live(comment.body) == []


OWN = re.compile(
    r"""
      \{color(:\#[0-9A-F]{6})?\} | \*(?:[A-Z][A-Z ]*|[A-Z]\d\d|Why:|Progress:|Read:|Since\ last\ time:|[\u4e00-\u9fff]+：?)\*
    | ^\|\| .* \|\|$ | \{\{tandem-slot=.*\}\}$
    | \[ (?:\\.|[^\\\[\]|\n])+ \| https?://[^\s|\[\]{}\\*!]+ \]
    | ^\*AT\ RISK\*
    """,
    re.VERBOSE | re.MULTILINE,
)


def live(body):
    """What is left of markup once our own and every escape is taken out, but for the bars and bold of the frame."""
    inert = re.sub(r"\\[{}\[\]*_+^~!]|&#\d+;", "\u00b7", body)
    rest = OWN.sub("", inert)
    rest = re.sub(r" · \*[^*\n]*\* · ", "", rest, count=1)
    rows = [line for line in rest.split("\n") if line.startswith("|")]
    broken = [line for line in rows if line.count("|") != 5]
    rest = rest.replace("|", "")
    return broken + re.findall(
        r"[{}\[\]*_^~!\\@<>]|--|^h[1-6]\.|^bq\.|[a-z]+://|javascript:", rest, re.MULTILINE | re.IGNORECASE
    )


def test_the_checker_of_this_file_sees_what_is_live(make, say):
    body = say(make.judged([make.finding()])).body
    assert live(body) == []
    for injected in ("{code}", "[x]", "*b*", "!a!", "\nh1. x", "https://e", "@all"):
        assert live(body.replace("is still open", injected)) != []


def test_the_first_line_says_health_agreement_title_and_date(make, say):
    first, why, *_ = say(make.judged([make.finding()])).body.split("\n")
    assert first == "{color:#B65C02}*AT RISK*{color} · drifting · *Payment core 2.0* · due 15 Dec 2026"
    assert why == "*Why:* PAY-118 is Done, but merge request \\!412 is still open."


def test_at_most_five_findings_are_rows_and_the_rest_is_counted(make, say):
    findings = [make.finding(label=f"PAY-{n}") for n in range(100, 107)]
    findings += [make.finding("S04", Severity.NOTICE, label=f"PAY-{n}") for n in range(200, 203)]
    body = say(make.judged(findings)).body
    assert len(re.findall(r"^\|\*S", body, re.MULTILINE)) == 5
    assert "\nand 5 more: 2 high, 3 notices\n" in body


def test_notices_are_rows_only_where_nothing_is_worse(make, say):
    notice, warning = make.finding("S04", Severity.NOTICE), make.finding("S05", Severity.WARNING)
    assert "|*S04* notice|" in say(make.judged([notice])).body
    mixed = say(make.judged([warning, notice])).body
    assert "|*S05* warning|" in mixed
    assert "|*S04*" not in mixed
    assert "and 1 more: 1 notice" in mixed


def test_suppressed_findings_are_counted_with_the_first_date_and_reason(make, say):
    one = make.finding(suppressed=make.suppressed())
    other = make.finding(
        "S02", suppressed=make.suppressed("freeze", one.suppressed.until + timedelta(days=9))
    )
    assert "\n1 suppressed until 1 Dec 2026 (migration)\n" in say(make.judged(suppressed=(one,))).body
    both = say(make.judged(suppressed=(one, other))).body
    assert "\n2 suppressed, the first until 1 Dec 2026 (migration)\n" in both


def test_every_row_names_who_is_to_act_by_role_and_name(make, say):
    finding = make.finding(audience=Audience.BOTH)
    own = {"engineering_owner": None}
    assert (
        "|technical: Li Wei, engineering: nobody named|" in say(make.judged([finding], commitment=own)).body
    )


def test_what_changed_since_last_time_is_said_and_nothing_where_nothing_did(make, say):
    before = make.judged([make.finding("S02")], member_keys=("PAY-7", "PAY-118"))
    after = make.judged(
        [make.finding("S01")],
        counts=Counts(delivered=30, to_do=9),
        member_keys=("PAY-118", "PAY-140"),
        health=Health.OFF_TRACK,
    )
    said = say(after, told_of(before)).body
    assert (
        "*Since last time:* was AT RISK, −1 delivered, PAY-140 added, PAY-7 removed, new drift: 1, drift cleared: 1\n"
        in said
    )
    assert "Since last time" not in say(after, told_of(after)).body
    assert "Since last time" not in say(after).body


def test_many_added_items_are_counted_not_listed(make, say):
    judged = make.judged(member_keys=tuple(f"PAY-{n}" for n in range(9, 21)))
    told = told_of(make.judged(member_keys=()))
    assert "PAY-9, PAY-10, PAY-11, PAY-12, PAY-13, and 7 more added" in say(judged, told).body


def test_the_digest_ignores_ages_and_what_was_told(make, say):
    judged = make.judged([make.finding()])
    later = say(judged, told_of(make.judged()), now=make.NOW + timedelta(hours=5))
    assert later.digest == say(judged).digest
    assert later.body != say(judged).body


def test_the_digest_follows_everything_that_is_judged(make, say):
    varied = [
        make.judged([make.finding()]),
        make.judged([make.finding(label="PAY-9")]),
        make.judged([make.finding()], counts=Counts(delivered=1)),
        make.judged([make.finding()], member_keys=("PAY-9", "PAY-118")),
        make.judged([make.finding()], commitment={"title": "Other"}),
        make.judged([make.finding()], due_on=None),
        make.judged([make.finding()], suppressed=(make.finding(suppressed=make.suppressed()),)),
    ]
    digests = [say(judged).digest for judged in varied] + [say(varied[0], language="zh").digest]
    restricted = comment_in(
        varied[0], None, voice=Voice(language="en", readers="role:Dev"), now=make.NOW, slot=make.slot()
    )
    assert len({*digests, restricted.digest}) == len(varied) + 2


def test_rows_too_long_for_the_limit_are_cut_whole_and_counted(make, say):
    numbers = count()
    labels = " ".join("abcdefghijklmnopqrstuvwxyz"[:26])
    evidence = tuple(
        Evidence(
            record=Ref(source="gitlab", kind="x", id=str(next(numbers))),
            label=label,
            url=f"https://h/{'x' * 900}",
            observed="",
        )
        for label in labels.split()
    )
    wide = Text(en=labels * 3, zh=labels * 3)
    findings = [
        make.finding(label=f"PAY-{n}", says=wide, clears=wide, values=(), evidence=evidence) for n in range(3)
    ]
    comment = say(make.judged(findings))
    assert len(comment.body) <= BODY_LIMIT
    assert "and 3 more: 3 high" in comment.body
    assert "||Drift||" not in comment.body
    assert marked(comment.body) == ("payment-core-2.0", comment.digest)


def test_about_an_unknown_commitment_nothing_is_said(make, say):
    with pytest.raises(ValueError, match="unknown"):
        say(make.judged(health=Health.UNKNOWN))


def test_the_title_of_a_confidential_gitlab_issue_never_appears(make, say):
    secret = GitlabIssue(
        source="gitlab",
        id="9",
        project_id="11",
        reference="acme/pay#9",
        title="Buy the rival",
        state="opened",
        created_at=make.NOW,
        updated_at=make.NOW,
        url="https://git.example/acme/pay/-/issues/9",
        is_confidential=True,
    )
    world = make.world([secret], members={"payment-core-2.0": [secret]})
    (judged,) = judged_of(world, ())
    assert "rival" not in say(judged, told_of(make.judged())).body


def test_labels_become_links_only_where_they_stand_as_words():
    links = {"PAY-1": "https://j/1", "!4": "https://g/4"}
    assert linked("PAY-1, PAY-11, XPAY-1 and (!4, !41).", links) == (
        "[PAY-1|https://j/1], PAY-11, XPAY-1 and ([\\!4|https://g/4], \\!41)."
    )
    assert linked("a * b", {"": "https://x"}) == "a \\* b"


def test_a_source_that_was_never_read_has_no_line(make, say):
    assert "Read:" not in say(make.judged(reads=())).body


def test_a_label_that_two_records_share_is_not_linked_rather_than_linked_wrongly(make, say):
    twin = Evidence(
        record=Ref(source="gitlab", kind="merge_request", id="2"),
        label="!412",
        url="https://other",
        observed="",
    )
    body = say(make.judged([make.finding(evidence=(*make.finding().evidence, twin))])).body
    assert "[PAY-118|" in body
    assert "merge request \\!412 is still open (since" in body


def test_every_health_has_a_colour():
    assert set(module._COLOURS) == set(Health)


@pytest.mark.parametrize(("language", "words"), [("en", "acknowledged by"), ("zh", "已知悉")])
def test_an_acknowledged_finding_stays_in_the_comment_with_who_knows_of_it(make, language, words):
    ack = Acknowledged(fingerprint="f", owner="Li | Wei", severity=Severity.HIGH, at=make.NOW)
    known = make.finding(acknowledged=ack, state=State.ACKNOWLEDGED)
    body = comment_of(make.judged([known]), None, language=language, now=make.NOW, slot=make.slot()).body
    (row,) = [line for line in body.splitlines() if "*S01*" in line]
    assert words in row
    assert "Li | Wei" not in row
    assert (
        words
        not in comment_of(
            make.judged([make.finding()]), None, language=language, now=make.NOW, slot=make.slot()
        ).body
    )


def test_a_new_finding_and_an_open_one_read_the_same_and_a_flapping_one_does_not(make, say):
    bodies = {
        state: say(make.judged([make.finding(state=state)])).body
        for state in (State.NEW, State.OPEN, State.FLAPPING)
    }
    assert bodies[State.NEW] == bodies[State.OPEN]
    assert "comes and goes" in bodies[State.FLAPPING]


def test_what_another_finding_explains_is_said_with_its_cause_and_has_no_row(make, say):
    cause = make.finding("S09", Severity.CRITICAL)
    explained = make.finding("S01", explained_by=cause.fingerprint)
    body = say(make.judged([cause, explained])).body
    assert "*S01*" not in body
    assert "explains S01" in next(line for line in body.splitlines() if "*S09*" in line)
    assert "and 1 more" not in body


SAYS = Text(en="{issue} is Done, {mr} is open.", zh="{issue} 已完成，{mr} 未合并。")
MEANS = Text(en="{issue} is not in the product yet.", zh="{issue} 尚未进入产品。")


def spoken_row(make, audience, *, language="en", **voice):
    """What the one row of a comment says is wrong, without markup."""
    finding = make.finding(audience=audience, says=SAYS, means=MEANS)
    voice = Voice(language=language, **voice)
    body = comment_in(make.judged([finding]), None, voice=voice, now=make.NOW, slot=make.slot()).body
    row = next(line for line in body.splitlines() if line.startswith("|*"))
    return re.sub(r"\[([^|\]]+)\|[^\]]+\]", r"\1", row.replace("\\", "")).split("|")[2]


@pytest.mark.parametrize(
    ("audience", "vocabulary", "expected"),
    [
        ("technical", "both", "PAY-118 is Done, !412 is open (since 19 Nov 2026)"),
        ("technical", "engineering", "PAY-118 is Done, !412 is open (since 19 Nov 2026)"),
        ("engineering", "both", "PAY-118 is not in the product yet (since 19 Nov 2026)"),
        ("engineering", "technical", "PAY-118 is not in the product yet (since 19 Nov 2026)"),
        ("both", "technical", "PAY-118 is Done, !412 is open (since 19 Nov 2026)"),
        ("both", "engineering", "PAY-118 is not in the product yet (since 19 Nov 2026)"),
        (
            "both",
            "both",
            "PAY-118 is Done, !412 is open (since 19 Nov 2026). For delivery: PAY-118 is not in the product yet",
        ),
    ],
)
def test_each_row_speaks_in_the_words_of_who_is_to_act(make, audience, vocabulary, expected):
    assert spoken_row(make, Audience(audience), vocabulary=Audience(vocabulary)) == expected


def test_both_vocabularies_are_spoken_in_chinese_too(make):
    said = spoken_row(make, Audience.BOTH, language="zh")
    assert said == "PAY-118 已完成，!412 未合并（2026年11月19日起）。对交付而言：PAY-118 尚未进入产品"


def test_the_glossary_translates_what_engineering_reads_and_nothing_else(make):
    glossary = {"product": "shop [x]", "open": "never"}
    said = spoken_row(make, Audience.BOTH, glossary=glossary)
    assert said.startswith("PAY-118 is Done, !412 is open")
    assert said.endswith("For delivery: PAY-118 is not in the shop [x] yet")


def test_a_finding_that_means_nothing_for_delivery_says_what_it_says(make):
    judged = make.judged([make.finding(audience=Audience.BOTH), make.finding(audience=Audience.ENGINEERING)])
    assert "For delivery" not in comment_of(judged, None, language="en", now=make.NOW, slot=make.slot()).body


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_foot_names_every_way_to_quiet_a_drift(make, language):
    foot = comment_of(
        make.judged(), None, language=language, now=make.NOW, slot=make.slot()
    ).body.splitlines()[-1]
    assert all(way in foot for way in ("tandem ack", "tandem suppress", "suppressions"))
