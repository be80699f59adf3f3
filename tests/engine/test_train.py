"""Training: batches, counts, optimiser, settings, and whole runs of a few steps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from tiny_corpus import tiny_corpus  # noqa: E402

from descant.cli.app import app  # noqa: E402
from descant.errors import DescantError  # noqa: E402
from descant.model.checkpoint import load_checkpoint  # noqa: E402
from descant.model.registry import bundled_models  # noqa: E402
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
from descant.train.corpus import save_pieces  # noqa: E402
from descant.train.data import open_data  # noqa: E402
from descant.train.evaluation import Evaluation  # noqa: E402
from descant.train.optimiser import Average, make_optimiser, rate  # noqa: E402
from descant.train.run import total_steps, train  # noqa: E402
from descant.train.sample import Sample  # noqa: E402
from descant.train.samples import Sampler, SampleSettings  # noqa: E402
from descant.train.tokeniser import Tokeniser, find_encoder  # noqa: E402

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


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    save_pieces(folder / "made.npz", tiny_corpus().pieces)
    table = "| part | licence | line |\n|---|---|---|\n| made | CC0 1.0 | Made by nobody |\n"
    (folder / "LICENSES.md").write_text(table)
    return folder


def run(corpus: Path, folder: Path, **changes: Any) -> Path:
    config = replace(DRY, output_dir=str(folder), train_data=str(corpus), **changes)
    return train(config, open_data(corpus, config))


@pytest.fixture(scope="module")
def finished(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run(corpus, tmp_path_factory.mktemp("runs") / "whole")


def rows(folder: Path) -> list[dict[str, Any]]:
    """What was logged, without what depends on the clock."""
    lines = (folder / "metrics.jsonl").read_text().splitlines()
    timed = ("seconds", "tokens_per_second")
    return [{k: v for k, v in json.loads(line).items() if k not in timed} for line in lines]


def test_a_run_learns_and_logs(finished: Path) -> None:
    log = rows(finished)
    losses = [row["train/bits"] for row in log if "train/bits" in row]
    assert losses[-1] < losses[0] - 1
    assert any("bigram/bits_infill" in row for row in log)
    checks = [row for row in log if "val/bits_infill" in row]
    assert [row["step"] for row in checks] == [10, 20]
    assert {"val/bits_masked", "val/bits_autoregressive"} <= set(checks[0])
    assert checks[-1]["val/bits_autoregressive"] < checks[0]["val/bits_autoregressive"]
    states = sorted(path.name for path in (finished / "checkpoints").iterdir())
    assert states == ["step-00000010.ckpt", "step-00000015.ckpt", "step-00000020.ckpt"]


def test_a_run_leaves_usable_checkpoints_that_say_what_they_are(finished: Path) -> None:
    for name in ("whole", "whole-last"):
        bundle = load_checkpoint(finished / f"{name}.safetensors")
        assert bundle.architecture.vocab_size == 650
        assert bundle.encoder_config == Tokeniser(find_encoder("ghost")).config
        assert bundle.metadata["data_sha256"] == tiny_corpus().fingerprint()
        training = json.loads(bundle.metadata["training"])
        assert training["data"]["pieces_by_licence"] == {"CC0": 9}
        assert training["settings"]["learning_rate"] == 3e-3
    card = bundled_models(finished)["whole"].card
    assert card.trained_on == "9 pieces: 9 CC0"
    assert "0.3 million" in card.summary or "0.2 million" in card.summary
    text = (finished / "whole.md").read_text()
    assert "Changes made to the music" in text
    assert ("as is" in text) == ("BSD" in text)
    for words in ("Made by nobody", "bits a token", tiny_corpus().fingerprint(), "## Limits"):
        assert words in text


KILLED = """
import os, signal, sys
from descant.train.command import run
from descant.train.module import TrainedModel
step = TrainedModel.optimizer_step
def dying(model, *arguments, **more):
    if model.step == 13:
        os.kill(os.getpid(), signal.SIGKILL)
    step(model, *arguments, **more)
TrainedModel.optimizer_step = dying
run(sys.argv[1:])
"""


def flags(config: TrainConfig) -> list[str]:
    form = {name: value for name, value in config.form().items() if value != ""}
    del form["compile"], form["size"]
    return [part for n, v in form.items() for part in (f"--{n.replace('_', '-')}", str(v))]


def python(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=300)


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs POSIX signals")
def test_a_killed_run_resumes_and_equals_an_uninterrupted_one(
    corpus: Path, finished: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "whole"
    config = replace(DRY, output_dir=str(folder), train_data=str(corpus))
    done = python("-c", KILLED, *flags(config))
    assert done.returncode == -signal.SIGKILL, done.stderr
    states = [path.name for path in sorted((folder / "checkpoints").glob("*.ckpt"))]
    assert states == ["step-00000005.ckpt", "step-00000010.ckpt"]
    assert rows(folder)[-1]["step"] == 12
    run(corpus, folder)
    assert rows(folder) == rows(finished)
    expected = load_checkpoint(finished / "whole-last.safetensors").weights
    resumed = load_checkpoint(folder / "whole-last.safetensors").weights
    for name in expected:
        np.testing.assert_array_equal(resumed[name], expected[name], err_msg=name)


def test_a_finished_run_may_go_on(corpus: Path, finished: Path, tmp_path: Path) -> None:
    (state,) = (finished / "checkpoints").glob("*20.ckpt")
    folder = run(corpus, tmp_path / "more", max_steps=22, resume_from=str(state))
    assert rows(folder)[-1]["step"] == 22
    with pytest.raises(DescantError, match="already holds a run"):
        run(corpus, folder, resume_from="never")
    with pytest.raises(DescantError, match="does not exist"):
        run(corpus, folder, resume_from=str(tmp_path / "no.ckpt"))


def test_a_run_needs_no_validation_pieces_and_may_end_by_the_clock(tmp_path: Path) -> None:
    save_pieces(tmp_path / "made.npz", tiny_corpus().only("train").pieces)
    folder = run(tmp_path, tmp_path / "blind", max_steps=0, minutes=0.01, logging_steps=1)
    assert (folder / "blind.safetensors").exists()
    assert "None are recorded." in (folder / "blind.md").read_text()
    assert not any("val/bits_infill" in row for row in rows(folder))


def test_tensorboard_gets_the_numbers_too(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    folder = run(corpus, tmp_path / "run", max_steps=3, logger="tensorboard")
    (events,) = (folder / "tensorboard").glob("events*")
    assert b"train/bits" in events.read_bytes()


def test_validation_windows_stay_the_same(corpus: Path) -> None:
    one, two = (Evaluation(open_data(corpus, DRY).valid) for _ in range(2))
    assert set(one.batches) == {"infill", "masked", "autoregressive"}
    for kind in one.batches:
        for a, b in zip(one.batches[kind], two.batches[kind], strict=True):
            assert torch.equal(a.labels, b.labels)


@pytest.mark.parametrize("encoder", ["yellow", "ghost", "prism", "expressive_encoder", "descant"])
def test_every_encoder_trains(encoder: str, corpus: Path, tmp_path: Path) -> None:
    folder = run(corpus, tmp_path / "run", encoder_config_path=encoder, max_steps=2)
    bundle = load_checkpoint(folder / "run.safetensors")
    assert bundle.architecture.vocab_size == Tokeniser(find_encoder(encoder)).size


def test_a_study_trains_sizes_on_the_same_tokens(corpus: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    from descant.train.scaling import study

    config = replace(DRY, train_data=str(corpus), max_steps=2, eval_steps=1, eval_samples=1)
    one, two = study(config, ["tiny", "small"], tmp_path)
    assert one["tokens"] == two["tokens"]
    assert one["parameters"] < two["parameters"]
    assert len(one["bits"]) == 2
    assert (tmp_path / "scaling.png").stat().st_size > 1000


def test_a_run_may_begin_with_a_trained_model(corpus: Path, finished: Path, tmp_path: Path) -> None:
    model = finished / "whole.safetensors"
    folder = tmp_path / "more"
    own = ("--train-data", str(corpus), "--output-dir", str(folder), "--encoder-config-path")
    few = ("--max-steps", "2", "--warmup-steps", "2", "--learning-rate", "1e-7", "--threads", "1")
    few += ("--eval-samples", "2", "--accelerator", "cpu", "--precision", "fp32")
    command("train", "--init-from", str(model), *own, "ghost", *few)
    made, before = (load_checkpoint(p) for p in (folder / "more.safetensors", model))
    assert made.architecture == before.architecture
    for name, weight in before.weights.items():
        np.testing.assert_allclose(made.weights[name], weight, atol=1e-5)
    past = json.loads((folder / "more.json").read_text())["data"]["began_from"]
    assert (past["model"], past["sha256"]) == ("whole", before.content_hash)
    assert past["data"]["pieces_by_part"] == {"made": 9}
    card = (folder / "more.md").read_text()
    assert "began with whole" in card
    assert card.count("Made by nobody") == 1
    with pytest.raises(DescantError, match=r"another encoder.*--encoder-config-path .*whole"):
        command("train", "--init-from", str(model), *own, "yellow", *few)
    with pytest.raises(DescantError, match="init_from: 'nothing' is neither a file nor a model"):
        command("train", "--init-from", "nothing", *own, "ghost", *few)


def test_a_model_that_began_with_another_owes_its_credits_too(
    corpus: Path, finished: Path, tmp_path: Path
) -> None:
    save_pieces(tmp_path / "mine.npz", tiny_corpus().pieces)
    start = str(finished / "whole.safetensors")
    folder = run(tmp_path, tmp_path / "mine", max_steps=1, init_from=start)
    assert "Made by nobody" in (folder / "mine.md").read_text()


@pytest.mark.slow
def test_two_processes_train_together_and_resume(corpus: Path, tmp_path: Path) -> None:
    config = replace(DRY, output_dir=str(tmp_path / "run"), train_data=str(corpus), devices=2)
    config = replace(config, strategy="ddp", max_steps=10, save_steps=5)
    done = python("-m", "descant", "train", *flags(config))
    assert done.returncode == 0, done.stderr
    whole = rows(tmp_path / "run")
    assert [row["step"] for row in whole if "train/bits" in row] == [3, 6, 9]
    assert whole[-1]["tokens"] > 1.5 * 20 * 400
    (tmp_path / "run" / "checkpoints" / "step-00000010.ckpt").unlink()
    assert python("-m", "descant", "train", *flags(config)).returncode == 0
    assert rows(tmp_path / "run") == whole


def test_the_command_trains_and_explains_itself(corpus: Path, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    config = replace(DRY, output_dir=str(folder), train_data=str(corpus), max_steps=1)
    command("train", *flags(config))
    assert (folder / "run.safetensors").exists()
    with pytest.raises(DescantError, match="blue"):
        command("train", *flags(replace(config, encoder_config_path="blue")))
    with pytest.raises(DescantError, match="is not a folder"):
        command("train", "--train-data", str(tmp_path / "none"))


def command(*arguments: str) -> None:
    app(arguments, standalone_mode=False)


TOKENS = ("--encoder", "ghost", "--max-seq-len", "512", "--megabytes", "0.001", "--workers", "1")


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


def test_sampling_follows_the_settings(corpus: Path) -> None:
    ghost = Tokeniser(find_encoder("ghost"))
    tracks = ghost.config["token_domains"]
    assert tracks
    drawn = Sampler(tiny_corpus(), ghost, SampleSettings(min_tracks=3, infill=0.0, hidden=0.0), 1)
    more = Sampler(tiny_corpus(), ghost, SampleSettings(max_tracks=1, infill=0.0, hidden=0.0), 1)
    lengths = [sum(len(s.sample(n).ids) for n in range(40)) for s in (drawn, more)]
    assert lengths[0] > 1.2 * lengths[1]
