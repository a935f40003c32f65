"""A replayed run as people and programs read it: verdicts, status, drift, plan, and whether it is what was recorded."""

from __future__ import annotations

import json
from collections.abc import Iterator

from rich.console import Group, RenderableType

from sync.core.plan_json import to_json
from sync.recordings.replaying import Replay
from sync.reports import drift, plan, status
from sync.reports.words import counted, safe
from sync.version import version

_NAMED = 10


def view_of(replay: Replay) -> RenderableType:
    """What was read, how commitments stand, what drifts, what would be written, and the comparison as the last line."""
    judging = replay.judging
    return Group(
        *_verdict_lines(replay),
        status.table_of(judging.judged),
        drift.view_of(drift.report_of(judging.world, judging.judgement.findings)),
        "",
        plan.view_of(replay.plan),
        "",
        *_missing_lines(replay),
        *_comparison(replay),
    )


def _verdict_lines(replay: Replay) -> Iterator[str]:
    verdicts = replay.outcome.verdicts
    complete = sum(v.is_complete for v in verdicts)
    yield f"[bright_black]read  {complete} of {counted(len(verdicts), 'scope')} completely, from the recording[/]"
    for v in verdicts:
        if not v.is_complete:
            yield f"[red]unknown[/]  {safe(str(v.scope))}: {safe(v.reason)}"


def _missing_lines(replay: Replay) -> Iterator[str]:
    for request in replay.missing[:_NAMED]:
        yield f"[red]not in the recording[/]  {safe(request)}"
    if len(replay.missing) > _NAMED:
        yield f"[red]not in the recording[/]  and {len(replay.missing) - _NAMED} more"


def _comparison(replay: Replay) -> Iterator[str]:
    made, here = replay.manifest.tandem, version()
    if replay.mapping:
        yield f"Judged by {safe(str(replay.mapping))}, so the plan is not compared with the recorded one."
    elif replay.manifest.plan_basis is None:
        yield f"The recorded run did not come to its end ({safe(replay.manifest.error or 'it was killed')}): there is no plan to compare with."
    elif not replay.differences:
        yield f"[green]The same plan as recorded[/] (basis {replay.plan.basis})."
    else:
        for difference in replay.differences:
            yield f"[red]differs[/]  {safe(difference)}"
        yield f"Recorded by Tandem {safe(made)}, replayed by Tandem {here}."


def document_of(replay: Replay) -> dict[str, object]:
    """The replay as a JSON document; ``is_same`` is None where there is nothing to compare."""
    manifest, judging = replay.manifest, replay.judging
    is_compared = replay.mapping is None and manifest.plan_basis is not None
    world = judging.world
    return {
        "recorded_by": manifest.tandem,
        "replayed_by": version(),
        "command": manifest.command,
        "started_at": manifest.started_at.isoformat(),
        "judged_at": world.now.isoformat(),
        "is_same": not replay.differences if is_compared else None,
        "differences": list(replay.differences),
        "basis": {"recorded": manifest.plan_basis, "replayed": replay.plan.basis},
        "missing": list(replay.missing),
        "verdicts": [
            {"scope": str(v.scope), "completeness": v.completeness, "reason": v.reason}
            for v in replay.outcome.verdicts
        ],
        "status": status.document_of(judging.judged, judging),
        "drift": drift.document_of(drift.report_of(world, judging.judgement.findings)),
        "plan": json.loads(to_json(replay.plan)),
    }
