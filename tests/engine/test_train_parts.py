"""What training is made of: batches, counts, optimiser, settings."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from tiny_corpus import tiny_corpus  # noqa: E402
from tiny_training import DRY  # noqa: E402

from descant.errors import DescantError  # noqa: E402
from descant.train.baselines import Counts  # noqa: E402
from descant.train.batches import (  # noqa: E402
    IGNORED,
    BatchFeed,
    Position,
    collate,
    group_by_length,
)
from descant.train.command import settings  # noqa: E402
from descant.train.config import TrainConfig  # noqa: E402
from descant.train.optimiser import Average, make_optimiser, rate  # noqa: E402
from descant.train.run import total_steps  # noqa: E402
from descant.train.sample import Sample  # noqa: E402
from descant.train.samples import Sampler, SampleSettings  # noqa: E402
from descant.train.tokeniser import Tokeniser, find_encoder  # noqa: E402


def sample(length: int, scored_from: int = 0) -> Sample:
    return Sample(np.arange(length, dtype=np.int32), scored_from)


def test_a_batch_asks_for_the_next_token_and_ignores_padding() -> None:
    batch = collate([sample(5), sample(3)])
    assert batch.ids.tolist() == [[0, 1, 2, 3], [0, 1, 0, 0]]
    assert batch.labels.tolist() == [[1, 2, 3, 4], [1, 2, IGNORED, IGNORED]]
    assert batch.tokens == 6
    targets = collate([sample(5, scored_from=3)], targets_only=True)
    assert targets.labels.tolist() == [[IGNORED, IGNORED, 3, 4]]


def test_what_a_model_is_told_is_not_scored_and_what_it_writes_is_marked() -> None:
    told = np.array([False, False, False, True, True, False, False])
    infill = Sample(np.arange(7, dtype=np.int32), 3, told)
    batch = collate([infill, sample(6)])
    assert batch.labels.tolist() == [[1, 2, IGNORED, IGNORED, 5, 6], [1, 2, 3, 4, 5, IGNORED]]
    assert batch.written.tolist() == [[False, False, True, True, True, True], [False] * 6]
    assert batch.tokens == 9


def test_groups_keep_every_sample_and_the_token_limit() -> None:
    lengths = [7, 90, 30, 31, 8, 64, 33, 9]
    groups = group_by_length([sample(n) for n in lengths], 100)
    assert sorted(len(s.ids) for group in groups for s in group) == sorted(lengths)
    assert all(len(group) * len(group[0].ids) <= 100 for group in groups)


class Numbered:
    """Sample i is i tokens of value i; sent to workers, so it lives here."""

    def sample(self, index: int) -> Sample:
        return Sample(np.full(2 + index % 50, index, np.int32), 0)


def taken(feed: BatchFeed, count: int) -> list[Any]:
    batches = iter(feed)
    return [next(batches) for _ in range(count)]


def test_batches_go_on_from_any_position() -> None:
    feed = BatchFeed(Numbered(), 8, 64)
    batches = taken(feed, 12)
    again = taken(replace(feed, start=batches[4].position), 7)
    for batch, other in zip(batches[5:], again, strict=True):
        assert torch.equal(batch.ids, other.ids)
        assert batch.position == other.position


def test_processes_share_the_pools() -> None:
    def samples(rank: int) -> set[int]:
        feed = BatchFeed(Numbered(), 8, 10**6, rank=rank, world=2)
        return {int(row[0]) for batch in taken(feed, 3) for row in batch.ids}

    assert samples(0) == {*range(8), *range(16, 24), *range(32, 40)}
    assert samples(1) == {*range(8, 16), *range(24, 32), *range(40, 48)}


@pytest.mark.slow
def test_workers_change_nothing() -> None:
    feed = BatchFeed(Numbered(), 8, 64, start=Position(2, 1))
    with_workers = taken(replace(feed, workers=2), 9)
    for one, two in zip(taken(feed, 9), with_workers, strict=True):
        assert torch.equal(one.ids, two.ids)
        assert one.position == two.position


def test_counts_are_probabilities_and_each_baseline_has_its_strength() -> None:
    ids = np.array([0, 1, 2] * 40, dtype=np.int32)
    counts = Counts([ids], 5)
    row = torch.tensor([[0, 1, 4, 0, 1]])
    for logits in (counts.singles(row), counts.pairs(row), counts.copies(row)):
        torch.testing.assert_close(logits.exp().sum(-1), torch.ones(1, 5))
    assert counts.pairs(row)[0, 0, 1] > counts.singles(row)[0, 0, 1]
    assert counts.copies(row)[0, 4, 4] > counts.pairs(row)[0, 4, 4]


def test_only_matrices_decay() -> None:
    from descant.model.architecture import Architecture
    from descant.model.gpt2 import GPT2

    model = GPT2(Architecture(31, 16, 8, 1, 2))
    matrices = [(8, 8), (8, 24), (8, 32), (31, 8), (32, 8)]
    decaying, others = make_optimiser(model, replace(DRY, optimizer="adamw")).param_groups
    assert decaying["weight_decay"] == DRY.weight_decay
    assert others["weight_decay"] == 0
    assert sorted(w.shape for w in decaying["params"]) == matrices
    head, others, inside = make_optimiser(model, DRY).param_groups
    assert [group["weight_decay"] for group in (head, others, inside)] == [0.1, 0, 0.1]
    assert sorted(w.shape for w in [*head["params"], *inside["params"]]) == matrices


def test_the_rate_rises_then_falls_to_its_floor() -> None:
    assert rate(DRY, 0, 0.0) == pytest.approx(3e-3 / 4)
    assert rate(DRY, 4, 0.0) == pytest.approx(3e-3)
    assert rate(DRY, 19, 0.5) == pytest.approx(3e-3 * 0.55)
    assert rate(DRY, 19, 1.0) == pytest.approx(3e-4)
    assert rate(replace(DRY, lr_scheduler_type="constant"), 19, 1.0) == pytest.approx(3e-3)
    assert rate(replace(DRY, lr_scheduler_type="linear"), 19, 0.5) == pytest.approx(3e-3 * 0.55)


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
    with pytest.raises(DescantError, match="size 'vast' is not one of tiny"):
        replace(DRY, size="vast")
    with pytest.raises(DescantError, match="max_steps is '7'; it must be of type int"):
        replace(DRY, max_steps="7")
    with pytest.raises(DescantError, match="min_tracks 13 is above 12"):
        replace(DRY, min_tracks=13)


def test_epochs_end_a_run_that_has_neither_steps_nor_minutes() -> None:
    config = TrainConfig(num_epochs=3, per_device_batch_size=8, gradient_accumulation_steps=2)
    assert total_steps(config, epoch=100, world=2) == 3 * 4
    assert total_steps(replace(config, minutes=1.0), epoch=100, world=2) == 0
    assert total_steps(replace(config, max_steps=7), epoch=100, world=2) == 7


def test_flags_win_over_the_file_of_settings(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"learning_rate": 1e-4, "n_embd": 768, "train_data": "here"}))
    config = settings(["--config", str(file), "--learning-rate", "0.002", "--compile"])
    assert (config.learning_rate, config.n_embd, config.compile) == (0.002, 768, True)
    assert settings(["--config", str(file), "--dry-run"]).max_steps == 20
    file.write_text('{"learning_rat": 1}')
    with pytest.raises(DescantError, match="'learning_rat'; did you mean learning_rate"):
        settings(["--config", str(file)])
    with pytest.raises(DescantError, match="give --train-data"):
        settings([])


def test_settings_may_be_yaml(tmp_path: Path) -> None:
    pytest.importorskip("yaml")
    file = tmp_path / "run.yaml"
    file.write_text("train_data: here\nmax_steps: 9\n")
    assert settings(["--config", str(file)]).max_steps == 9
    file.write_text("{")
    with pytest.raises(DescantError, match="not readable settings"):
        settings(["--config", str(file)])


def test_sampling_follows_the_settings() -> None:
    ghost = Tokeniser(find_encoder("ghost"))
    tracks = ghost.config["token_domains"]
    assert tracks
    drawn = Sampler(tiny_corpus(), ghost, SampleSettings(min_tracks=3, infill=0.0, hidden=0.0), 1)
    more = Sampler(tiny_corpus(), ghost, SampleSettings(max_tracks=1, infill=0.0, hidden=0.0), 1)
    lengths = [sum(len(s.sample(n).ids) for n in range(40)) for s in (drawn, more)]
    assert lengths[0] > 1.2 * lengths[1]
