"""Mapping text: the mapping file that describes the company, commented as one would keep it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from connectors.sandbox.world import drift_dates as dates
from connectors.sandbox.world.cast import ACCEPTED
from connectors.sandbox.world.drift_debt import LEGACY, RETIRED
from connectors.sandbox.world.drift_scope import BASELINE_DAYS, small_milestones
from connectors.sandbox.world.people import PEOPLE
from connectors.sandbox.world.programmes import MES, RISK, due_on
from connectors.sandbox.world.truth import Flavour
from connectors.sandbox.world.workdays import exchanged, holidays, maintenance_stop
from connectors.sandbox.world.workshop import Workshop

PLATFORM_SLOT = 6
"""Number of the IMP epic that carries the comment of Platform 5.1."""

_BEGIN = """\
# Nova Industries / 新星工业: what belongs to which milestone, and who answers for it.
version: 1
language: en

sources:
  jira:
    - name: jira
      projects: [IMP, RISK]
      fields:
        story_points: Story Points
        sprint: Sprint{epic_link}
        others: [Accepted until, Deferred features, Modules]
  gitlab:
    - name: gitlab
      groups: [nova]
      # Where files may be read for TODO comments.
      todos: [{{project: nova/mes/line-gateway, path: src}}, {{project: nova/risk/engine, path: src}}]

# One person, both tools.
people:
{people}

calendar:
  zone: Asia/Shanghai
  # public holidays, and the yearly maintenance stop of the plant
  holidays:
{holidays}
  # weekend days worked in exchange
  workdays: [{workdays}]

vocabulary:
  statuses:
    In Review: in_review
    Won't Do: dropped
  code_types: [Story, Bug, Task, Improvement, Technical Debt]
  bots: [renovate]

# Beside the owners, these may move dates and versions.
planners: [Zhang Min 张敏, Emma Larsen]

# New debt in here is a matter for everybody.
core:
  - {{project: nova/risk/engine, prefix: src/kernel}}

milestones:
  - key: mes-core-2.0
    title: MES core 2.0
    due: {mes_due}
    baseline_on: {today}
    exit_criteria: [All lines run a week without a stop, Operators have signed off]
    technical_owner: Li Wei 李伟
    engineering_owner: Zhang Min 张敏
    scope:
      # the release candidate was archived; what was in it counts
      fix_version: [MES core 2.0, MES core 2.0 RC]
    slot: {{issue: IMP-1}}
    repositories: [nova/mes/line-gateway, nova/mes/scheduler]

  - key: risk-engine-1.4
    title: Risk engine 1.4
    due: {risk_due}
    baseline_on: {today}
    exit_criteria: [Decisions within 50 ms at peak, Auditors have signed off]
    technical_owner: Liu Yang 刘洋
    engineering_owner: Emma Larsen
    scope:
      any:
        - fix_version: Risk engine 1.4
        - epic: RISK-1
    slot: {{issue: RISK-1}}
"""
_DISCOVERED = """
  # Versions still open become milestones by themselves.
  - from: jira_versions
    where: {{project: IMP, name: "^Line portal"}}
    technical_owner: Zhou Qiang 周强
    engineering_owner: Zhang Min 张敏
    slot: {{issue: IMP-2}}

  - from: jira_versions
    where: {{project: IMP, name: "^Line vision"}}
    technical_owner: Wang Fang 王芳
    engineering_owner: Zhang Min 张敏
    overrides:
      Line vision 0.1: {{due: {vision_due}, slot: {{issue: IMP-5}}}}

  - from: jira_versions
    where: {{project: RISK, name: "^Feature store"}}
    technical_owner: Priya Nair
    engineering_owner: Emma Larsen
    overrides:
      Feature store 2.1: {{due: {features_due}, slot: {{issue: RISK-2}}}}

  # Kept for the record after its release.
  - from: jira_versions
    where: {{project: IMP, name: "^Pilot line", open_only: false}}
    overrides:
      Pilot line 1.0: {{due: {pilot_due}, slot: {{issue: IMP-4}}}}

  # Epics labelled as milestones; the epic's assignee answers for the engineering side.
  - from: jira_epics
    where: {{project: IMP, label: milestone}}
    technical_owner: Wang Fang 王芳
    owners_from: assignee

  # The platform team plans in GitLab.
  - from: gitlab_milestones
    where: {{project: nova, name: "^Platform"}}
    engineering_owner: Emma Larsen
    overrides:
      Platform 5.1: {{due: {platform_due}, slot: {{issue: IMP-{platform_slot}}}}}
"""
_PORTAL = """
  # Versions still open become milestones by themselves.
  - from: jira_versions
    where: {{project: IMP, name: "^Line portal"}}
    technical_owner: Zhou Qiang 周强
    engineering_owner: Zhang Min 张敏
    overrides:
      Line portal 3.2: {{due: {portal_due}, slot: {{issue: IMP-2}}}}
"""
_DEBT = """
debt:
  # The register: every issue with the label, its entries in custom fields.
  - from: jira
    label: tech-debt
    owners_from: null
    technical_owner: Li Wei 李伟
    engineering_owner: Zhang Min 张敏
    fields:
      accepted_until: Accepted until
      deferred_features: Deferred features
      modules: Modules
"""
_NAMED_DEBT = """\
  - key: legacy-fieldbus
    issue: IMP-{legacy}
    technical_owner: Chen Jie 陈杰
    reason: No supplier maintains the stack any more.
  - key: paper-handover
    issue: IMP-{retired}
    reason: Kept until the tablets arrived.
"""
_END = """
suppressions:
  - rule: S04
    record: IMP-{accepted}
    reason: The formats live in the ERP team's own tracker until the migration.
    owner: Zhang Min 张敏
    until: {accepted_until}
  - rule: S07
    commitment: mes-core-2.0
    reason: The team is on the shop floor for the ramp-up.
    owner: Zhang Min 张敏
    until: {expired}
  - rule: R01
    commitment: risk-engine-1.4
    reason: Milestones are being renamed.
    owner: Emma Larsen
    until: {expired}

write:
  enabled: true
  max_writes_per_run: 100
"""
_FULL = _BEGIN + "{small_milestones}" + _DISCOVERED + _DEBT + _NAMED_DEBT + _END
_SMALL = _BEGIN + "{small_milestones}" + _PORTAL + _DEBT + _END


_SMALL_MILESTONE = """
  - key: {key}
    title: {title}
    technical_owner: {owner}
    engineering_owner: {owner}
    baseline_on: {baseline}
    branches: [main]
    scope:
      any:
        - fix_version: {title}
        - gitlab_milestone: {title}
    slot: {{issue: {project}-{first}}}
"""


def _small_ones(shop: Workshop) -> str:
    baseline = due_on(shop, BASELINE_DAYS)
    return "".join(
        _SMALL_MILESTONE.format(
            key=s.key, title=s.title, owner=s.owner, baseline=baseline, project=s.project, first=s.first
        )
        for s in small_milestones(shop)
    )


def mapping_text(shop: Workshop, flavour: Flavour) -> str:
    """The mapping for the company that ``shop`` made, for the given Jira product."""
    stop = maintenance_stop(shop.anchor)
    off = sorted({*holidays(shop.anchor), *stop})
    people = (
        f"  - {{name: {p.name}, jira: '{p.jira_id(flavour)}', gitlab: {p.login}{'' if p.is_active else ', active: false'}}}"
        for p in PEOPLE
    )
    return (_SMALL if shop.is_small else _FULL).format(
        epic_link="" if flavour == "cloud" else "\n        epic_link: Epic Link",
        people="\n".join(people),
        holidays="\n".join(f"    - {day}" for day in off),
        workdays=_listed(day for day in exchanged(shop.anchor) if day not in stop),
        small_milestones=_small_ones(shop),
        today=due_on(shop, 0),
        expired=due_on(shop, dates.EXPIRED_DAYS),
        mes_due=due_on(shop, MES.due_days or 0),
        risk_due=due_on(shop, RISK.due_days or 0),
        vision_due=due_on(shop, dates.VISION_DUE),
        features_due=due_on(shop, dates.FEATURES_DUE),
        pilot_due=due_on(shop, dates.PILOT_DUE),
        portal_due=due_on(shop, dates.PORTAL_DUE),
        platform_due=due_on(shop, dates.PLATFORM_DUE),
        platform_slot=PLATFORM_SLOT,
        legacy=LEGACY,
        retired=RETIRED,
        accepted=ACCEPTED,
        accepted_until=due_on(shop, 21),
    )


def _listed(days: Iterable[date]) -> str:
    return ", ".join(map(str, days))
