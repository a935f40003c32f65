"""The mapping names something that is not there any more.

What drifts: the mapping and the tools. A version, GitLab milestone, GitLab project, path to be read for TODOs or issue that the mapping names was renamed, moved or deleted, or is misspelt.
Why it matters: what is named wrong matches nothing, so a commitment loses its work, its date or its comment without any error.
Stays quiet: while a source that could hold the name was not completely read, and for names that are only words (labels, components, types, statuses: nobody
need have used them yet). A whole project that cannot be read is X01, and what it may hold is not reported here again; a custom field that is gone ends the reading
with an error of its own.
Clears when the mapping names what exists, or the thing is restored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from connectors.port import Verdict
from mappings.commitments import Commitment
from mappings.schema import GitlabSource, JiraSource, MappingSpec
from mappings.unmatched import Named, Unmatched, unmatched
from sync.core.drift import evidence
from sync.core.drift.rule import Options, Rule
from sync.core.finding import Audience, Drift, Evidence, Severity
from sync.core.language import Text
from sync.core.world import World

_JIRA: Mapping[Named, str] = {Named.VERSION: "versions", Named.ISSUE: "issues"}
"""The stream that reads such things, for those of Jira."""

_SAYS: Mapping[Named, Text] = {
    Named.VERSION: Text(
        en="The mapping names the version {name}, which no Jira project has",
        zh="映射文件中的版本 {name} 在 Jira 中不存在",
    ),
    Named.MILESTONE: Text(
        en="The mapping names the GitLab milestone {name}, which does not exist",
        zh="映射文件中的 GitLab 里程碑 {name} 不存在",
    ),
    Named.PROJECT: Text(
        en="The mapping names the GitLab project {name}, which does not exist under this path or cannot be seen",
        zh="映射文件中的 GitLab 项目 {name} 在该路径下不存在或不可见",
    ),
    Named.PATH: Text(
        en="The mapping names the path {name}, which the default branch does not have",
        zh="映射文件中的路径 {name} 在默认分支上不存在",
    ),
    Named.ISSUE: Text(
        en="The mapping names the issue {name}, which does not exist or cannot be seen",
        zh="映射文件中的工作项 {name} 不存在或不可见",
    ),
}


def _find(world: World, commitment: Commitment | None, options: Options) -> Iterable[Drift]:  # noqa: ARG001  # the rule's signature
    by_name: defaultdict[tuple[Named, str], list[Unmatched]] = defaultdict(list)
    for one in unmatched(world.spec, world.observed):
        by_name[one.named, one.name].append(one)
    for (named, name), places in by_name.items():
        scopes = _could_hold(world, named)
        if _are_read(world.spec, named, scopes):
            yield _drift(named, name, places, scopes=len(scopes))


def _could_hold(world: World, named: Named) -> tuple[Verdict, ...]:
    """The verdicts on every scope in which such a thing could be. A closed GitLab group shows in any of its streams, so all of them count."""
    sites = {site.name for site in _sites(world.spec, named)}
    verdicts = (v for v in world.observed.verdicts if v.scope.source in sites)
    if named not in _JIRA:
        return tuple(verdicts)
    return tuple(v for v in verdicts if v.scope.holds(_JIRA[named]))


def _are_read(spec: MappingSpec, named: Named, scopes: tuple[Verdict, ...]) -> bool:
    """True if every part that the mapping wants read has been, and to its end: one that was added a minute ago has not."""
    wanted = {(s.name, str(part)) for s in _sites(spec, named) for part in _parts(s)}
    is_asked = bool(scopes) and wanted <= {(v.scope.source, v.scope.partition) for v in scopes}
    return is_asked and all(v.is_complete for v in scopes)


def _sites(spec: MappingSpec, named: Named) -> tuple[JiraSource | GitlabSource, ...]:
    return spec.sources.jira if named in _JIRA else spec.sources.gitlab


def _parts(site: JiraSource | GitlabSource) -> Iterable[object]:
    """What a site is read by, as far as scopes go by the same name: GitLab's groups go by path and its projects by number, however the mapping names them."""
    if isinstance(site, JiraSource):
        return site.projects
    return (group for group in site.groups if not str(group).isdecimal())


def _drift(named: Named, name: str, places: list[Unmatched], *, scopes: int) -> Drift:
    paths = evidence.joined(one.path for one in places)
    subject = evidence.mapping_ref(named, name)
    observed = f"named at {paths}: {places[0].says}"
    return Drift(
        subject=subject,
        since=None,
        values=(("name", name), ("places", paths)),
        evidence=(Evidence(record=subject, label=name, url="", observed=observed),),
        trace=(
            evidence.held(f"the mapping names a {named.value}", f"{name} at {paths}"),
            evidence.held("every scope that could hold it was completely read", f"{scopes} scopes"),
            evidence.held("nothing there has this name", places[0].says),
        ),
        says=_SAYS[named],
    )


RULE = Rule(
    code="X04",
    title=Text(en="Mapping names what is not there", zh="映射文件引用的对象不存在"),
    severity=Severity.HIGH,
    audience=Audience.OPERATOR,
    says=Text(en="The mapping names {name}, which does not exist", zh="映射文件中的 {name} 不存在"),
    clears=Text(
        en="Correct {places} in the mapping, or restore {name}", zh="修正映射文件中的 {places}，或恢复 {name}"
    ),
    explained_by=frozenset({"L06"}),  # restoring the issue, or taking it out of the mapping, clears both
    find=_find,
    is_global=True,
)
