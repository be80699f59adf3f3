"""Training: batches, counts, optimiser, and whole runs of a few steps on a tiny corpus."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tiny_corpus import tiny_corpus  # noqa: E402

from descant.errors import DescantError  # noqa: E402
from descant.model.checkpoint import load_checkpoint  # noqa: E402
from descant.train.__main__ import main  # noqa: E402
from descant.train.batches import (  # noqa: E402
    IGNORED,
    Position,
    batches,
    collate,
    group_by_length,
)
from descant.train.config import TrainSettings  # noqa: E402
from descant.train.corpus import save_pieces  # noqa: E402
from descant.train.evaluation import Counts, Evaluation  # noqa: E402
from descant.train.loop import Run  # noqa: E402
from descant.train.optimiser import Average, make_optimiser, rate  # noqa: E402
from descant.train.samples import Sample, Sampler, SampleSettings  # noqa: E402
from descant.train.tokeniser import Tokeniser, find_encoder  # noqa: E402

DRY = TrainSettings(
    size="tiny",
    steps=20,
    positions=512,
    batch_tokens=512,
    warmup_steps=4,
    learning_rate=3e-3,
    average=0.8,
    pool=8,
    check_steps=10,
    check_samples=2,
    log_steps=5,
    save_minutes=0.0,
    threads=1,
    dropout=0.1,
)


@pytest.fixture(scope="module")
def ghost() -> Tokeniser:
    return Tokeniser(find_encoder("ghost"))


def sample(length: int, scored_from: int = 0) -> Sample:
    return Sample(np.arange(length, dtype=np.int32), scored_from)


def test_a_batch_asks_for_the_next_token_and_ignores_padding() -> None:
    batch = collate([sample(5), sample(3)])
    assert batch.ids.tolist() == [[0, 1, 2, 3], [0, 1, 0, 0]]
    assert batch.labels.tolist() == [[1, 2, 3, 4], [1, 2, IGNORED, IGNORED]]
    assert batch.tokens == 6
    targets = collate([sample(5, scored_from=3)], targets_only=True)
    assert targets.labels.tolist() == [[IGNORED, IGNORED, 3, 4]]


def test_groups_keep_every_sample_and_the_token_limit() -> None:
    lengths = [7, 90, 30, 31, 8, 64, 33, 9]
    groups = group_by_length([sample(n) for n in lengths], 100)
    assert sorted(len(s.ids) for group in groups for s in group) == sorted(lengths)
    assert all(len(group) * len(group[0].ids) <= 100 for group in groups)


def test_batches_go_on_from_any_position(ghost: Tokeniser) -> None:
    sampler = Sampler(tiny_corpus(), ghost, SampleSettings(), 1)
    source = batches(sampler, 8, 1024, Position())
    taken = [next(source) for _ in range(12)]
    again = batches(sampler, 8, 1024, taken[4][1])
    for batch, position in taken[5:]:
        other, other_position = next(again)
        assert torch.equal(batch.ids, other.ids)
        assert position == other_position


def test_counts_are_probabilities_and_pairs_beat_singles() -> None:
    ids = np.array([0, 1, 2] * 40, dtype=np.int32)
    counts = Counts([ids], 4)
    row = torch.tensor([[0, 1, 2]])
    for logits in (counts.singles(row), counts.pairs(row)):
        torch.testing.assert_close(logits.exp().sum(-1), torch.ones(1, 3))
    assert counts.pairs(row)[0, 0, 1] > counts.singles(row)[0, 0, 1]


def test_only_matrices_decay() -> None:
    from descant.model.architecture import Architecture
    from descant.model.gpt2 import GPT2

    model = GPT2(Architecture(31, 16, 8, 1, 2))
    decaying, others = make_optimiser(model, DRY).param_groups
    assert decaying["weight_decay"] == DRY.weight_decay
    assert others["weight_decay"] == 0
    assert sorted(w.shape for w in decaying["params"]) == [
        (8, 8),
        (8, 24),
        (8, 32),
        (31, 8),
        (32, 8),
    ]


def test_the_rate_rises_then_falls_to_its_floor() -> None:
    assert rate(DRY, 0, 0.0) == pytest.approx(3e-3 / 4)
    assert rate(DRY, 4, 0.0) == pytest.approx(3e-3)
    assert rate(DRY, 19, 0.5) == pytest.approx(3e-3 * 0.55)
    assert rate(DRY, 19, 1.0) == pytest.approx(3e-4)


def test_the_average_follows_the_weights() -> None:
    layer = torch.nn.Linear(1, 1, bias=False)
    with torch.no_grad():
        layer.weight.fill_(1.0)
        average = Average(layer, 0.5)
        layer.weight.fill_(3.0)
        average.update(layer, step=100)
    assert average.weights["weight"].item() == pytest.approx(2.0)


def test_settings_outside_their_range_are_named() -> None:
    with pytest.raises(DescantError, match=r"dropout 1\.0 is outside"):
        replace(DRY, dropout=1.0)
    with pytest.raises(DescantError, match="size 'huge' is not one of"):
        replace(DRY, size="huge")
    with pytest.raises(DescantError, match="needs an end"):
        TrainSettings()


def rows(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def finished(ghost: Tokeniser, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    Run(DRY, tiny_corpus(), ghost, folder).train()
    return folder


def test_a_dry_run_learns_logs_and_leaves_a_usable_bundle(finished: Path, ghost: Tokeniser) -> None:
    log = rows(finished)
    losses = [row["loss"] for row in log if "loss" in row]
    assert losses[-1] < losses[0] - 1
    assert any("bits_single" in row for row in log)
    checks = [row["bits"] for row in log if "bits" in row]
    assert all(set(bits) == {"infill", "infill_hidden", "sequence"} for bits in checks)
    assert checks[-1]["sequence"] < checks[0]["sequence"]
    for name in ("model", "best"):
        bundle = load_checkpoint(finished / f"{name}.safetensors")
        assert bundle.architecture.vocab_size == 650
        assert bundle.encoder_config == ghost.config
        training = json.loads(bundle.metadata["training"])
        assert training["data"]["sha256"] == tiny_corpus().fingerprint()
        assert training["data"]["pieces_by_licence"] == {"CC0": 9}
        assert training["settings"]["learning_rate"] == 3e-3
    assert len(list(finished.glob("state-*.pt"))) == 2
    assert not list(finished.glob("*.partial"))


def test_a_resumed_run_equals_an_uninterrupted_one(
    finished: Path, ghost: Tokeniser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = Run._step

    def cut_off(run: Run, batch: object) -> float:
        if run.state.step == 13:
            raise KeyboardInterrupt
        return step(run, batch)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(Run, "_step", cut_off)
        with pytest.raises(KeyboardInterrupt):
            Run(DRY, tiny_corpus(), ghost, tmp_path).train()
    Run(DRY, tiny_corpus(), ghost, tmp_path).train()
    expected = load_checkpoint(finished / "model.safetensors").weights
    resumed = load_checkpoint(tmp_path / "model.safetensors").weights
    for name in expected:
        np.testing.assert_array_equal(resumed[name], expected[name], err_msg=name)


def test_a_run_needs_no_validation_pieces(ghost: Tokeniser, tmp_path: Path) -> None:
    Run(replace(DRY, steps=2), tiny_corpus().only("train"), ghost, tmp_path).train()
    assert (tmp_path / "model.safetensors").exists()
    assert not (tmp_path / "best.safetensors").exists()


def test_validation_windows_stay_the_same(ghost: Tokeniser) -> None:
    valid = tiny_corpus().only("valid")
    one, two = (Evaluation(valid, ghost, SampleSettings(), 3) for _ in range(2))
    for kind in one.batches:
        for a, b in zip(one.batches[kind], two.batches[kind], strict=True):
            assert torch.equal(a.labels, b.labels)


def test_the_command_trains_and_explains_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    save_pieces(tmp_path / "made.npz", tiny_corpus().pieces)
    common = ["--data", str(tmp_path), "--out", str(tmp_path / "run"), "--threads", "1"]
    small = ["--size", "tiny", "--positions", "256", "--steps", "2", "--check-samples", "1"]
    assert main([*common, *small, "--pool", "4"]) == 0
    assert (tmp_path / "run" / "model.safetensors").exists()
    assert main([*common, "--encoder", "blue", "--steps", "1"]) == 1
    assert "blue" in capsys.readouterr().err
