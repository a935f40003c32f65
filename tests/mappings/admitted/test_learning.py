"""Learning on small made-up texts, and the file that keeps what was learned."""

from __future__ import annotations

import gzip

import pytest

from mappings.admitted import train
from mappings.admitted.evaluation import Tried, accuracy_of, cross_validated, kind_accuracy_of
from mappings.admitted.fitting import Row, logistic_weights
from mappings.admitted.folds import folds_of
from mappings.admitted.learning import Labelled, best_threshold, model_of
from mappings.admitted.model import DebtKind, document_of, packed, parsed

pytestmark = pytest.mark.pure


def labelled(project, about="commit", kind=None, features="plain"):
    return Labelled(project=project, about=about, kind=kind, features=frozenset(features.split()))


def small_world():
    """Ten projects that each admit code debt with "messy", test debt with "flaky", and none otherwise; one word is each project's own."""
    return [
        labelled(f"p{n}", about, kind, f"{words} own{n}")
        for n in range(10)
        for about in ("commit", "merge_request")
        for kind, words in (
            (DebtKind.CODE, "messy code"),
            (DebtKind.TEST, "flaky code"),
            (None, "add code"),
            (None, "new page"),
            (None, "add page"),
        )
    ]


def test_words_that_go_with_debt_are_learned_and_judged_rightly_in_projects_never_seen():
    tried = cross_validated(small_world(), folds=5)
    assert len(tried) == 100
    assert [accuracy_of(tried, about).f1 for about in ("commit", "merge_request")] == [1.0, 1.0]
    assert kind_accuracy_of(tried).macro == 1.0


def test_a_word_of_one_project_alone_is_not_learned():
    model = model_of(small_world())
    assert "messy" in model.debt.weights
    assert not any(feature.startswith("own") for feature in model.debt.weights)


def test_only_kinds_that_were_shown_are_ever_named():
    assert model_of(small_world()).kinds == (DebtKind.CODE, DebtKind.TEST)


def test_the_same_texts_give_the_same_model_and_it_survives_its_file():
    text = document_of(model_of(small_world()))
    assert document_of(model_of(small_world())) == text
    assert document_of(parsed(text)) == text


def test_folds_share_no_project_and_test_each_text_once():
    texts = small_world()
    tested = []
    for train_, test in folds_of(texts, 3):
        assert {t.project for t in train_} & {t.project for t in test} == set()
        assert len(train_) + len(test) == len(texts)
        tested += test
    assert sorted(map(repr, tested)) == sorted(map(repr, texts))


def test_the_threshold_is_the_lowest_probability_that_belongs_to_the_best_f1():
    assert best_threshold([(0.9, True), (0.7, False), (0.6, True), (0.2, False)]) == 0.6
    assert best_threshold([(0.9, False)]) == 0.5
    assert best_threshold([]) == 0.5


def test_fitting_gives_the_minimum_of_the_regularised_loss():
    """At the minimum each weight equals the sum of its rows' pulls: cost x value x sign x probability of a mistake."""
    from math import exp  # noqa: PLC0415

    rows = [
        Row(features=(0,), value=1.0, is_positive=True, cost=2.0),
        Row(features=(0, 1), value=0.5, is_positive=False, cost=2.0),
        Row(features=(1,), value=1.0, is_positive=False, cost=1.0),
    ]
    weights, bias = logistic_weights(rows, 2)
    pulls = []
    for row in rows:
        sign = 1 if row.is_positive else -1
        margin = sign * (row.value * sum(weights[f] for f in row.features) + bias)
        pulls.append(row.cost * sign / (1 + exp(margin)))
    assert weights[0] == pytest.approx(pulls[0] + 0.5 * pulls[1], abs=0.02)
    assert weights[1] == pytest.approx(0.5 * pulls[1] + pulls[2], abs=0.02)
    assert bias == pytest.approx(sum(pulls), abs=0.02)


def test_accuracy_counts_hits_false_alarms_and_misses():
    def tried(is_debt, said, about="commit"):
        text = labelled("p", about, DebtKind.CODE if is_debt else None)
        return Tried(text=text, probability=0.5, is_debt=said, kind=DebtKind.TEST)

    found = accuracy_of(
        [
            tried(True, True),
            tried(True, False),
            tried(False, True),
            tried(False, False),
            tried(True, True, "x"),
        ],
        "commit",
    )
    assert (found.hits, found.false_alarms, found.missed) == (1, 1, 1)
    assert (found.precision, found.recall, found.f1) == (0.5, 0.5, 0.5)
    assert kind_accuracy_of([tried(True, True)]).micro == 0.0


def test_accuracy_over_nothing_is_zero():
    assert accuracy_of([], "commit").f1 == 0.0
    assert kind_accuracy_of([]).macro == 0.0


def test_the_command_writes_a_model_and_prints_the_table(tmp_path, capsys):
    commits, texts, out = tmp_path / "c.csv.gz", tmp_path / "t.csv", tmp_path / "m.json"
    lines = ["project,text,classification"]
    for n in range(6):
        lines += [
            f'p{n},"messy, unused code",code_debt',
            f"p{n},flaky test,test_debt",
            f"p{n},new page,non_debt",
        ]
    commits.write_bytes(gzip.compress("\n".join(lines).encode()))
    texts.write_text("\n".join(lines), encoding="utf-8")
    train.main([str(commits), str(texts), "--out", str(out), "--evaluate", "--folds", "3"])
    table = capsys.readouterr().out.splitlines()
    assert table[1].split() == ["commit", "18", "12", "1.000", "1.000", "1.000"]
    assert table[2].split() == ["merge_request", "18", "12", "1.000", "1.000", "1.000"]
    assert parsed(out.read_text(encoding="utf-8")).kinds == (DebtKind.CODE, DebtKind.TEST)


def test_a_classification_that_is_no_kind_of_debt_is_refused(tmp_path):
    file = tmp_path / "c.csv"
    file.write_text("project,text,classification\np,words,moral_debt\n", encoding="utf-8")
    with pytest.raises(ValueError, match="moral"):
        list(train.labelled_in(file, "commit"))


def test_the_packed_model_is_small_and_whole():
    model = packed()
    assert len(document_of(model).encode()) < 600_000
    assert all(0 < threshold < 1 for threshold in model.thresholds)
    assert {len(row) for row in model.kind.weights.values()} == {len(model.kinds)}
