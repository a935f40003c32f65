"""Debt that admits itself: commit messages and texts of merge requests that speak of technical debt, and TODO comments in files.

A logistic regression over the words of a text and over groups of words that people use about debt (``signs``) tells debt from none; a second one names
the kind. It was learned from texts labelled by hand (yikun-li/satd-different-sources-data, MIT licence, half of its projects): 2,386 commit messages, and
1,696 titles, descriptions, comments and reviews of merge requests, of 52 projects, 559 of them debt.

Cross validation over ten groups of projects, thresholds chosen without the tested group (``python -m mappings.admitted.train .. --evaluate``):

| what is looked at | F1 commits | F1 merge requests |
|---|---|---|
| words and signs | 0.687 (precision 0.667, recall 0.709) | 0.642 (0.568, 0.737) |
| words alone | 0.639 | 0.584 |
| signs alone | 0.575 | 0.574 |

Pairs of words, parts of words, the first word, the length and the first line's words changed the first row by no more than chance. The signs were written
after reading debt of every second of these projects; on the others F1 is 0.642 and 0.616. Titles and descriptions alone, which is what a merge request
brings here, reach 0.60 (468 texts, 38 of them debt). The kind, given that it is debt, is right for 72 of 100 texts; the mean over kinds is 0.51, for
requirement and architecture debt are hardly ever recognised (15 examples) and defect debt never (no example). Probabilities are about right: of the texts
between 0.5 and 0.6, 59 of 100 admit debt.
"""

from mappings.admitted.candidates import Candidate, candidates_of
from mappings.admitted.model import About, DebtKind
from mappings.admitted.todos import TodoCandidate, todo_candidates_of
from mappings.admitted.verdict import Admission, admission_of

__all__ = [
    "About",
    "Admission",
    "Candidate",
    "DebtKind",
    "TodoCandidate",
    "admission_of",
    "candidates_of",
    "todo_candidates_of",
]
