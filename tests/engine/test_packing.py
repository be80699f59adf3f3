"""Packing: half the bytes, nearly the same numbers, the card beside it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from models import saved_model

from descant.errors import CheckpointError
from descant.model.backend import open_network
from descant.model.checkpoint import load_checkpoint
from descant.model.packing import pack_checkpoint


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = saved_model(tmp_path)
    path.with_suffix(".json").write_text('{"title": "Random"}')
    path.with_suffix(".md").write_text("# Random\n")
    return path


def test_a_packed_model_is_half_as_large_and_keeps_all_else(model: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.safetensors"
    files = pack_checkpoint(model, small)
    assert files == [small, small.with_suffix(".json"), small.with_suffix(".md")]
    assert small.with_suffix(".md").read_text() == "# Random\n"
    assert small.stat().st_size < 0.6 * model.stat().st_size
    before, after = load_checkpoint(model), load_checkpoint(small)
    assert (after.architecture, after.encoder_config) == (
        before.architecture,
        before.encoder_config,
    )
    for name, weight in before.weights.items():
        np.testing.assert_array_equal(after.weights[name], weight.astype(np.float16))


@pytest.mark.parametrize("backend", ["native", "torch"])
def test_every_backend_runs_it_as_if_the_halves_were_floats(
    backend: str, model: Path, tmp_path: Path
) -> None:
    if backend == "torch":
        pytest.importorskip("torch")
    small, wide = tmp_path / "small.safetensors", tmp_path / "wide.safetensors"
    pack_checkpoint(model, small)
    pack_checkpoint(small, wide, "float32")
    ids = np.arange(40, dtype=np.int32)
    logits = [
        open_network(load_checkpoint(path), backend=backend, precision="fp32").prefill(
            ids, ids, np.ones(40, np.uint8)
        )
        for path in (small, wide)
    ]
    np.testing.assert_array_equal(*logits)


def test_a_model_without_a_card_is_packed_without_one(model: Path, tmp_path: Path) -> None:
    model.with_suffix(".json").unlink()
    model.with_suffix(".md").unlink()
    small = tmp_path / "small.safetensors"
    assert pack_checkpoint(model, small) == [small]


def test_mistakes_leave_the_old_file(model: Path, tmp_path: Path) -> None:
    before = model.read_bytes()
    with pytest.raises(CheckpointError, match="onto itself"):
        pack_checkpoint(model, model)
    with pytest.raises(CheckpointError, match=r"must end in \.safetensors"):
        pack_checkpoint(model, tmp_path / "small.bin")
    with pytest.raises(CheckpointError, match="cannot write"):
        pack_checkpoint(model, tmp_path / "absent" / "small.safetensors")
    assert model.read_bytes() == before


def pack(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "descant", "models", "pack", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_the_command_says_what_it_wrote(model: Path, tmp_path: Path) -> None:
    small = tmp_path / "small.safetensors"
    done = pack(model, small, "--json")
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert found["files"][0] == str(small)
    assert found["megabytes"] == round(small.stat().st_size / 1e6, 1)
    refused = pack(model, model)
    assert refused.returncode == 1
    assert refused.stderr.startswith("descant: cannot pack")
