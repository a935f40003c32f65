"""Code: what branches, merge requests and commits say once they are read together: links, reverts, what landed and what went out.

All of it is worked out of one GitLab project at a time, so it can be kept and worked out again for those projects only in which something changed.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from types import MappingProxyType

from connectors.records import MergeRequest, Ref
from mappings.graph import carried_shas, default_branch_shas, unresolved
from mappings.keys import known_projects
from mappings.links import Link, links_of
from mappings.observed import Observed, grouped_by
from mappings.reverts import Revert, reverts_of
from mappings.schema import MappingSpec
from mappings.shipments import Place, Shipment, shipments_of


@dataclass(frozen=True)
class Code:
    """Lookups over what was worked out. ``links`` are sorted by change, key and place, ``reverts`` by what was taken back.

    ``asked`` are merge requests whose commits GitLab must be asked for; ``landed`` are the places of commits on default branches.
    """

    links: tuple[Link, ...] = ()
    reverts: tuple[Revert, ...] = ()
    landed: Container[Place] = frozenset()
    shipments: Mapping[Place, Shipment] = field(default_factory=lambda: MappingProxyType({}))
    asked: tuple[MergeRequest, ...] = ()

    @cached_property
    def links_by_issue(self) -> Mapping[Ref, tuple[Link, ...]]:
        """Links by the issue they name; links to unknown issues are left out."""
        return grouped_by((link for link in self.links if link.issue), "issue")

    @cached_property
    def links_by_change(self) -> Mapping[Ref, tuple[Link, ...]]:
        """Links by the branch, merge request or commit that holds them."""
        return grouped_by(self.links, "change")

    @cached_property
    def links_by_key(self) -> Mapping[str, tuple[Link, ...]]:
        """Links by the key as it is written."""
        return grouped_by(self.links, "key")

    def links_to_nothing(self) -> Iterable[Link]:
        """Links whose key names no known issue, in order."""
        return (link for link in self.links if link.issue is None)

    @cached_property
    def reverts_of(self) -> Mapping[Ref, tuple[Revert, ...]]:
        """What stands reverted now, by the change that was taken back."""
        return grouped_by(self.reverts, "of")

    @cached_property
    def reverts_by(self) -> Mapping[Ref, tuple[Revert, ...]]:
        """What stands reverted now, by the change that took it back."""
        return grouped_by(self.reverts, "by")

    @cached_property
    def first_shipment_of(self) -> Mapping[tuple[str, str], datetime]:
        """When each project shipped for the first time that is known, by (source, project id)."""
        first: dict[tuple[str, str], datetime] = {}
        for one in self.shipments.values():
            place = (one.ref.source, one.project_id)
            first[place] = min(one.at, first.get(place, one.at))
        return MappingProxyType(first)


def code_of(spec: MappingSpec, observed: Observed) -> Code:
    """Everything that the code in ``observed`` says by the rules of ``spec``."""
    carried = carried_shas(observed)
    return Code(
        links=links_of(spec, observed, carried=carried),
        reverts=reverts_of(observed, carried),
        landed=default_branch_shas(observed),
        shipments=shipments_of(observed, spec.vocabulary.production),
        asked=unresolved(observed, projects=known_projects(spec, observed), carried=carried),
    )
