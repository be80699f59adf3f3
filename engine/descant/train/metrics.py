"""The numbers of a run as lines of JSON, one a log call."""

from __future__ import annotations

import json
import logging
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lightning.pytorch.loggers.logger import Logger
from lightning.pytorch.utilities import rank_zero_only

log = logging.getLogger("descant.train")


class MetricsFile(Logger):
    """Appends to `metrics.jsonl`, and says the same on the room's logger."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    @property
    def name(self) -> str:
        return self._path.stem

    @property
    def version(self) -> str:
        return ""

    @rank_zero_only
    def log_metrics(self, metrics: Mapping[str, float], step: int | None = None) -> None:
        row = {"step": step, **metrics}
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(row) + "\n")
        log.info("%s", "  ".join(f"{name} {_short(value)}" for name, value in row.items()))

    def log_hyperparams(
        self, params: dict[str, Any] | Namespace, *arguments: Any, **more: Any
    ) -> None:
        """Settings are written once, by the run."""


def forget_after(path: Path, step: int) -> None:
    """Drop what a killed run wrote behind the state it is resumed from."""
    if not path.exists():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    kept = [line for line in lines if line.endswith("\n") and json.loads(line)["step"] <= step]
    path.write_text("".join(kept), encoding="utf-8")


def _short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)
