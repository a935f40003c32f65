"""Discovery: which connectors there are, found by listing the folders beside this file."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

import connectors
from connectors.port import ConnectorType


def found(package: ModuleType = connectors) -> Mapping[str, ConnectorType]:
    """Connector types by kind: every package below ``package`` whose ``connector`` module offers ``CONNECTOR``."""
    types: dict[str, ConnectorType] = {}
    for module in pkgutil.iter_modules(package.__path__):
        name = f"{package.__name__}.{module.name}.connector"
        if module.ispkg and importlib.util.find_spec(name):
            offered = importlib.import_module(name).CONNECTOR
            types[offered.kind] = offered
    return MappingProxyType(types)
