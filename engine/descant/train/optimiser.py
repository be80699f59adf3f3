"""The optimiser, its rate over a run, and the running average of the weights."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from descant.train.config import TrainConfig

BETAS = (0.9, 0.95)


def make_optimiser(model: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """AdamW (Loshchilov and Hutter 2019); only matrices that multiply decay."""
    matrices: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, weight in model.named_parameters():
        embedding = ".wte." in name or ".wpe." in name
        (matrices if weight.ndim == 2 and not embedding else others).append(weight)
    groups = [
        {"params": matrices, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    fused = config.precision != "fp16"  # a fused step scales gradients itself
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=BETAS, fused=fused)


def rate(config: TrainConfig, step: int, share_done: float) -> float:
    """Linear warm-up by steps, then over the run down to the final share of the peak."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    done = min(1.0, share_done)
    falls = {
        "cosine": 0.5 * (1 + math.cos(math.pi * done)),
        "linear": 1 - done,
        "constant": 1.0,
    }
    floor = config.final_rate
    return config.learning_rate * (floor + (1 - floor) * falls[config.lr_scheduler_type])


class Average:
    """Exponential moving average of a model's weights; young averages forget faster."""

    def __init__(self, model: nn.Module, decay: float) -> None:
        self.weights = {name: w.detach().clone() for name, w in model.state_dict().items()}
        self._decay = decay

    @torch.no_grad()
    def update(self, model: nn.Module, step: int) -> None:
        decay = min(self._decay, (1 + step) / (10 + step))
        for name, weight in model.state_dict().items():
            self.weights[name] = self.weights[name].to(weight.device).lerp_(weight, 1 - decay)

    def load(self, weights: dict[str, Tensor]) -> None:
        """Go on from a saved average."""
        self.weights = {name: weight.clone() for name, weight in weights.items()}
