"""A believable company inside the sandbox: Nova Industries, with two programmes, their history of nine months, and planted drift."""

from __future__ import annotations

from datetime import UTC, datetime
from types import MappingProxyType

from connectors.sandbox.state import GitlabState, JiraState, Sandbox
from connectors.sandbox.world import (
    actors,
    drift_dates,
    drift_debt,
    drift_flow,
    drift_links,
    drift_register,
    drift_releases,
    drift_reviews,
    drift_scope,
    drift_todos,
    drift_waiting,
    gitlab_site,
    jira_site,
    programmes,
)
from connectors.sandbox.world.cast import planted
from connectors.sandbox.world.clock import Clock
from connectors.sandbox.world.mapping_text import mapping_text
from connectors.sandbox.world.repositories import PROJECT_IDS
from connectors.sandbox.world.truth import Company, Flavour, Planted, Size
from connectors.sandbox.world.workshop import Workshop

__all__ = ["Clock", "Company", "Flavour", "Planted", "Size", "company"]


def company(anchor: datetime, *, seed: int = 7, flavour: Flavour = "cloud", size: Size = "full") -> Company:
    """The company as it stands at ``anchor``; nothing in it is younger. The same arguments give the same company.

    A ``full`` one has drift of every rule. A ``small`` one has drift of the rules that people meet most in five commitments, a quarter of the issues and three
    GitLab projects; scenes about other projects cannot be played in it. Times are cut to whole seconds. Raises ``ValueError`` for a naive ``anchor``.
    """
    if anchor.tzinfo is None:
        raise ValueError("the anchor must be an aware instant")
    now = anchor.astimezone(UTC).replace(microsecond=0)
    shop = Workshop(now, seed, size)
    _plan(shop)
    clock = Clock(now)
    jira = JiraState(clock=clock.now, flavour=flavour)
    gitlab = GitlabState(clock=clock.now)
    gitlab_site.fill(gitlab, shop)
    jira_site.fill(jira, shop)
    return Company(
        anchor=now,
        flavour=flavour,
        clock=clock,
        sandbox=Sandbox(jira=jira, gitlab=gitlab),
        mapping=mapping_text(shop, flavour),
        truth=shop.marks(are_planted=True),
        decoys=shop.marks(are_planted=False),
        issues=MappingProxyType({name: item.id for name, item in shop.issues.items()}),
        requests=MappingProxyType({n: (PROJECT_IDS[c.repository], c.iid) for n, c in shop.requests.items()}),
    )


def _plan(shop: Workshop) -> None:
    """Everything that ever happened, as a plan: cast first, then numbers, then the stories told."""
    programmes.epics(shop)
    open_in = planted(shop)
    drift_debt.register(shop, open_in)
    actors.cast(shop)
    programmes.ordinary(shop)
    shop.number()
    shop.tell_all()
    drift_links.untracked(shop)
    drift_links.tolerated(shop)
    drift_links.misspelt(shop)
    drift_links.release_train(shop)
    drift_links.housekeeping(shop)
    if not shop.is_small:
        with shop.apart():
            drift_flow.flowing(shop)
            drift_reviews.reviewed(shop)
            drift_scope.scoped(shop)
            drift_register.registered(shop)
            drift_waiting.unplanned(shop)
    drift_waiting.carried(shop)
    drift_waiting.waiting(shop)
    drift_dates.dated(shop)
    drift_dates.owned(shop)
    drift_dates.expired(shop)
    drift_releases.released(shop)
    drift_todos.noted(shop)
