"""People as they are named on the command line."""

from __future__ import annotations

from connectors.errors import ConfigError
from mappings.schema import MappingSpec
from mappings.suggest import allowed


def refuse_unknown_person(spec: MappingSpec, name: str, *, option: str) -> None:
    """Raise ConfigError, naming the option, unless the mapping has a person of that name."""
    names = [person.name for person in spec.people]
    if name not in names:
        raise ConfigError(f'{option}: "{name}" is not under people in the mapping. {allowed(name, names)}')
