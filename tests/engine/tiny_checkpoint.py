"""A checkpoint of a few weights, what refuses it, and what damages it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from descant.errors import CheckpointError
from descant.model.architecture import Architecture
from descant.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

TINY = Architecture(vocab_size=7, n_positions=5, n_embd=4, n_layer=1, n_head=2)
SIZES = TINY.to_dict()
ENCODER = {"resolution": 12, "num_bars_map": [4]}
DAMAGE = st.dictionaries(st.integers(0, 5000), st.integers(0, 255), min_size=1, max_size=5)
Weights = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


def weights() -> Weights:
    random = np.random.default_rng(0)
    return {
        name: random.normal(size=shape).astype(np.float32)
        for name, shape in TINY.tensor_shapes().items()
    }


def save_tiny(folder: Path) -> Path:
    path = folder / "tiny.safetensors"
    save_checkpoint(path, weights(), TINY, ENCODER, {"card": "made for a test"})
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path, **options)
    assert str(path) in str(caught.value)
    return str(caught.value)


def same(checkpoint: Checkpoint, expected: Weights) -> bool:
    return set(checkpoint.weights) == set(expected) and all(
        np.array_equal(checkpoint.weights[name], expected[name]) for name in expected
    )


def damaged(data: bytes, places: dict[int, int]) -> bytes:
    broken = bytearray(data)
    for place, value in places.items():
        broken[place % len(broken)] = value
    return bytes(broken)
