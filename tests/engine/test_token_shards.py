"""Samples written as tokens beforehand, for machines without the core."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from tiny_training import DRY, command, flags, python, save_corpus  # noqa: E402

from descant.errors import DescantError  # noqa: E402
from descant.model.checkpoint import load_checkpoint  # noqa: E402
from descant.train.data import open_data  # noqa: E402
from descant.train.sample import Sample  # noqa: E402

TOKENS = ("--encoder", "ghost", "--max-seq-len", "512", "--megabytes", "0.001", "--workers", "1")


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_corpus(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="module")
def shards(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("tokens")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("descant.train.tokenise.SAMPLES_A_SHARD", 40)
        command("prepare", "--out", str(corpus), "--tokens", str(folder), *TOKENS)
    return folder


def test_tokens_written_before_are_the_samples_of_the_corpus(corpus: Path, shards: Path) -> None:
    data = open_data(shards, DRY)
    again = open_data(corpus, replace(DRY, eval_samples=48))
    assert data.encoder == again.encoder
    assert data.about == again.about
    assert data.attributions == list(again.attributions)
    for kind, samples in again.valid.items():
        assert_same(data.valid[kind], samples)
    drawn = [data.train.sample(n).ids.tobytes() for n in range(data.epoch)]
    later = [data.train.sample(n + data.epoch).ids.tobytes() for n in range(data.epoch)]
    assert drawn != later
    assert sorted(drawn) == sorted(later)


def assert_same(one: Sequence[Sample], two: Sequence[Sample]) -> None:
    for a, b in zip(one, two, strict=True):
        np.testing.assert_array_equal(a.ids, b.ids)
        assert a.scored_from == b.scored_from


WITHOUT_CORE = """
import sys
sys.modules["descant._core"] = None
for name in ("typer", "pyarrow"):
    sys.modules[name] = None
from descant.train.command import main
sys.exit(main())
"""


def test_tokens_train_without_the_core(shards: Path, tmp_path: Path) -> None:
    config = replace(DRY, train_data=str(shards), output_dir=str(tmp_path / "run"), max_steps=2)
    done = python("-c", WITHOUT_CORE, *flags(config))
    assert done.returncode == 0, done.stderr
    assert load_checkpoint(tmp_path / "run" / "run.safetensors").architecture.n_positions == 512


def test_damaged_and_too_long_tokens_are_refused(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(DescantError, match="max_seq_len 64 must be at least that"):
        open_data(shards, replace(DRY, max_seq_len=64))
    for path in shards.iterdir():
        os.link(path, tmp_path / path.name)
    (tmp_path / "train-0000.tok").unlink()
    (tmp_path / "train-0000.tok").write_bytes(b"nonsense")
    with pytest.raises(DescantError, match="train-0000"):
        open_data(tmp_path, DRY)


def test_shards_of_another_format_are_to_be_made_again(shards: Path, tmp_path: Path) -> None:
    for path in shards.iterdir():
        shutil.copy(path, tmp_path)
    head = json.loads((tmp_path / "tokens.json").read_text())
    (tmp_path / "tokens.json").write_text(json.dumps({**head, "format": 1}))
    with pytest.raises(DescantError, match="format 1 instead of 2; make it again"):
        open_data(tmp_path, DRY)
