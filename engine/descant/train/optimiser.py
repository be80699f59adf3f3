"""The optimiser, its rate over a run, and the running average of the weights."""

from __future__ import annotations

import math

import torch
from torch import nn

from descant.train.config import TrainSettings

BETAS = (0.9, 0.95)


def make_optimiser(model: nn.Module, settings: TrainSettings) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019); only matrices that multiply decay."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, weight in model.named_parameters():
        embedding = ".wte." in name or ".wpe." in name
        (matrices if weight.ndim == 2 and not embedding else others).append(weight)
    groups = [
        {"params": matrices, "weight_decay": settings.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, lr=settings.learning_rate, betas=BETAS, fused=True)


def rate(settings: TrainSettings, step: int, share_done: float) -> float:
    """Linear warm-up by steps, then a cosine over the run down to the final share of the peak."""
    if step < settings.warmup_steps:
        return settings.learning_rate * (step + 1) / settings.warmup_steps
    cosine = 0.5 * (1 + math.cos(math.pi * min(1.0, share_done)))
    floor = settings.final_rate
    return settings.learning_rate * (floor + (1 - floor) * cosine)


class Average:
    """Exponential moving average of a model's weights; young averages forget faster."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.weights = {name: w.detach().clone() for name, w in model.state_dict().items()}
        self._decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, weight in model.state_dict().items():
            self.weights[name].lerp_(weight, 1 - decay)
