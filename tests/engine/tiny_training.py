"""A run of training of a few steps: its settings, its music, its command."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from tiny_corpus import tiny_corpus  # noqa: E402

from descant.cli.app import app  # noqa: E402
from descant.train.config import TrainConfig  # noqa: E402
from descant.train.corpus import save_pieces  # noqa: E402

DRY = TrainConfig(
    encoder_config_path="ghost",
    size="tiny",
    max_steps=20,
    max_seq_len=512,
    batch_tokens=512,
    gradient_accumulation_steps=2,
    warmup_steps=4,
    learning_rate=3e-3,
    ema_decay=0.8,
    pool=8,
    eval_steps=10,
    eval_samples=2,
    logging_steps=3,
    save_steps=5,
    threads=1,
    dropout=0.1,
    accelerator="cpu",
    precision="fp32",
)


def save_corpus(folder: Path) -> Path:
    """The tiny corpus as `descant prepare` leaves it."""
    save_pieces(folder / "made.npz", tiny_corpus().pieces)
    table = "| part | licence | line |\n|---|---|---|\n| made | CC0 1.0 | Made by nobody |\n"
    (folder / "LICENSES.md").write_text(table)
    return folder


def command(*arguments: str) -> None:
    app(arguments, standalone_mode=False)


def flags(config: TrainConfig) -> list[str]:
    form = {name: value for name, value in config.form().items() if value != ""}
    del form["compile"], form["size"]
    return [part for n, v in form.items() for part in (f"--{n.replace('_', '-')}", str(v))]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)
