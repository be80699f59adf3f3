"""The run's data as Lightning asks for it."""

from __future__ import annotations

from lightning.pytorch import LightningDataModule

from descant.train.batches import BatchFeed
from descant.train.config import TrainConfig
from descant.train.module import TrainedModel
from descant.train.sample import TrainingData


class SampleData(LightningDataModule):
    """Batches of this process, from where the run stands.

    There is no validation loader: Lightning counts batches where a run counts optimiser steps, and
    demands one where there may be no validation data; `callbacks.Judge` does it instead.
    """

    def __init__(self, data: TrainingData, config: TrainConfig) -> None:
        super().__init__()
        self.data = data
        self.config = config

    def train_dataloader(self) -> BatchFeed:
        trainer = self.trainer
        assert trainer is not None
        model = trainer.lightning_module
        assert isinstance(model, TrainedModel)
        return BatchFeed(
            self.data.train,
            self.config.samples_a_pool,
            self.config.tokens_a_batch,
            self.config.num_workers,
            trainer.global_rank,
            trainer.world_size,
            model.position,
        )
