"""What sampling needs of an encoder: its limits, its levels, and sequences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from descant import native
from descant.encoder_config import EncoderConfig, load_encoder, shipped_encoders
from descant.errors import EncoderError
from descant.model.checkpoint import load_checkpoint
from descant.score import Score
from descant.target_headers import TargetHeaders
from descant.tokens import Codec, EncodeOptions

Ids = npt.NDArray[np.int32]
Cells = Sequence[tuple[int, int]]


class Tokeniser:
    """One encoder, as training uses it.  It must know infill, its meters and its window lengths.

    Attributes:
        size: number of token ids.
        windows: window lengths in bars.
        meters: time signatures it can write.
        fill_start: the id that begins each written target.
        hides: whether it can hide bars.
        levels_may_be_absent: whether it says of bars to be written only what was wished.
        headers: what such encoders say before the notes of each target; None for the others.
        config: the encoder settings as a checkpoint carries them.
    """

    def __init__(self, config: EncoderConfig) -> None:
        if not (config.supports_infill and config.num_bars_map and config.time_signatures):
            raise EncoderError(
                "training needs an encoder with supports_infill, num_bars_map and time_signatures"
            )
        self._codec = Codec(config)
        self.size: int = self._codec.vocab_size()
        self.windows: tuple[int, ...] = config.num_bars_map
        self.meters = frozenset(config.time_signatures)
        self.fill_start = config.vocabulary.offset("FillInStart")
        self._switches_velocity = config.switchable_velocity
        self._switches_microtiming = config.switchable_microtiming
        self.hides = config.supports_mask_bar_token
        self.levels_may_be_absent = config.levels_may_be_absent
        self.headers = TargetHeaders(config.vocabulary) if self.levels_may_be_absent else None
        self.config: dict[str, Any] = config.to_dict()

    def measure(self, score: Score) -> list[dict[str, int]]:
        """Every level of each track of a score on the model grid, by attribute key."""
        core = native.to_core(score)
        self._codec.annotate(core)
        return core.attributes

    def encode(
        self, score: Score, targets: Cells, velocity: bool = True, microtiming: bool = True
    ) -> Ids:
        """The whole sequence (T,), levels as on the tracks, targets (track, bar) at its end.

        Encoders that can do without velocity or microtiming are told which; others ignore it.
        """
        options = EncodeOptions(
            targets=targets,
            attributes=False,
            velocity=velocity if self._switches_velocity else None,
            microtiming=microtiming if self._switches_microtiming else None,
        )
        return self._codec.encode(score, options).tokens


def find_encoder(name: str) -> EncoderConfig:
    """A shipped encoder by full or short name ("ghost"), or the settings in a JSON file or in a
    checkpoint.
    """
    if name.endswith(".json"):
        return EncoderConfig.from_json(Path(name).read_text(encoding="utf-8"))
    if name.endswith((".safetensors", ".pt")):
        return EncoderConfig.from_dict(load_checkpoint(name).encoder_config)
    for full in (name, f"{name}_config", f"{name}_encoder"):
        if full in shipped_encoders():
            return load_encoder(full)
    return load_encoder(name)
