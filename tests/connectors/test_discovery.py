"""Connectors are found by listing folders."""

from __future__ import annotations

import importlib

import pytest

from connectors.discovery import found


def test_jira_is_found_and_folders_without_a_connector_are_not():
    types = found()
    assert types["jira"].kind == "jira"
    assert "sandbox" not in types


def test_a_new_folder_is_enough(tmp_path, monkeypatch):
    for folder, text in {
        "shelf": "",
        "shelf/paper": "from connectors.port import ConnectorType\n"
        "CONNECTOR = ConnectorType(kind='paper', open=lambda site, selection: None)\n",
        "shelf/empty": None,
    }.items():
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "__init__.py").write_text("")
        if text is not None:
            (tmp_path / folder / "connector.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    assert list(found(importlib.import_module("shelf"))) == ["paper"]


def test_the_listing_cannot_be_changed():
    with pytest.raises(TypeError):
        found()["x"] = None  # type: ignore[index]
