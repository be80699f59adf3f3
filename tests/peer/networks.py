"""Tiny networks with random weights that write music of some variety under greedy drawing."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from descant.encoder_config import EncoderConfig, load_encoder
from descant.model.architecture import Architecture
from descant.model.checkpoint import save_checkpoint

ENCODERS = {
    "yellow": "yellow_encoder",
    "ghost": "ghost_config",
    "prism": "prism_encoder",
    "expressive": "expressive_encoder",
}

# Added to the logits of a kind of token, so that notes, bars and tracks come to an end.
_LEANING = {
    "BarEnd": 4.5,
    "FillInEnd": 4.5,
    "FillInStart": 3.0,
    "TrackEnd": 3.0,
    "TimeSig": 1.0,
    "TimeAbsolutePos": 0.8,
    "NoteOnset": 0.8,
    "PieceEnd": -4.0,
}
_ATTRIBUTES = -2.5
_MUSIC = ("Bar", "Track", "Instrument", "NoteDuration", "VelocityLevel", "Delta", "DeltaDirection")


def encoder_of(name: str) -> EncoderConfig:
    return load_encoder(ENCODERS[name])


def save_network(folder: Path, name: str, positions: int, seed: int) -> Path:
    """A checkpoint of two layers, 32 wide, for an encoder."""
    encoder = encoder_of(name)
    vocabulary = encoder.vocabulary
    architecture = Architecture(vocabulary.size(), positions, 32, 2, 2)
    rng = np.random.default_rng(seed)
    weights = {key: _tensor(rng, key, shape) for key, shape in architecture.tensor_shapes().items()}
    direction = rng.standard_normal(32).astype(np.float32)
    weights["transformer.ln_f.bias"] = direction
    leaning = [
        _LEANING.get(kind, 0.0 if kind in _MUSIC else _ATTRIBUTES)
        for kind in (vocabulary.token_name(i).split(":")[0] for i in range(vocabulary.size()))
    ]
    rows = weights["lm_head.weight"]
    rows -= np.outer(rows @ direction, direction) / (direction @ direction)
    rows += np.outer(np.array(leaning, dtype=np.float32), direction) / (direction @ direction)
    path = folder / f"{name}_{positions}_{seed}.safetensors"
    save_checkpoint(path, weights, architecture, encoder.to_dict())
    return path


def _tensor(rng: np.random.Generator, key: str, shape: tuple[int, ...]) -> np.ndarray:
    drawn = rng.standard_normal(shape).astype(np.float32)
    if key.endswith(".bias"):
        return 0.1 * drawn
    if ".ln_" in key:
        return 1.0 + 0.1 * drawn
    if key == "lm_head.weight":
        return 0.35 * drawn
    return drawn if "wte" in key or "wpe" in key else 0.3 * drawn
