"""One training run, from settings to a finished model."""

from __future__ import annotations

import logging
import math
import warnings
from pathlib import Path
from typing import Any

import torch
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.loggers import Logger

from descant.errors import DescantError
from descant.train.baselines import Counts
from descant.train.callbacks import Judge, LogLines, StateKeeper
from descant.train.config import USUAL_TOKENS, TrainConfig
from descant.train.data_module import SampleData
from descant.train.evaluation import Evaluation
from descant.train.metrics import MetricsFile
from descant.train.module import TrainedModel
from descant.train.run_folder import RunFolder
from descant.train.sample import TrainingData
from descant.train.warm_start import WarmStart

log = logging.getLogger("descant.train")

COUNTED_SAMPLES = 512
PRECISIONS = {"bf16": "bf16-mixed", "fp16": "16-mixed", "fp32": "32-true"}


def train(config: TrainConfig, data: TrainingData) -> Path:
    """Run to the end, from where the folder's newest state stands; the folder of the run.

    Safe to kill and call again: the run then ends like one that was not.  Raises DescantError when
    the settings cannot be met here.
    """
    if config.threads:
        torch.set_num_threads(config.threads)
    start = WarmStart.of(config)
    if start is not None:
        config, data = start.sizes(config), start.joined(data)
    folder = RunFolder(Path(config.output_dir), data, config)
    world = config.devices * config.num_nodes
    steps = total_steps(config, data.epoch, world)
    model = TrainedModel(config, data.vocab_size, steps, start.checkpoint if start else None)
    evaluation = Evaluation(data.valid) if data.valid else None
    trainer = _trainer(config, folder, evaluation)
    state = folder.state_to_resume()
    if trainer.is_global_zero:
        _begin(folder, state, data, evaluation, trainer)
    with warnings.catch_warnings():
        # Lightning warns of endless data without a length and of states resumed inside an epoch;
        # both are meant.
        warnings.filterwarnings("ignore", module="lightning")
        trainer.fit(model, SampleData(data, config), ckpt_path=state, weights_only=True)
    return folder.path


def total_steps(config: TrainConfig, epoch: int, world: int) -> int:
    """Optimiser steps of the whole run; 0 when only the clock ends it."""
    if config.max_steps or config.minutes:
        return config.max_steps
    sequences = (
        max(1, config.tokens_a_batch // USUAL_TOKENS) * config.gradient_accumulation_steps * world
    )
    return config.num_epochs * math.ceil(epoch / sequences)


def _trainer(config: TrainConfig, folder: RunFolder, evaluation: Evaluation | None) -> Trainer:
    options: dict[str, Any] = {
        "accelerator": config.accelerator,
        "devices": config.devices,
        "num_nodes": config.num_nodes,
        "strategy": config.strategy,
        "precision": PRECISIONS[config.precision],
        "accumulate_grad_batches": config.gradient_accumulation_steps,
    }
    callbacks: list[Callback] = [
        LogLines(config),
        Judge(folder, evaluation, config.eval_steps),
        StateKeeper(folder, config),
    ]
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    try:
        return Trainer(
            **options,
            max_epochs=-1,
            logger=_loggers(config, folder),
            callbacks=callbacks,
            default_root_dir=folder.path,
            limit_val_batches=0,
            num_sanity_val_steps=0,
            use_distributed_sampler=False,
            enable_checkpointing=False,
            enable_progress_bar=False,
            enable_model_summary=False,
        )
    except (ValueError, RuntimeError, ImportError) as error:
        raise DescantError(f"training cannot be set up like this here: {error}") from None


def _loggers(config: TrainConfig, folder: RunFolder) -> list[Logger]:
    loggers: list[Logger] = [MetricsFile(folder.metrics)]
    if config.logger == "tensorboard":
        from lightning.pytorch.loggers import TensorBoardLogger

        loggers.append(TensorBoardLogger(folder.path, name="", version="tensorboard"))
    if config.logger == "wandb":
        from lightning.pytorch.loggers import WandbLogger

        logger = WandbLogger(
            folder.path.name,
            folder.path,
            project=config.wandb_project,
            entity=config.wandb_entity or None,
        )
        loggers.append(logger)
    return loggers


def _begin(
    folder: RunFolder,
    state: Path | None,
    data: TrainingData,
    evaluation: Evaluation | None,
    trainer: Trainer,
) -> None:
    folder.begin()
    if state is not None:
        folder.forget_after(state)
        log.info("resuming from %s", state.name)
    elif evaluation is not None:
        samples = (data.train.sample(number).ids for number in range(COUNTED_SAMPLES))
        counts = Counts(samples, data.vocab_size)
        models = {"unigram": counts.singles, "bigram": counts.pairs}
        for name, logits in models.items():
            bits = evaluation.bits(logits)
            values = {f"{name}/bits_{kind}": value for kind, value in bits.items()}
            trainer.loggers[0].log_metrics(values, step=0)
