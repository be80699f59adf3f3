"""Training: whole runs of a few steps."""

from __future__ import annotations

import json
import signal
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from tiny_corpus import tiny_corpus  # noqa: E402
from tiny_training import DRY, command, flags, python, save_corpus  # noqa: E402

from descant.errors import DescantError  # noqa: E402
from descant.model.checkpoint import load_checkpoint  # noqa: E402
from descant.model.registry import bundled_models  # noqa: E402
from descant.train.corpus import save_pieces  # noqa: E402
from descant.train.data import open_data  # noqa: E402
from descant.train.evaluation import Evaluation  # noqa: E402
from descant.train.run import train  # noqa: E402
from descant.train.tokeniser import Tokeniser, find_encoder  # noqa: E402

KINDS = {"infill", "masked", "autoregressive"}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_corpus(tmp_path_factory.mktemp("corpus"))


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


def test_the_command_tells_a_program_where_the_models_lie(
    corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = replace(DRY, output_dir=str(tmp_path / "run"), train_data=str(corpus), max_steps=2)
    command("train", *flags(config), "--json")
    told = json.loads(capsys.readouterr().out)
    for which in ("model", "last"):
        assert load_checkpoint(told[which]).architecture.vocab_size == 650
    assert (told["step"], told["validation_bits_per_token"].keys()) == (2, KINDS)


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
    assert set(one.batches) == KINDS
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
