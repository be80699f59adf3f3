"""Beginning a run with a trained model instead of random weights, as for music of one's own.

The run takes over its sizes.  Whoever made the music it learned from is owed the same credits by
what comes out, so those in its card go into the new card.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from descant.errors import CheckpointError, DescantError
from descant.model.checkpoint import Checkpoint, load_checkpoint
from descant.model.registry import resolve_model
from descant.train.attributions import Attribution
from descant.train.config import TrainConfig
from descant.train.sample import TrainingData


@dataclass(frozen=True)
class WarmStart:
    """The model a run begins with; `name` is what the run was told."""

    name: str
    checkpoint: Checkpoint

    @classmethod
    def of(cls, config: TrainConfig) -> WarmStart | None:
        """None when the run begins anew; DescantError when there is no such model."""
        if not config.init_from:
            return None
        try:
            return cls(config.init_from, load_checkpoint(resolve_model(config.init_from)))
        except CheckpointError as error:
            raise DescantError(f"init_from: {error}") from None

    def sizes(self, config: TrainConfig) -> TrainConfig:
        """The settings with the sizes of the model."""
        own = self.checkpoint.architecture
        return replace(
            config,
            size="",
            n_embd=own.n_embd,
            n_layer=own.n_layer,
            n_head=own.n_head,
            max_seq_len=own.n_positions,
        )

    def joined(self, data: TrainingData) -> TrainingData:
        """The data with the model's past; DescantError when it is written by another encoder."""
        if dict(data.encoder) != dict(self.checkpoint.encoder_config):
            raise DescantError(
                f"init_from {self.name} was trained with another encoder than this data is "
                f"written by; give --encoder-config-path {self.checkpoint.path}"
            )
        card = self._card()
        past = {
            "model": self.checkpoint.path.stem,
            "sha256": self.checkpoint.content_hash,
            "data": card.get("data", {}),
        }
        owed = [Attribution(**form) for form in card.get("attributions", ())]
        credits = [*data.attributions, *(one for one in owed if one not in data.attributions)]
        return replace(data, about={**data.about, "began_from": past}, attributions=credits)

    def _card(self) -> Mapping[str, Any]:
        path = self.checkpoint.path.with_suffix(".json")
        try:
            form = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
        except (OSError, ValueError) as error:
            raise DescantError(f"the card {path} cannot be read: {error}") from None
        return form if isinstance(form, dict) else {}


def sized(config: TrainConfig) -> TrainConfig:
    """The settings as the run will have them: with the sizes of the model it begins with."""
    start = WarmStart.of(config)
    return config if start is None else start.sizes(config)
