"""The optimiser, its rate over a run, and the running average of the weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor, nn

from descant.train.config import TrainConfig

BETAS = (0.9, 0.95)


def make_optimiser(model: nn.Module, config: TrainConfig) -> torch.optim.Optimizer:
    """AdamW (Loshchilov and Hutter 2019), or Muon (Jordan et al. 2024) for the matrices inside
    the network and AdamW for the rest; only matrices that multiply decay.
    """
    matrices: list[nn.Parameter] = []
    head: list[nn.Parameter] = []
    others: list[nn.Parameter] = []
    for name, weight in model.named_parameters():
        embedding = ".wte." in name or ".wpe." in name
        kind = others if weight.ndim != 2 or embedding else head if "lm_head" in name else matrices
        kind.append(weight)
    if config.optimizer == "adamw":
        return _adamw([*head, *matrices], others, config)
    # Scaled so that Muon's steps are as large as AdamW's, and one rate serves both.
    muon = torch.optim.Muon(
        matrices,
        lr=config.learning_rate,
        weight_decay=config.weight_decay,
        adjust_lr_fn="match_rms_adamw",
    )
    return Together([_adamw(head, others, config), muon])


def _adamw(
    decaying: list[nn.Parameter], others: list[nn.Parameter], config: TrainConfig
) -> torch.optim.AdamW:
    groups = [
        {"params": decaying, "weight_decay": config.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    fused = config.precision != "fp16"  # a fused step scales gradients itself
    return torch.optim.AdamW(groups, lr=config.learning_rate, betas=BETAS, fused=fused)


class Together(torch.optim.Optimizer):
    """Optimisers of different weights that step as one; its groups are theirs, in order."""

    def __init__(self, parts: list[torch.optim.Optimizer]) -> None:
        super().__init__([p for part in parts for g in part.param_groups for p in g["params"]], {})
        self._parts = parts
        self._share_groups()

    def _share_groups(self) -> None:
        self.param_groups = [group for part in self._parts for group in part.param_groups]

    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        with torch.enable_grad():
            loss = None if closure is None else closure()
        for part in self._parts:
            part.step()
        return loss

    def state_dict(self) -> dict[str, Any]:
        return {"parts": [part.state_dict() for part in self._parts]}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        for part, state in zip(self._parts, state_dict["parts"], strict=True):
            part.load_state_dict(state)
        self._share_groups()


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
