"""About: version, and in a package the licence of each part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import descant
from descant_app.panels import about
from descant_app.panels.about import AboutDialog, bundled_parts


@pytest.fixture
def licences(tmp_path: Path) -> Path:
    components = [
        {"name": "numpy", "version": "2.4.6", "licenses": [{"license": {"name": "BSD"}}]},
        {"name": "rich", "version": "15"},
    ]
    (tmp_path / "bill.cdx.json").write_text(json.dumps({"components": components}))
    for name in ("numpy", "rich"):
        (tmp_path / f"{name}.txt").write_text(f"You may use {name}.")
    return tmp_path


def test_parts_are_those_on_the_bill(licences: Path) -> None:
    parts = bundled_parts(licences)
    assert [(p.name, p.version, p.licence) for p in parts] == [
        ("numpy", "2.4.6", "BSD"),
        ("rich", "15", ""),
    ]
    assert bundled_parts(licences / "absent") == []


def test_the_licence_of_the_chosen_part_is_shown(whole, licences, monkeypatch) -> None:
    monkeypatch.setattr(about, "resource", lambda *parts: licences)
    dialog = AboutDialog(whole.window)
    assert dialog.text.toPlainText() == "You may use numpy."
    dialog.list.setCurrentRow(1)
    assert dialog.text.toPlainText() == "You may use rich."


def test_without_a_bill_it_tells_version_and_licence(whole) -> None:
    lines = AboutDialog(whole.window)._lines()
    assert descant.__version__ in lines[0]
    assert "MIT" in lines[2]
