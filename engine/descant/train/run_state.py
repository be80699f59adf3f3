"""Everything a run must remember to go on exactly where it stopped, and the bundle it leaves."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from descant.model.checkpoint import save_checkpoint
from descant.model.gpt2 import GPT2
from descant.train.batches import Position
from descant.train.config import TrainSettings
from descant.train.optimiser import Average, make_optimiser
from descant.train.tokeniser import Tokeniser

KEPT_STATES = 2


class RunState:
    """Weights, their average, the optimiser, and how far the run is."""

    def __init__(self, model: GPT2, settings: TrainSettings) -> None:
        self.model = model
        self.settings = settings
        self.optimiser = make_optimiser(model, settings)
        self.average = Average(model, settings.average)
        self.position = Position()
        self.step = 0
        self.tokens = 0
        self.seconds = 0.0
        self.best = math.inf

    @property
    def share_done(self) -> float:
        """How much of the run is behind us, 0..1, by steps or by minutes."""
        limits = self.settings
        by_steps = self.step / limits.steps if limits.steps else 0.0
        by_time = self.seconds / (60 * limits.minutes) if limits.minutes else 0.0
        return min(1.0, max(by_steps, by_time))

    def save(self, folder: Path) -> None:
        """Write `state-<step>.pt` as a whole or not at all; drop all but the newest few."""
        path = folder / f"state-{self.step:08d}.pt"
        partial = path.with_suffix(".partial")
        torch.save(self._form(), partial)
        partial.replace(path)
        for old in sorted(folder.glob("state-*.pt"))[:-KEPT_STATES]:
            old.unlink()

    def load(self, path: Path) -> None:
        """Take up a saved state of a run with the same sizes."""
        form = torch.load(path, map_location=self.settings.device, weights_only=True)
        self.model.load_state_dict(form["model"])
        self.average.weights = form["average"]
        self.optimiser.load_state_dict(form["optimiser"])
        torch.set_rng_state(form["random"].cpu())
        self.position = Position(**form["position"])
        self.step, self.tokens = form["step"], form["tokens"]
        self.seconds, self.best = form["seconds"], form["best"]

    def _form(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "average": self.average.weights,
            "optimiser": self.optimiser.state_dict(),
            "random": torch.get_rng_state(),
            "position": asdict(self.position),
            "step": self.step,
            "tokens": self.tokens,
            "seconds": self.seconds,
            "best": self.best,
        }

    def export(self, path: Path, tokeniser: Tokeniser, about: Mapping[str, Any]) -> None:
        """Write the averaged weights as a format-2 checkpoint (spec/generation.md 2.1).

        Its metadata also says, under `training`, from what and how the weights were made.
        """
        training = {**about, "step": self.step, "tokens": self.tokens}
        weights = {name: weight.cpu().numpy() for name, weight in self.average.weights.items()}
        metadata = {"training": json.dumps(training)}
        save_checkpoint(path, weights, self.model.architecture, tokeniser.config, metadata)


def newest_state(folder: Path) -> Path | None:
    """The state to resume from, if any."""
    return max(folder.glob("state-*.pt"), default=None)
