"""Suppression: which findings are accepted for a time, by the mapping or by command; both mean the same."""

from __future__ import annotations

from connectors.records import Issue, MergeRequest, Ref
from mappings.calendar import Calendar
from mappings.drift_options import SuppressionSpec
from sync.core.finding import Finding, Suppressed
from sync.core.world import World


def suppressions_in(world: World) -> tuple[SuppressionSpec, ...]:
    """All suppressions, expired ones too: the mapping's, then those made by command."""
    return (*world.spec.suppressions, *world.condition.suppressions)


def suppressed_of(world: World, finding: Finding) -> Suppressed | None:
    """Why the finding is quiet today, None if it is not. Of several suppressions the one that lasts longest counts.

    ``until`` is the last quiet day in the calendar's zone.
    """
    today = Calendar(world.spec.calendar).day_of(world.now)
    valid = [s for s in suppressions_in(world) if s.until >= today and is_about(world, finding, s)]
    if not valid:
        return None
    longest = max(valid, key=lambda s: s.until)
    return Suppressed(reason=longest.reason, owner=longest.owner, until=longest.until)


def about_of(spec: SuppressionSpec) -> str:
    """What a suppression is about, in words: ``rule S01, path acme/pay``."""
    named = {name: getattr(spec, name) for name in ("rule", "commitment", "record", "path")}
    return ", ".join(f"{name} {value}" for name, value in named.items() if value)


def is_about(world: World, finding: Finding, spec: SuppressionSpec) -> bool:
    """True if all that the suppression names fits the finding, whether or not it has expired."""
    return (
        spec.rule in {None, finding.rule}
        and spec.commitment in {None, finding.commitment_key}
        and (spec.record is None or _is_named(world, finding.subject, spec.record))
        and (spec.path is None or _is_below(world, finding, spec.path))
    )


def _is_below(world: World, finding: Finding, path: str) -> bool:
    """True if there is GitLab evidence and all of it lies in or below ``path``: what else a finding rests on nobody has accepted."""
    prefix = path.strip("/").casefold()
    paths = {found for e in finding.evidence if (found := _path_of(world, e.record))}
    return bool(paths) and all(p == prefix or p.startswith(f"{prefix}/") for p in paths)


def _path_of(world: World, ref: Ref) -> str:
    """The path of the project that a record is or lies in, folded; empty for a record of no GitLab project."""
    record = world.observed.by_ref.get(ref)
    project_id = ref.id if ref.kind == "project" else getattr(record, "project_id", None)
    project = world.observed.project.get((ref.source, project_id)) if project_id else None
    return project.path.casefold() if project else ""


def _is_named(world: World, subject: Ref, name: str) -> bool:
    """True if ``name`` is the subject's issue key, present or former, or its merge request as ``group/project!12``."""
    if gone := world.observed.gone_by_ref.get(subject):
        return gone.issue.key == name
    match world.observed.by_ref.get(subject):
        case Issue() as issue:
            return world.observed.issue_by_key.get(name) == issue
        case MergeRequest() as request:
            project = world.observed.project.get((request.source, request.project_id))
            return project is not None and name.casefold() == f"{project.path}{request.reference}".casefold()
        case _:
            return False
