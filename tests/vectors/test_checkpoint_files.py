"""Upstream's own checkpoint files; the folder is only there with `--vectors`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from descant.errors import CheckpointError
from descant.model.checkpoint import load_checkpoint, save_checkpoint


@pytest.fixture
def folder(pytestconfig: pytest.Config) -> Path:
    vectors = pytestconfig.getoption("--vectors", None)
    found = Path(vectors or "absent") / "generation" / "checkpoints"
    if not found.is_dir():
        pytest.skip("upstream's checkpoints are not part of the repository; pass --vectors")
    return found


def test_every_file_loads_and_survives_a_copy(folder: Path, tmp_path: Path) -> None:
    paths = sorted(folder.glob("*.safetensors"))
    assert paths
    for path in paths:
        loaded = load_checkpoint(path)
        save_checkpoint(
            tmp_path / path.name, loaded.weights, loaded.architecture, loaded.encoder_config
        )
        assert load_checkpoint(tmp_path / path.name).content_hash == loaded.content_hash


def test_the_bundle_holds_the_same_network_as_the_file(folder: Path) -> None:
    bundle = load_checkpoint(folder / "tiny_yellow_v1.pt")
    assert bundle.content_hash == load_checkpoint(folder / "tiny_yellow.safetensors").content_hash


def test_the_program_holds_the_same_network_as_the_file(folder: Path) -> None:
    pytest.importorskip("torch")
    legacy = folder / "tiny_yellow_legacy"
    with pytest.raises(CheckpointError, match="allow_torchscript=True"):
        load_checkpoint(legacy)
    program = load_checkpoint(legacy, allow_torchscript=True)
    file = load_checkpoint(folder / "tiny_yellow_legacy.safetensors")
    assert program.architecture == file.architecture
    assert program.encoder_config == file.encoder_config
    assert all(np.array_equal(program.weights[name], file.weights[name]) for name in file.weights)
