"""The training loop, top to bottom.

A run is a folder: `settings.json`, `metrics.jsonl`, `state-*.pt` (the newest two, to resume from),
`model.safetensors` (averaged weights, ready to use) and `best.safetensors` (lowest validation
loss).
"""

from __future__ import annotations

import json
import logging
import math
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from descant.model.architecture import Architecture
from descant.model.gpt2 import GPT2
from descant.train.batches import IGNORED, Batch, batches
from descant.train.config import SIZES, TrainSettings
from descant.train.corpus import Corpus
from descant.train.evaluation import Counts, Evaluation
from descant.train.optimiser import rate
from descant.train.run_state import RunState, newest_state
from descant.train.samples import Sampler, SampleSettings
from descant.train.tokeniser import Tokeniser

log = logging.getLogger("descant.train")

COUNTED_SAMPLES = 512


class Run:
    """One training run in its folder.  `train` goes on from the newest state found there."""

    def __init__(
        self, settings: TrainSettings, corpus: Corpus, tokeniser: Tokeniser, folder: Path
    ) -> None:
        torch.set_num_threads(settings.threads)
        torch.manual_seed(settings.seed)
        folder.mkdir(parents=True, exist_ok=True)
        self.settings, self.folder, self.tokeniser = settings, folder, tokeniser
        drawn = _sample_settings(settings)
        self._sampler = Sampler(corpus.only("train"), tokeniser, drawn, settings.seed)
        valid = corpus.only("valid")
        self._evaluation = (
            Evaluation(valid, tokeniser, drawn, settings.check_samples) if valid.pieces else None
        )
        self.state = RunState(_new_model(settings, tokeniser.size), settings)
        self._about = {
            "settings": settings.form(),
            "samples": asdict(drawn),
            "data": {
                "sha256": corpus.fingerprint(),
                "pieces_by_licence": corpus.licences(),
                "pieces_by_part": corpus.parts(),
            },
        }

    def train(self) -> None:
        """Run to the end; safe to interrupt and call again."""
        state, settings = self.state, self.settings
        self._resume_or_begin()
        source = batches(self._sampler, settings.pool, settings.batch_tokens, state.position)
        saved_at = state.seconds
        losses: list[float] = []
        while state.share_done < 1:
            began = time.monotonic()
            batch, state.position = next(source)
            losses.append(self._step(batch))
            state.step += 1
            state.tokens += batch.tokens
            if state.step % settings.check_steps == 0:
                self._check()
            state.seconds += time.monotonic() - began
            if state.step % settings.log_steps == 0:
                self._log({"loss": sum(losses) / len(losses)})
                losses.clear()
            if state.seconds - saved_at >= 60 * settings.save_minutes:
                saved_at = state.seconds
                self._save()
        self._check()
        self._save()

    def _resume_or_begin(self) -> None:
        saved = newest_state(self.folder)
        if saved is None:
            self._begin()
        else:
            self.state.load(saved)
            log.info("resumed from %s", saved.name)

    def _step(self, batch: Batch) -> float:
        state = self.state
        now = rate(self.settings, state.step, state.share_done)
        for group in state.optimiser.param_groups:
            group["lr"] = now
        scores = self._logits(batch.ids).flatten(0, 1)  # (B * T, V)
        labels = batch.labels.to(self.settings.device).flatten()  # (B * T,)
        loss = F.cross_entropy(scores.float(), labels, ignore_index=IGNORED)
        state.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(state.model.parameters(), self.settings.clip)
        state.optimiser.step()
        state.average.update(state.model, state.step)
        return float(loss.detach()) / math.log(2)

    def _logits(self, ids: Tensor) -> Tensor:
        device = self.settings.device
        with torch.autocast(device, torch.bfloat16, enabled=device != "mps"):
            return self.state.model(ids.to(device))  # type: ignore[no-any-return]

    def _begin(self) -> None:
        (self.folder / "settings.json").write_text(json.dumps(self._about, indent=1))
        if self._evaluation is not None:
            ids = (self._sampler.sample(index).ids for index in range(COUNTED_SAMPLES))
            counts = Counts(ids, self.tokeniser.size)
            self._log({"bits_single": self._evaluation.bits(counts.singles)})
            self._log({"bits_pair": self._evaluation.bits(counts.pairs)})

    def _check(self) -> None:
        """Score the averaged weights; keep them when they are the best so far."""
        if self._evaluation is None:
            return
        with self._averaged():
            bits = self._evaluation.bits(self._logits)
        self._log({"bits": bits})
        mean = sum(bits.values()) / len(bits)
        if mean < self.state.best:
            self.state.best = mean
            self.state.export(self.folder / "best.safetensors", self.tokeniser, self._about)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        model = self.state.model
        trained = {name: weight.clone() for name, weight in model.state_dict().items()}
        model.load_state_dict(self.state.average.weights)
        model.eval()
        yield
        model.load_state_dict(trained)
        model.train()

    def _save(self) -> None:
        self.state.save(self.folder)
        self.state.export(self.folder / "model.safetensors", self.tokeniser, self._about)

    def _log(self, values: dict[str, Any]) -> None:
        state = self.state
        row = {"step": state.step, "tokens": state.tokens, "seconds": round(state.seconds, 1)}
        row["rate"] = state.optimiser.param_groups[0]["lr"]
        line = json.dumps({**row, **values})
        with (self.folder / "metrics.jsonl").open("a") as file:
            file.write(line + "\n")
        log.info("%s", line)


def _sample_settings(settings: TrainSettings) -> SampleSettings:
    usual = SampleSettings()
    return replace(
        usual,
        most_tokens=min(settings.positions, usual.most_tokens),
        usual_tokens=min(settings.positions, usual.usual_tokens),
    )


def _new_model(settings: TrainSettings, vocab_size: int) -> GPT2:
    width, layers, heads = SIZES[settings.size]
    sizes = Architecture(vocab_size, settings.positions, width, layers, heads)
    return GPT2(sizes, settings.dropout).to(settings.device)
