"""The network in training: what Lightning runs.

Randomness has no state: dropout of a batch is seeded by (seed, process, batch), and samples are
numbered, so that a resumed run goes on exactly like one that was never stopped.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import torch
from lightning.pytorch import LightningModule
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from descant.errors import DescantError
from descant.model.architecture import Architecture
from descant.model.checkpoint import Checkpoint
from descant.model.gpt2 import GPT2
from descant.train.batches import IGNORED, Batch, Position
from descant.train.config import TrainConfig
from descant.train.optimiser import Average, make_optimiser, rate

_SEEDS = 2**63 - 1


class TrainedModel(LightningModule):
    """Weights, their average, the optimiser, and how far the run is.

    Attributes:
        step: optimiser steps behind us.
        tokens: tokens this process has learned from.
        seconds: time spent, by the clock of the first process.
        best: mean validation bits of the best average so far.
        positions: where each process stood in its data when the run was resumed.
        here: where this process stands.
    """

    def __init__(
        self, config: TrainConfig, vocab_size: int, steps: int, start: Checkpoint | None = None
    ) -> None:
        super().__init__()
        torch.manual_seed(config.seed)
        sizes = (config.max_seq_len, config.n_embd, config.n_layer, config.n_head)
        self.model = GPT2(Architecture(vocab_size, *sizes), config.dropout)
        if start is not None:
            self.model.load_state_dict(GPT2.from_checkpoint(start).state_dict())
        if config.compile:
            self.model.compile()
        self.config = config
        self.average = Average(self.model, config.ema_decay)
        self.step = self.tokens = self.batches = 0
        self.seconds = 0.0
        self.best = float("inf")
        self.positions = [Position()]
        self.here = Position()
        self._steps = steps
        self._sums: list[tuple[Tensor, int]] = []
        self._began = time.monotonic()

    @property
    def position(self) -> Position:
        """Where this process goes on in its data."""
        furthest = max(self.positions)
        known = self.global_rank < len(self.positions) == self.trainer.world_size
        return self.positions[self.global_rank] if known else Position(furthest.pool + 1)

    @property
    def share_done(self) -> float:
        """How much of the run is behind us, 0..1, by steps or by minutes."""
        by_steps = self.step / self._steps if self._steps else 0.0
        limit = 60 * self.config.minutes
        return min(1.0, max(by_steps, self.seconds / limit if limit else 0.0))

    def on_fit_start(self) -> None:
        self._began = time.monotonic() - self.seconds

    def on_train_batch_start(self, batch: Batch, batch_idx: int) -> None:
        place = (self.config.seed * 1_000_003 + self.global_rank) * 1_000_003 + self.batches
        torch.manual_seed(place % _SEEDS)

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        """The loss of a batch in nats, by its tokens: those of a step count alike, but for those
        of bars to write, which count `target_weight` times.
        """
        scores = self.model(batch.ids).flatten(0, 1)  # (B * T, V)
        labels = batch.labels.flatten()  # (B * T,)
        losses = F.cross_entropy(scores.float(), labels, ignore_index=IGNORED, reduction="none")
        total = (
            losses.sum() + (self.config.target_weight - 1) * losses[batch.written.flatten()].sum()
        )
        self._sums.append((losses.detach().sum(), batch.tokens))
        self.tokens += batch.tokens
        self.batches += 1
        self.here = Position(*batch.position)
        return total / self.config.tokens_a_batch

    def configure_gradient_clipping(self, optimizer: Any, *limits: Any, **more: Any) -> None:
        """By norm, here because Lightning refuses to with a fused optimiser."""
        if self.config.max_grad_norm:
            torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.config.max_grad_norm)

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return make_optimiser(self.model, self.config)

    def optimizer_step(
        self,
        epoch: int,
        batch_idx: int,
        optimizer: Any,
        optimizer_closure: Callable[[], Any] | None = None,
    ) -> None:
        for group in optimizer.param_groups:
            group["lr"] = rate(self.config, self.step, self.share_done)
        super().optimizer_step(epoch, batch_idx, optimizer, optimizer_closure)
        self.step += 1
        self.average.update(self.model, self.step)
        self._keep_time()

    def _keep_time(self) -> None:
        """All processes go by one clock, or they would disagree about rates and the end."""
        now = time.monotonic() - self._began
        if self.trainer.world_size > 1:
            now = self.trainer.strategy.broadcast(now)
        self.seconds = now
        if self.share_done >= 1:
            self.trainer.should_stop = True

    def mean_bits(self) -> float:
        """Bits a token since the last call, over all processes."""
        pair = torch.stack([torch.stack([s for s, _ in self._sums]).sum(), self._count()])
        self._sums.clear()
        loss, tokens = self.trainer.strategy.reduce(pair, reduce_op="sum").tolist()
        return float(loss / tokens / math.log(2))

    def _count(self) -> Tensor:
        total = sum(tokens for _, tokens in self._sums)
        return torch.tensor(float(total), device=self._sums[0][0].device)

    @contextmanager
    def averaged(self) -> Iterator[GPT2]:
        """The network with the averaged weights, for a while, without dropout."""
        trained = {name: weight.clone() for name, weight in self.model.state_dict().items()}
        self.model.load_state_dict(self.average.weights)
        self.model.eval()
        try:
            yield self.model
        finally:
            self.model.load_state_dict(trained)
            self.model.train()

    def on_save_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        checkpoint["descant"] = {
            "average": self.average.weights,
            "step": self.step,
            "tokens": self.tokens,
            "batches": self.batches,
            "seconds": self.seconds,
            "best": self.best,
            "processes": self._all_processes(),
        }

    def _all_processes(self) -> list[tuple[tuple[int, int], list[tuple[float, int]]]]:
        """Of each process: where it stands, and the losses it has not logged yet."""
        own = (tuple(self.here), [(float(total), tokens) for total, tokens in self._sums])
        gathered: list[Any] = [own] * self.trainer.world_size
        if self.trainer.world_size > 1:
            torch.distributed.all_gather_object(gathered, own)
        return gathered

    def on_load_checkpoint(self, checkpoint: dict[str, Any]) -> None:
        form = checkpoint.get("descant")
        if form is None:
            raise DescantError("the state to resume from was not saved by descant train")
        self.average.load(form["average"])
        self.step, self.tokens, self.batches = form["step"], form["tokens"], form["batches"]
        self.seconds, self.best = form["seconds"], form["best"]
        self.positions = [Position(*position) for position, _ in form["processes"]]
        self.here = self.position
        sums = form["processes"][min(self.global_rank, len(self.positions) - 1)][1]
        self._sums = [(torch.tensor(total, device=self.device), count) for total, count in sums]
