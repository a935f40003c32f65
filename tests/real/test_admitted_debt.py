"""Admitted debt in texts of real projects that were labelled by hand: F1 on projects never seen, and the packed model against its texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from mappings.admitted import train
from mappings.admitted.evaluation import accuracy_of, cross_validated, kind_accuracy_of
from mappings.admitted.learning import model_of
from mappings.admitted.model import packed

FOLDER = Path(__file__).parents[3] / "shared" / "data" / "satd"

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="the labelled texts (../shared/data/satd beside the checkout) are absent"
)


@pytest.fixture(scope="module")
def labelled():
    """2,386 commit messages and 1,696 texts of merge requests."""
    return train.read(FOLDER / "commit_messages.csv.gz", FOLDER / "pull_requests.csv.gz")


def test_debt_is_found_in_projects_that_were_never_seen(labelled, tell):
    tried = cross_validated(labelled, folds=10)
    assert len(tried) == len(labelled) == 4082
    found = {about: accuracy_of(tried, about) for about in ("commit", "merge_request")}
    kinds = kind_accuracy_of(tried)
    scores = ", ".join(
        f"{about} F1 {one.f1:.3f} (precision {one.precision:.3f}, recall {one.recall:.3f})"
        for about, one in found.items()
    )
    tell(
        f"admitted debt, 10 folds by project: {scores}; kind micro {kinds.micro:.3f}, macro {kinds.macro:.3f}"
    )
    assert found["commit"].f1 >= 0.60
    assert found["merge_request"].f1 >= 0.50


def test_the_packed_model_is_the_one_that_these_texts_give(labelled):
    learned, kept = model_of(labelled), packed()
    assert kept.kinds == learned.kinds
    assert kept.thresholds == pytest.approx(learned.thresholds, abs=0.001)
    assert set(kept.debt.weights) == set(learned.debt.weights)
    for ours, theirs in ((kept.debt, learned.debt), (kept.kind, learned.kind)):
        for feature, row in theirs.weights.items():
            assert ours.weights[feature] == pytest.approx(row, abs=0.001), feature
