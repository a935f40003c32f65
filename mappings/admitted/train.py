"""The command that learns the model from labelled texts: ``python -m mappings.admitted.train COMMITS.csv.gz TEXTS.csv.gz --out FILE [--evaluate]``.

Both files are CSV with a head line and the columns project, text and classification (``non_debt`` or ``code_debt``, ``design_debt`` ..), packed or not.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import io
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from mappings.admitted.evaluation import cross_validated, lines_of
from mappings.admitted.learning import Labelled, model_of
from mappings.admitted.model import About, DebtKind, document_of
from mappings.admitted.words import features_of

_PACKED = b"\x1f\x8b"


def labelled_in(path: Path, about: About) -> Iterator[Labelled]:
    """The texts of one file in its order. Raises ValueError for a classification that is no kind of debt."""
    held = path.read_bytes()
    text = (gzip.decompress(held) if held.startswith(_PACKED) else held).decode("utf-8")
    for row in csv.DictReader(io.StringIO(text, newline="")):
        label = row["classification"]
        yield Labelled(
            project=row["project"],
            about=about,
            kind=None if label == "non_debt" else DebtKind(label.removesuffix("_debt")),
            features=frozenset(features_of(row["text"])),
        )


def read(commits: Path, texts: Path) -> tuple[Labelled, ...]:
    """The commit messages and the texts of merge requests from their files."""
    return (*labelled_in(commits, "commit"), *labelled_in(texts, "merge_request"))


def main(arguments: Sequence[str] | None = None) -> None:
    """Learn, write the model where ``--out`` says, and print the cross-validated table where ``--evaluate`` asks for it."""
    parser = argparse.ArgumentParser(prog="python -m mappings.admitted.train", description=main.__doc__)
    parser.add_argument("commits", type=Path, help="labelled commit messages, .csv or .csv.gz")
    parser.add_argument("texts", type=Path, help="labelled texts of merge requests, .csv or .csv.gz")
    parser.add_argument("--out", type=Path, help="where the model is written")
    parser.add_argument("--evaluate", action="store_true", help="print precision, recall and F1 by project")
    parser.add_argument("--folds", type=int, default=10, help="folds of the evaluation (10)")
    given = parser.parse_args(arguments)
    labelled = read(given.commits, given.texts)
    if given.evaluate:
        for line in lines_of(cross_validated(labelled, folds=given.folds)):
            sys.stdout.write(line + "\n")
    if given.out:
        given.out.write_text(document_of(model_of(labelled)), encoding="utf-8")


if __name__ == "__main__":
    main()
