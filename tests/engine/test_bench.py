"""Benchmarks: what the figures mean, that each is measured, clear words without a rival."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from models import architecture_of, engine_of, random_weights
from typer.testing import CliRunner

from descant.bench import FIGURES, Figure, Rival, rival, run_bench
from descant.bench.memory_limit import cache_bytes, read_seconds, weight_bytes
from descant.bench.runner import Runner
from descant.cli.app import app
from descant.cli.bench import BenchJob
from descant.encoder_config import load_encoder
from descant.errors import BackendError
from descant.model.architecture import Architecture
from descant.model.backend import open_network
from descant.model.checkpoint import load_checkpoint, save_checkpoint

ENCODER = "yellow_encoder"
POSITIONS = 1100


def saved(folder: Path, positions: int) -> Path:
    path = folder / "random.safetensors"
    sizes = architecture_of(ENCODER, positions)
    save_checkpoint(path, random_weights(sizes), sizes, load_encoder(ENCODER).to_dict())
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return saved(tmp_path_factory.mktemp("model"), POSITIONS)


def test_ratios_say_how_many_times_faster() -> None:
    rate = Figure("decode_1", ours=300.0, rival=100.0, limit=600.0)
    assert rate.to_dict() == {"ours": 300.0, "rival": 100.0, "ratio": 3.0, "limit_ratio": 0.5}
    delay = Figure("four_bars", ours=20.0, rival=100.0, limit=5.0)
    assert delay.to_dict() == {"ours": 20.0, "rival": 100.0, "ratio": 5.0, "limit_ratio": 0.25}
    assert Figure("prefill_1000", 20.0).to_dict()["ratio"] is None


def test_a_token_reads_the_matrices_and_the_cache() -> None:
    sizes = Architecture(vocab_size=647, n_positions=2048, n_embd=512, n_layer=6, n_head=8)
    assert weight_bytes(sizes, "fp32") == 4 * (6 * 12 * 512 * 512 + 647 * 512)
    assert weight_bytes(sizes, "int8") == weight_bytes(sizes, "fp32") / 4 * (1 + 4 / 64)
    assert cache_bytes(sizes, "fp32", 700) == 700 * 6 * 2 * 512 * 4
    assert cache_bytes(sizes, "int8", 700) == 700 * 6 * 2 * 512 * (1 + 4 / 64)
    assert read_seconds(1 << 22, 1) > 0


def test_every_figure_is_measured() -> None:
    runner = Runner(engine_of(ENCODER, POSITIONS))
    sizes = architecture_of(ENCODER, POSITIONS)
    found = run_bench(runner, sizes, "fp32", threads=1, rival=None, rounds=1)
    assert [figure.name for figure in found] == list(FIGURES)
    for figure in found:
        assert figure.ours > 0
        assert figure.rival is None
        assert (figure.limit is None) == (figure.name == "prefill_1000")


def test_unknown_and_missing_rivals_are_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError, match="'bach' is not one of midigpt, torch, onnxruntime"):
        Rival("bach", Path("x"))
    monkeypatch.setitem(rival.RIVALS, "midigpt", ("no_such_module", "pip install it"))
    with pytest.raises(BackendError, match="midigpt: it is not installed; pip install it"):
        Rival("midigpt", Path("x"))


def test_a_model_too_short_to_measure_is_one_sentence(tmp_path: Path) -> None:
    path = saved(tmp_path, 700)
    with pytest.raises(BackendError, match="has 700 positions; to be measured it needs"):
        BenchJob(str(path), None, None, 1, "int8", 1).run()


def test_command_prints_every_figure_as_json(checkpoint: Path) -> None:
    options = ["bench", "--model", str(checkpoint), "--rounds", "1", "--json"]
    done = CliRunner().invoke(app, options, catch_exceptions=False)
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert list(found) == list(FIGURES)
    for entries in found.values():
        assert list(entries) == ["ours", "rival", "ratio", "limit_ratio"]


@pytest.mark.parametrize(
    "name", ["torch", "onnxruntime", pytest.param("midigpt", marks=pytest.mark.peer)]
)
def test_against_a_rival(name: str, checkpoint: Path) -> None:
    try:
        opened = Rival(name, checkpoint)
    except BackendError as error:
        pytest.skip(str(error))
    runner = Runner(engine_of(ENCODER, POSITIONS))
    sizes = architecture_of(ENCODER, POSITIONS)
    with opened:
        found = run_bench(runner, sizes, "fp32", threads=1, rival=opened, rounds=1)
    assert all(figure.ratio is not None and figure.ratio > 0 for figure in found)


def test_onnxruntime_runs_the_same_network(checkpoint: Path) -> None:
    for module in ("onnx", "onnxruntime"):
        pytest.importorskip(module)
    from descant.bench.rival_onnxruntime import OnnxNetwork

    loaded = load_checkpoint(checkpoint)
    theirs, ours = OnnxNetwork(loaded), open_network(loaded, precision="fp32")
    ids = np.arange(30, dtype=np.int32)
    for network in (theirs, ours):
        network.prefill(ids, ids, np.ones(30, np.uint8))
        network.fork(1, 30)
    for run in (ids[:1], ids[4:9]):
        logits = [network.extend([(0, run)]) for network in (theirs, ours)]
        np.testing.assert_allclose(*logits, atol=1e-4)
