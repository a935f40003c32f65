"""Where Tandem's GitLab records differ from DevLake's tables by choice: record, column, both values, and why."""

from __future__ import annotations

from tests.real.compared import PRESENCE, Difference

_NOT_LANDED = "the vendor gives none, for nothing landed; the table fills in the head of the source branch"
_CANCELED = "canceled tells nothing about the code: no rule counts it as a failure, nor as a success"
_NO_WORD = "GitLab has no such word for a deployment; a word that the vocabulary does not name is neither passed nor failed"

REQUESTS = (
    Difference(
        record="114994501",
        column="merge_commit_sha",
        ours=None,
        theirs="8a8587ff3685544e4c1e9f96f9092f026ddefb01",
        reason=_NOT_LANDED,
    ),
    Difference(
        record="145012495",
        column="merge_commit_sha",
        ours=None,
        theirs="e8730e17bb809c3dd0fa8ceeb83c12798477bf94",
        reason=_NOT_LANDED,
    ),
    Difference(
        record="145012495",
        column="is_draft",
        ours=True,
        theirs=False,
        reason="the vendor says draft, and so does the vendor-near table; the neutral one was written without that column",
    ),
)
JOBS = (Difference(record="90", column="result", ours=None, theirs="FAILURE", reason=_CANCELED),)
DEPLOYMENTS = (
    Difference(record="13432654", column="result", ours=None, theirs="SUCCESS", reason=_NO_WORD),
    Difference(record="13436532", column="result", ours=None, theirs="FAILURE", reason=_CANCELED),
)
ROUNDS = tuple(
    Difference(
        record=id_,
        column="review_rounds",
        ours=1,
        theirs=0,
        reason="the table stands as it was before rounds were counted: 0 in every row, where even what nobody remarked on has one round",
    )
    for id_ in (
        "35841926",
        "53627854",
        "55146687",
        "58311001",
        "65505080",
        "89243644",
        "110817220",
        "114994501",
        "145012495",
    )
)
COMMENTS = tuple(
    Difference(
        record=id_,
        column=PRESENCE,
        ours=False,
        theirs=True,
        reason="GitLab's own line about an approval; to us approvals are records of their own and no remark",
    )
    for id_ in ("135223089", "137424744")
)
