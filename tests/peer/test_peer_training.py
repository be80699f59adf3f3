"""Models trained here play in midigpt, and models trained there play and train on here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("lightning")

from music import piece, score_form
from rival_process import Rival, rival_python

from descant.engine import InferenceEngine
from descant.model.checkpoint import load_checkpoint
from descant.request import GenerationRequest
from descant.train.command import run
from descant.train.config import TrainConfig
from descant.train.corpus import save_pieces
from descant.train.data import open_data
from descant.train.piece import PieceInfo, on_grid

pytestmark = pytest.mark.peer

PIECES = ("random on the model grid", "random in 3/4", "random in 6/8")
REQUEST = {
    "tracks": [{"id": 0, "bars": [2, 3]}, {"id": 1, "bars": []}, {"id": 2, "bars": []}],
    "config": {"model_dim": 4, "bars_per_step": 2, "seed": 1, "density_hard_limit": 6},
}
FEW_STEPS = ["--max-steps", "4", "--warmup-steps", "1", "--eval-samples", "0", "--threads", "1"]
SMALL = ["--size", "tiny", "--max-seq-len", "1024", "--batch-tokens", "1024", "--pool", "4"]
PLAIN = ["--accelerator", "cpu", "--precision", "fp32"]

# A few steps of midigpt's own network and objective, with the sequences it is given.
UPSTREAM = """
import json, sys
import torch
from torch.nn import functional as F
from midigpt.inference.model.gpt2 import GPT2Config, GPT2LMHeadModel
form = json.load(sys.stdin)
torch.manual_seed(0)
model = GPT2LMHeadModel(GPT2Config(**form["sizes"]))
model.encoder_config = form["encoder"]
fit = torch.optim.AdamW(model.parameters(), lr=1e-3)
for ids in form["sequences"]:
    ids = torch.tensor([ids])
    logits, _ = model(ids)
    loss = F.cross_entropy(logits[0, :-1], ids[0, 1:])
    fit.zero_grad()
    loss.backward()
    fit.step()
model.save_pretrained(form["path"])
"""


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    made = [on_grid(piece(name), PieceInfo("made", name, "CC0", "train")) for name in PIECES]
    save_pieces(folder / "made.npz", [one for one in made if one is not None])
    return folder


def trained(corpus: Path, folder: Path, *options: str) -> Path:
    given = ["--train-data", str(corpus), "--output-dir", str(folder), *options]
    run([*given, *FEW_STEPS, *PLAIN])
    return folder / f"{folder.name}.safetensors"


@pytest.mark.parametrize("encoder", ["yellow", "ghost"])
def test_a_model_trained_here_writes_there(
    encoder: str, corpus: Path, rival: Rival, tmp_path: Path
) -> None:
    path = trained(corpus, tmp_path / "own", "--encoder-config-path", encoder, *SMALL)
    score = piece(PIECES[0])
    rival.ask({"checkpoint": str(path), "score": score_form(score), "request": REQUEST})
    told = rival.answer()
    assert "refused" not in told
    assert told["attempts"][0]["prompt"]
    assert told["attempts"][0]["tokens"]


@pytest.mark.parametrize("encoder", ["yellow", "ghost"])
def test_a_model_trained_there_writes_and_trains_on_here(
    encoder: str, corpus: Path, tmp_path: Path
) -> None:
    path = tmp_path / "theirs.safetensors"
    config = TrainConfig(encoder_config_path=encoder, max_seq_len=1024, eval_samples=0)
    data = open_data(corpus, config)
    sizes = {"n_positions": 1024, "n_embd": 64, "n_layer": 2, "n_head": 2}
    form = {
        "path": str(path),
        "sizes": {"vocab_size": data.vocab_size, **sizes},
        "encoder": data.encoder,
        "sequences": [data.train.sample(n).ids.tolist() for n in range(4)],
    }
    python = [rival_python(), "-c", UPSTREAM]
    done = subprocess.run(python, input=json.dumps(form), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    engine = InferenceEngine.from_checkpoint(path, precision="fp32", threads=1)
    score = piece(PIECES[0])
    request = GenerationRequest.from_dict(REQUEST)
    request.config.max_attempts = 1
    made = engine.session(score, request).run()
    assert made.tracks[1] == score.tracks[1]
    options = ["--init-from", str(path), "--encoder-config-path", encoder, "--batch-tokens", "1024"]
    further = load_checkpoint(trained(corpus, tmp_path / "more", *options, "--pool", "4"))
    before = load_checkpoint(path)
    assert further.architecture == before.architecture
    name = "lm_head.weight"
    assert not np.array_equal(further.weights[name], before.weights[name])
    np.testing.assert_allclose(further.weights[name], before.weights[name], atol=0.05)
