"""What happens beside learning: log lines, validation, saved states.

All of it counts optimiser steps, at the moment one is whole.
"""

from __future__ import annotations

from typing import Any

import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from torch import Tensor

from descant.train.config import TrainConfig
from descant.train.evaluation import Evaluation
from descant.train.module import TrainedModel
from descant.train.run_folder import RunFolder


class StepCallback(Callback):
    """A callback that is told of every whole optimiser step, once."""

    _seen = -1

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainedModel)
        self._seen = pl_module.step

    def on_train_batch_end(
        self, trainer: Trainer, pl_module: LightningModule, outputs: Any, batch: Any, batch_idx: int
    ) -> None:
        assert isinstance(pl_module, TrainedModel)
        if pl_module.step > self._seen:
            self._seen = pl_module.step
            self.after_step(trainer, pl_module)

    def after_step(self, trainer: Trainer, model: TrainedModel) -> None:
        """One more step is done."""
        raise NotImplementedError


class LogLines(StepCallback):
    """Logs bits a token, rate and speed."""

    def __init__(self, config: TrainConfig) -> None:
        self._every = config.logging_steps
        self._before = (0, 0.0)

    def after_step(self, trainer: Trainer, model: TrainedModel) -> None:
        if model.step % self._every:
            return
        bits = model.mean_bits()
        tokens = model.tokens * trainer.world_size
        speed = (tokens - self._before[0]) / max(1e-9, model.seconds - self._before[1])
        self._before = (tokens, model.seconds)
        rate = trainer.optimizers[0].param_groups[0]["lr"]
        log(trainer, model, {"train/bits": bits, "rate": rate, "tokens_per_second": round(speed)})


class Judge(StepCallback):
    """Scores the averaged weights on fixed validation windows and exports them.

    Without validation samples it exports whatever there is whenever it would have judged.  The
    first process does it while the others wait for their next exchange.
    """

    def __init__(self, folder: RunFolder, evaluation: Evaluation | None, every: int) -> None:
        self._folder = folder
        self._evaluation = evaluation
        self._every = every
        self._judged = -1

    def after_step(self, trainer: Trainer, model: TrainedModel) -> None:
        if model.step % self._every == 0:
            self._judge(trainer, model)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainedModel)
        if self._judged != pl_module.step:
            self._judge(trainer, pl_module)

    def _judge(self, trainer: Trainer, model: TrainedModel) -> None:
        self._judged = model.step
        bits = self._bits(model) if trainer.is_global_zero else {}
        mean = sum(bits.values()) / len(bits) if bits else model.best
        if trainer.world_size > 1:
            mean = trainer.strategy.broadcast(mean)
        best, model.best = mean <= model.best, min(mean, model.best)
        if trainer.is_global_zero:
            if bits:
                log(trainer, model, {f"val/bits_{kind}": value for kind, value in bits.items()})
            self._folder.export(model, bits, best=False)
            if best:
                self._folder.export(model, bits, best=True)

    def _bits(self, model: TrainedModel) -> dict[str, float]:
        if self._evaluation is None:
            return {}
        with model.averaged() as network:

            def logits(ids: Tensor) -> Tensor:
                device = model.device.type
                with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                    scores: Tensor = network(ids.to(model.device))
                return scores

            return self._evaluation.bits(logits)


class StateKeeper(StepCallback):
    """Saves states by steps and by minutes, and one at the end."""

    def __init__(self, folder: RunFolder, config: TrainConfig) -> None:
        self._folder = folder
        self._config = config
        self._saved = (-1, 0.0)

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        super().on_train_start(trainer, pl_module)
        assert isinstance(pl_module, TrainedModel)
        self._saved = (pl_module.step, pl_module.seconds)

    def after_step(self, trainer: Trainer, model: TrainedModel) -> None:
        late = model.seconds - self._saved[1] >= 60 * self._config.save_minutes > 0
        if late or model.step % self._config.save_steps == 0:
            self._save(trainer, model)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, TrainedModel)
        if self._saved[0] != pl_module.step:
            self._save(trainer, pl_module)

    def _save(self, trainer: Trainer, model: TrainedModel) -> None:
        self._saved = (model.step, model.seconds)
        self._folder.save_state(trainer, model.step)


def log(trainer: Trainer, model: TrainedModel, values: dict[str, float]) -> None:
    """Hand values to every logger, with how far the run is."""
    place = {"tokens": model.tokens * trainer.world_size, "seconds": round(model.seconds, 1)}
    for logger in trainer.loggers:
        logger.log_metrics({**values, **place}, step=model.step)
