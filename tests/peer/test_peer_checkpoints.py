"""Checkpoints go from Descant to midigpt and back without a bit changing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from networks import ENCODERS, save_network
from rival_process import Rival

from descant.model.checkpoint import load_checkpoint

pytestmark = pytest.mark.peer


@pytest.mark.parametrize("encoder", ENCODERS)
def test_round_trip(encoder: str, rival: Rival, tmp_path: Path) -> None:
    path = save_network(tmp_path, encoder, 64, seed=3)
    again, bundle = tmp_path / "again.safetensors", tmp_path / "bundle.pt"
    rival.ask({"checkpoint": str(path), "save": str(again), "bundle": str(bundle)})
    assert rival.answer() == {}
    ours = load_checkpoint(path)
    for saved in (again, bundle):
        theirs = load_checkpoint(saved)
        assert theirs.architecture == ours.architecture
        assert theirs.encoder_config == ours.encoder_config
        assert set(theirs.weights) == set(ours.weights)
        for name in ours.weights:
            np.testing.assert_array_equal(theirs.weights[name], ours.weights[name])
