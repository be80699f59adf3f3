"""Which size to train: some sizes on the same tokens, `python -m descant.train.scaling`.

Writes `scaling.json` and `scaling.png` into the folder, the runs beside them; goes on where it was
stopped.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from descant.model.checkpoint import load_checkpoint
from descant.train.card import parameter_count
from descant.train.config import SIZES, TrainConfig
from descant.train.data import open_data
from descant.train.judge.plots import draw_scaling
from descant.train.run import train


def study(config: TrainConfig, sizes: Sequence[str], folder: Path) -> list[dict[str, Any]]:
    """Train each size for as many steps; batches do not depend on the size, so tokens are equal."""
    found = []
    for size in sizes:
        own = replace(config, size=size, output_dir=str(folder / size))
        found.append(_curve(train(own, open_data(Path(own.train_data), own))))
    (folder / "scaling.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    draw_scaling(found, folder / "scaling.png")
    return found


def _curve(run: Path) -> dict[str, Any]:
    rows = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    checks = [row for row in rows if "val/bits_infill" in row]
    sizes = load_checkpoint(run / f"{run.name}-last.safetensors").architecture
    return {
        "size": run.name,
        "parameters": parameter_count(sizes),
        "tokens": [row["tokens"] for row in checks],
        "bits": [_mean_bits(row) for row in checks],
    }


def _mean_bits(row: Mapping[str, float]) -> float:
    bits = [value for name, value in row.items() if name.startswith("val/")]
    return sum(bits) / len(bits)


def main() -> None:
    """Run a study and print where each size ended."""
    options = argparse.ArgumentParser(prog="python -m descant.train.scaling", description=__doc__)
    options.add_argument("corpus", help="a folder made by descant prepare")
    options.add_argument("folder", type=Path, help="where the runs and the plot go")
    options.add_argument("--sizes", nargs="+", choices=SIZES, default=["tiny", "small", "medium"])
    options.add_argument("--steps", type=int, default=200, help="optimiser steps of each size")
    options.add_argument("--threads", type=int, default=1)
    given = options.parse_args()
    checks = max(1, given.steps // 4)
    config = TrainConfig(
        train_data=given.corpus,
        max_steps=given.steps,
        warmup_steps=max(1, given.steps // 10),
        learning_rate=2e-3,
        eval_steps=checks,
        threads=given.threads,
    )
    for run in study(config, given.sizes, given.folder):
        print(f"{run['size']}: {run['parameters']} weights, {run['bits'][-1]:.3f} bits a token")


if __name__ == "__main__":
    main()
