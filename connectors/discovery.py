"""Discovery: which connectors there are, found by listing the folders beside this file."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

import connectors
from connectors.port import ConnectorType


def found() -> Mapping[str, ConnectorType]:
    """Connector types by kind: every package below ``connectors`` whose ``connector`` module offers ``CONNECTOR``."""
    types: dict[str, ConnectorType] = {}
    for module in pkgutil.iter_modules(connectors.__path__):
        if module.ispkg and importlib.util.find_spec(f"connectors.{module.name}.connector"):
            offered = importlib.import_module(f"connectors.{module.name}.connector").CONNECTOR
            types[offered.kind] = offered
    return MappingProxyType(types)
