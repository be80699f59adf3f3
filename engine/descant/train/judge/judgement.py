"""The whole judgement of a model, as one object of numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from descant.encoder_config import EncoderConfig
from descant.engine import InferenceEngine
from descant.errors import DescantError
from descant.model.checkpoint import Checkpoint, load_checkpoint
from descant.model.gpt2 import GPT2
from descant.model.registry import resolve_model
from descant.request import MASK_MODES
from descant.score import Bar
from descant.train.baselines import Counts
from descant.train.corpus import Corpus, load_corpus
from descant.train.corpus_data import validation_samples
from descant.train.judge.cases import Case, draw_cases
from descant.train.judge.control import measure_control
from descant.train.judge.copies import CopyIndex
from descant.train.judge.likelihood import Likelihood, legal_mass
from descant.train.judge.measures import (
    Histogram,
    groove_consistency,
    histograms,
    js_distance,
    mean,
    pitch_class_entropy,
    scale_consistency,
)
from descant.train.judge.writing import Bars, Writer
from descant.train.samples import Sampler, SampleSettings
from descant.train.tokeniser import Tokeniser

log = logging.getLogger("descant.train")

COUNTED_SAMPLES = 2048


@dataclass(frozen=True)
class Judge:
    """Judges one model on one corpus.

    Attributes:
        model: a bundled model's name or a checkpoint.
        data: the folder of the corpus.
        samples: validation samples of each kind.
        cases: places where the model writes.
        threads: of the native network; None is its own choice.
    """

    model: str
    data: Path
    samples: int = 64
    cases: int = 48
    threads: int | None = None

    def run(self) -> dict[str, Any]:
        """All numbers; DescantError when the corpus has no validation pieces."""
        checkpoint = load_checkpoint(resolve_model(self.model))
        tokeniser = Tokeniser(EncoderConfig.from_dict(checkpoint.encoder_config))
        corpus = load_corpus(self.data)
        valid, train = corpus.only("valid"), corpus.only("train")
        if not valid.pieces:
            raise DescantError(f"{self.data} has no validation pieces to judge a model by")
        engine = InferenceEngine.from_checkpoint(self.model, threads=self.threads)
        writer, cases = Writer(engine), draw_cases(valid, tokeniser, self.cases)
        log.info("%d places to write; counting bits", len(cases))
        report = self._likelihood(checkpoint, tokeniser, corpus)
        network = GPT2.from_checkpoint(checkpoint)
        report["legal_mass"] = legal_mass(engine.model.codec, cases[:16], network)
        log.info("writing what is free")
        report |= self._writing(writer, cases, train)
        log.info("asking for levels")
        control = measure_control(writer, cases)
        report["attributes"] = {name: asdict(one) for name, one in control.items()}
        report["mask_modes"] = _mask_modes(writer, cases)
        return {"model": str(self.model), **report}

    def _likelihood(
        self, checkpoint: Checkpoint, tokeniser: Tokeniser, corpus: Corpus
    ) -> dict[str, Any]:
        positions = checkpoint.architecture.n_positions
        drawn = SampleSettings(usual_tokens=min(positions, 1024), most_tokens=positions)
        samples = validation_samples(corpus, tokeniser, drawn, self.samples)
        scored = Likelihood(samples, _note_ids(checkpoint))
        source = Sampler(corpus.only("train"), tokeniser, drawn, 1)
        counts = Counts((source.sample(n).ids for n in range(COUNTED_SAMPLES)), tokeniser.size)
        torch.manual_seed(0)
        others: dict[str, Callable[[Tensor], Tensor]] = {
            "unigram": counts.singles,
            "bigram": counts.pairs,
            "copy_previous": counts.copies,
            "random": GPT2(checkpoint.architecture).eval(),
        }
        own = scored.bits(GPT2.from_checkpoint(checkpoint))
        bits = {name: scored.bits(logits) for name, logits in others.items()}
        return {
            "bits_per_note": own.per_note,
            "bits_per_token": own.per_token,
            "baselines": {name: one.per_note for name, one in bits.items()},
            "baselines_per_token": {name: one.per_token for name, one in bits.items()},
        }

    def _writing(self, writer: Writer, cases: Sequence[Case], train: Corpus) -> dict[str, Any]:
        tried = [(case, writer.bars(case, seed)) for seed, case in enumerate(cases)]
        written = [(case, bars) for case, bars in tried if bars is not None]
        index = CopyIndex(train)
        melodic = [(case, bars) for case, bars in written if not case.is_drum]
        return {
            "written": len(written),
            "measures": {
                "generated": _character([(case, bars) for case, bars in written]),
                "real": _character([(case, case.real) for case, _ in written]),
                "copy_previous": _character([(case, case.copied) for case, _ in written]),
            },
            "js_distance": {
                "generated": _distances([(case, bars) for case, bars in written]),
                "copy_previous": _distances([(case, case.copied) for case, _ in written]),
            },
            "js_distance_of_all": {
                "generated": _distance_of_all([(case, bars) for case, bars in written]),
                "copy_previous": _distance_of_all([(case, case.copied) for case, _ in written]),
            },
            "longest_copy": index.longest([bars for _, bars in melodic]),
            "longest_copy_of_real_bars": index.longest([case.real for case, _ in melodic]),
        }


def _note_ids(checkpoint: Checkpoint) -> range:
    vocabulary = EncoderConfig.from_dict(checkpoint.encoder_config).vocabulary
    first = vocabulary.offset("NoteOnset")
    return range(first, first + vocabulary.domain_size("NoteOnset"))


def _character(passages: Sequence[tuple[Case, Bars]]) -> dict[str, float]:
    """Means over passages; silence and density over single bars."""
    bars = [bar for _, passage in passages for bar in passage]
    tonal = [passage for case, passage in passages if not case.is_drum and _sounds(passage)]
    return {
        "notes_per_bar": mean([float(len(bar.notes)) for bar in bars]),
        "silent_bars": mean([float(not len(bar.notes)) for bar in bars]),
        "pitch_class_entropy": mean([pitch_class_entropy(passage) for passage in tonal]),
        "scale_consistency": mean([scale_consistency(passage) for passage in tonal]),
        "groove_consistency": mean([groove_consistency(passage) for _, passage in passages]),
    }


def _sounds(bars: Sequence[Bar]) -> bool:
    return any(len(bar.notes) for bar in bars)


def _distances(passages: Sequence[tuple[Case, Bars]]) -> dict[str, float]:
    """Mean distance to the real bars at the same places."""
    found: dict[str, list[float]] = {}
    for case, passage in passages:
        real, made = histograms(case.real, case.is_drum), histograms(passage, case.is_drum)
        for name in real:
            found.setdefault(name, []).append(js_distance(real[name], made[name]))
    return {name: mean(values) for name, values in found.items()}


def _distance_of_all(passages: Sequence[tuple[Case, Bars]]) -> dict[str, float]:
    """Distance between all that was written and all that is real, whatever its place."""
    real: dict[str, Histogram] = {}
    made: dict[str, Histogram] = {}
    for case, passage in passages:
        for total, bars in ((real, case.real), (made, passage)):
            for name, counts in histograms(bars, case.is_drum).items():
                total[name] = total.get(name, 0) + counts
    return {name: js_distance(real[name], made[name]) for name in real}


def _mask_modes(writer: Writer, cases: Sequence[Case]) -> dict[str, float]:
    """Notes a bar with hidden bars behind the written ones, in each way of hiding."""
    found = {}
    for mode in MASK_MODES[1:]:
        if mode == "token" and not writer.engine.abilities.has_mask_bar:
            continue
        bars: list[Bar] = []
        for seed, case in enumerate(cases[:4]):
            hidden = range(case.bars[-1] + 1, len(case.score.tracks[0].bars))
            score = writer.write(case, seed, hidden=hidden, mask_mode=mode)
            if score is not None:
                bars += [score.tracks[case.track].bars[bar] for bar in case.bars]
        found[mode] = mean([float(len(bar.notes)) for bar in bars])
    return found
