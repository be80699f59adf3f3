"""Small models and pieces for tests: random networks from a seed, music made in code."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np

from descant.encoder_config import load_encoder
from descant.engine import InferenceEngine
from descant.generation import LoadedModel
from descant.model.architecture import Architecture
from descant.model.checkpoint import save_checkpoint
from descant.native import Transformer
from descant.score import Bar, Note, Score, Track

POSITIONS = 768


def random_weights(architecture: Architecture, seed: int = 1) -> dict[str, np.ndarray]:
    """Weights large enough that different contexts give clearly different logits."""
    numbers = np.random.default_rng(seed)
    weights = {}
    for name, shape in architecture.tensor_shapes().items():
        weights[name] = numbers.normal(0.0, 0.2, shape).astype(np.float32)
        if "ln_" in name:
            weights[name] = np.full(shape, float(name.endswith("weight")), np.float32)
    return weights


def architecture_of(encoder: str, positions: int = POSITIONS) -> Architecture:
    size = load_encoder(encoder).vocabulary.size()
    return Architecture(vocab_size=size, n_positions=positions, n_embd=32, n_layer=2, n_head=2)


@cache
def engine_of(encoder: str = "ghost_config", positions: int = POSITIONS) -> InferenceEngine:
    """An engine with a random network; no file involved."""
    sizes = architecture_of(encoder, positions)
    network = Transformer(
        weights=random_weights(sizes),
        vocab_size=sizes.vocab_size,
        positions=sizes.n_positions,
        width=sizes.n_embd,
        layers=sizes.n_layer,
        heads=sizes.n_head,
        precision="fp32",
        threads=1,
    )
    return InferenceEngine(LoadedModel(load_encoder(encoder), network, f"random {encoder}"))


def saved_model(folder: Path, encoder: str = "ghost_config") -> Path:
    """A checkpoint file with random weights."""
    path = folder / "random.safetensors"
    sizes = architecture_of(encoder)
    save_checkpoint(path, random_weights(sizes), sizes, load_encoder(encoder).to_dict())
    return path


def piece(bars: int = 8, resolution: int = 480, meter: tuple[int, int] = (4, 4)) -> Score:
    """Melody, chords and drums; every bar differs, times off the model grid included."""
    quarter = resolution
    length = quarter * 4 * meter[0] // meter[1]

    def melody(bar: int) -> list[Note]:
        starts = range(0, length, quarter)
        return [
            Note(60 + (bar * 3 + i * 5) % 24, 70 + bar, start + 7 * (i % 2), quarter - 31)
            for i, start in enumerate(starts)
        ]

    def chords(bar: int) -> list[Note]:
        return [Note(48 + bar % 5 + step, 64, 0, length) for step in (0, 4, 7)]

    def drums(bar: int) -> list[Note]:
        return [
            Note(36 if i % 2 else 42, 90, start, 60)
            for i, start in enumerate(range(0, length, quarter // 2))
        ]

    makers = ((melody, 73, "melodic"), (chords, 4, "melodic"), (drums, 0, "drum"))
    return Score(
        [
            Track([Bar(make(b), *meter) for b in range(bars)], program, kind, name=make.__name__)
            for make, program, kind in makers
        ],
        resolution,
    )
