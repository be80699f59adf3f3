"""Shipped models: found by name, described by a card."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from descant.errors import CheckpointError
from descant.model.registry import ModelCard, bundled_models, default_model, resolve_model


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shelf = tmp_path / "models"
    shelf.mkdir()
    for name in ("small", "large"):
        (shelf / f"{name}.safetensors").touch()
    card = {"title": "Small one", "summary": "Fast.", "licence": "MIT", "parameters": 5}
    (shelf / "small.json").write_text(json.dumps(card), encoding="utf-8")
    return shelf


def test_models_are_listed_with_their_cards(folder: Path) -> None:
    models = bundled_models(folder)
    assert list(models) == ["large", "small"]
    assert models["small"].card == ModelCard("Small one", "Fast.", "MIT")
    assert models["large"].card == ModelCard(title="large")


@pytest.mark.parametrize("text", ["{", "[]", "3", "null"])
def test_a_broken_card_only_loses_its_text(
    folder: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "small.json").write_text(text, encoding="utf-8")
    assert bundled_models(folder)["small"].card == ModelCard(title="small")
    assert text == "[]" or "cannot be read" in caplog.text


def test_no_folder_means_no_models(tmp_path: Path) -> None:
    assert bundled_models(tmp_path / "absent") == {}


def test_a_name_or_a_path_is_resolved(folder: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.safetensors"
    own.touch()
    assert resolve_model("small", folder) == folder / "small.safetensors"
    assert resolve_model(own, folder) == own
    assert resolve_model(str(own), folder) == own


def test_a_misspelt_name_is_answered_with_the_nearest(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"large, small\); did you mean 'small'\?"):
        resolve_model("smal", folder)
    with pytest.raises(CheckpointError, match=r"\(none\)"):
        resolve_model("small", tmp_path / "absent")


def test_the_default_is_ours_then_the_first(folder: Path, tmp_path: Path) -> None:
    assert default_model(folder) == "large"
    (folder / "descant.safetensors").touch()
    (folder / "another.safetensors").touch()
    assert default_model(folder) == "descant"
    with pytest.raises(CheckpointError, match="name a checkpoint file"):
        default_model(tmp_path / "absent")


def test_the_shipped_folder_is_looked_at_by_default() -> None:
    for name, model in bundled_models().items():
        assert resolve_model(name) == model.path
