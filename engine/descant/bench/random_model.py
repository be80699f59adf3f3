"""Checkpoints with random weights, of the sizes midigpt's models have."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from descant.encoder_config import load_encoder
from descant.model.architecture import Architecture
from descant.model.checkpoint import save_checkpoint

RANDOM_SIZES = {"small": (512, 6, 8), "medium": (768, 12, 12)}
"""Width, layers and heads by name."""

_POSITIONS = 2048
_END_BONUS = 1.8  # added to the logit of FillInEnd: bars of some thirty tokens


def save_random_model(folder: Path, size: str) -> Path:
    """Write a checkpoint with the yellow encoder; the same weights every time."""
    encoder = load_encoder("yellow_encoder")
    width, layers, heads = RANDOM_SIZES[size]
    sizes = Architecture(encoder.vocabulary.size(), _POSITIONS, width, layers, heads)
    rng = np.random.default_rng(1)
    weights = {}
    for name, shape in sizes.tensor_shapes().items():
        weights[name] = 0.02 * rng.standard_normal(shape, dtype=np.float32)
        if "ln_" in name and name.endswith("weight"):
            weights[name] += 1
    # Along one direction of the last normalisation, which is the same in every context.
    lean = rng.standard_normal(width, dtype=np.float32)
    weights["transformer.ln_f.bias"] = lean
    end = encoder.vocabulary.encode("FillInEnd", 0)
    weights["lm_head.weight"][end] += _END_BONUS * lean / (lean @ lean)
    path = folder / f"random_{size}.safetensors"
    save_checkpoint(path, weights, sizes, encoder.to_dict())
    return path
