"""The folder of a run: what is written there, whole or not at all.

`config.json`, `metrics.jsonl`, `checkpoints/step-*.ckpt` (the newest few, to resume from),
`<name>.safetensors` with its card (the best averaged weights, ready to use) and
`<name>-last.safetensors` (the newest ones), where `<name>` is the folder's.
"""

from __future__ import annotations

import json
from pathlib import Path

from lightning.pytorch import Trainer

from descant.errors import DescantError
from descant.model.checkpoint import save_checkpoint
from descant.train.card import Result, write_card
from descant.train.config import TrainConfig
from descant.train.metrics import forget_after
from descant.train.module import TrainedModel
from descant.train.sample import TrainingData

KEPT_STATES = 3


class RunFolder:
    """Where one run lives."""

    def __init__(self, path: Path, data: TrainingData, config: TrainConfig) -> None:
        self.path = path.resolve()
        self.metrics = self.path / "metrics.jsonl"
        self._states = self.path / "checkpoints"
        self._data = data
        self._config = config

    def begin(self) -> None:
        """Make the folder and say what is run in it."""
        self._states.mkdir(parents=True, exist_ok=True)
        about = {"settings": self._config.form(), "data": dict(self._data.about)}
        (self.path / "config.json").write_text(json.dumps(about, indent=1) + "\n")

    def state_to_resume(self) -> Path | None:
        """The saved state to go on from; DescantError when the one asked for is not there."""
        wanted = self._config.resume_from
        newest = max(self._states.glob("step-*.ckpt"), default=None)
        if wanted == "auto":
            return newest
        if wanted == "never":
            if newest is not None:
                raise DescantError(f"{self.path} already holds a run; choose another output_dir")
            return None
        if not Path(wanted).is_file():
            raise DescantError(f"resume_from {wanted} does not exist")
        return Path(wanted)

    def forget_after(self, state: Path) -> None:
        """Drop the numbers logged behind a state."""
        name = state.stem.partition("-")[2]
        if name.isdigit() and state.parent == self._states:
            forget_after(self.metrics, int(name))

    def save_state(self, trainer: Trainer, step: int) -> None:
        """Save everything a resumed run needs; called by all processes together."""
        path = self._states / f"step-{step:08d}.ckpt"
        partial = path.with_suffix(".partial")
        trainer.save_checkpoint(partial)
        if trainer.is_global_zero:
            partial.replace(path)
            for old in sorted(self._states.glob("step-*.ckpt"))[:-KEPT_STATES]:
                old.unlink()

    def export(self, model: TrainedModel, bits: dict[str, float], best: bool) -> None:
        """Write the averaged weights as a format-2 checkpoint (spec/generation.md 2.1).

        Its metadata also says, under `training`, from what and how the weights were made; the
        best ones get a card.
        """
        name = self.path.name if best else f"{self.path.name}-last"
        path = self.path / f"{name}.safetensors"
        result = Result(model.step, model.tokens * model.trainer.world_size, model.seconds, bits)
        training = {
            "settings": self._config.form(),
            "data": dict(self._data.about),
            "step": result.step,
            "tokens": result.tokens,
            "validation_bits_per_token": bits,
        }
        metadata = {
            "training": json.dumps(training),
            "licences": json.dumps(self._data.about["pieces_by_licence"]),
            "data_sha256": self._data.about["sha256"],
        }
        weights = {n: w.cpu().numpy() for n, w in model.average.weights.items()}
        sizes = model.model.architecture
        save_checkpoint(path, weights, sizes, self._data.encoder, metadata)
        if best:
            write_card(path, self._data, self._config, sizes, result)
