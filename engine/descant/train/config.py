"""Training settings: each field with help, unit and range, checked in one place.

Defaults and their reasons: spec/training.md 8.  Dropout is 0 by default: a run reads less than one
epoch of varied samples, and on a CPU dropout alone costs six times the rest of a step.
"""

from __future__ import annotations

from dataclasses import Field, asdict, dataclass, field, fields
from typing import Any

from descant.errors import DescantError

SIZES = {
    "tiny": (64, 2, 2),
    "small": (256, 6, 8),
    "medium": (384, 8, 8),
    "large": (512, 6, 8),
}
"""Width, layers, heads."""


def _setting(default: Any, help: str, low: float, high: float) -> Any:
    return field(default=default, metadata={"help": help, "low": low, "high": high})


@dataclass(frozen=True)
class TrainSettings:
    """How a run goes.  A run ends when its steps or its minutes are used up, whichever is first."""

    size: str = field(default="small", metadata={"help": f"one of {', '.join(SIZES)}"})
    device: str = field(default="cpu", metadata={"help": "cpu, cuda or mps"})
    steps: int = _setting(0, "optimiser steps, 0 = no limit", 0, 10**9)
    minutes: float = _setting(0.0, "minutes of training, 0 = no limit", 0, 10**6)
    seed: int = _setting(1, "seed of weights and samples", 0, 2**31 - 1)
    threads: int = _setting(2, "CPU threads", 1, 1024)
    positions: int = _setting(2048, "longest sequence the model reads", 16, 65536)
    batch_tokens: int = _setting(8192, "tokens a step, padding included", 64, 10**7)
    learning_rate: float = _setting(1.5e-3, "peak rate", 1e-7, 1.0)
    warmup_steps: int = _setting(150, "steps of linear warm-up", 1, 10**6)
    final_rate: float = _setting(0.1, "last rate as a share of the peak", 0.0, 1.0)
    weight_decay: float = _setting(0.1, "decay of matrices", 0.0, 10.0)
    dropout: float = _setting(0.0, "dropout", 0.0, 0.9)
    clip: float = _setting(1.0, "largest gradient norm", 1e-3, 1e6)
    average: float = _setting(0.998, "decay of the averaged weights", 0.0, 0.99999)
    pool: int = _setting(128, "samples sorted by length together", 1, 10**6)
    save_minutes: float = _setting(4.0, "minutes between checkpoints", 0.0, 10**6)
    check_steps: int = _setting(100, "steps between validations", 1, 10**9)
    check_samples: int = _setting(48, "validation samples of each kind", 1, 10**6)
    log_steps: int = _setting(10, "steps between log lines", 1, 10**6)

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise DescantError(f"size {self.size!r} is not one of {', '.join(SIZES)}")
        if not self.steps and not self.minutes:
            raise DescantError("a run needs an end: give steps or minutes")
        for item in fields(self):
            self._check_range(item)

    def _check_range(self, item: Field[Any]) -> None:
        if "low" not in item.metadata:
            return
        value, low, high = getattr(self, item.name), item.metadata["low"], item.metadata["high"]
        if not low <= value <= high:
            raise DescantError(f"{item.name} {value} is outside {low}..{high}")

    def form(self) -> dict[str, Any]:
        """The JSON form."""
        return asdict(self)
