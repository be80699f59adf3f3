"""The whole judgement of a model, as one object of numbers."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
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
from descant.train.judge.character import character, density_table, distance_of_all, distances
from descant.train.judge.control import measure_control
from descant.train.judge.copies import CopyIndex
from descant.train.judge.demos import make_demos
from descant.train.judge.likelihood import Likelihood, legal_mass
from descant.train.judge.measures import mean
from descant.train.judge.report import open_report, write_report
from descant.train.judge.writing import Writer
from descant.train.samples import Sampler, SampleSettings
from descant.train.tokeniser import Tokeniser

log = logging.getLogger("descant.train")

COUNTED_SAMPLES = 2048
LEGAL_CASES, HIDING_CASES = 16, 8


@dataclass(frozen=True)
class Judge:
    """Judges one model on one corpus.

    Attributes:
        model: a bundled model's name or a checkpoint.
        data: the folder of the corpus.
        samples: validation samples of each kind.
        cases: places where the model writes.
        threads: of the native network; None is its own choice.
        sampling: fields of `InferenceConfig`, such as a temperature, that are not the default.
        report: a folder for a page with plots, pictures and sound; None writes none.
        soundfont: to render with; None looks for one.
    """

    model: str
    data: Path
    samples: int = 64
    cases: int = 48
    threads: int | None = None
    sampling: Mapping[str, Any] = field(default_factory=dict)
    report: Path | None = None
    soundfont: Path | None = None

    def run(self) -> dict[str, Any]:
        """All numbers; DescantError when the corpus has no validation pieces, or a report cannot
        be made here.
        """
        if self.report is not None:
            open_report(self.report)
        checkpoint = load_checkpoint(resolve_model(self.model))
        tokeniser = Tokeniser(EncoderConfig.from_dict(checkpoint.encoder_config))
        corpus = load_corpus(self.data)
        valid, train = corpus.only("valid"), corpus.only("train")
        if not valid.pieces:
            raise DescantError(f"{self.data} has no validation pieces to judge a model by")
        engine = InferenceEngine.from_checkpoint(self.model, threads=self.threads)
        writer = Writer(engine, self.sampling)
        cases = draw_cases(valid, tokeniser, self.cases)
        log.info("%d places to write; counting bits", len(cases))
        found = self._likelihood(checkpoint, tokeniser, corpus)
        network = GPT2.from_checkpoint(checkpoint)
        found["legal_mass"] = legal_mass(engine.model.codec, cases[:LEGAL_CASES], network)
        log.info("writing what is free")
        found |= self._writing(writer, cases, train)
        log.info("asking for levels")
        control = measure_control(writer, cases)
        found["attributes"] = {name: asdict(one) for name, one in control.items()}
        found["mask_modes"] = _mask_modes(writer, cases)
        found = {"model": Path(self.model).stem, "sampling": dict(self.sampling), **found}
        if self.report is not None:
            demos = make_demos(writer, valid, tokeniser, self.report, self.soundfont)
            log.info("wrote %s", write_report(found, demos, self.report))
        return found

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
        passages = {
            "generated": written,
            "real": [(case, case.real) for case, _ in written],
            "copy_previous": [(case, case.copied) for case, _ in written],
        }
        made = {name: passages[name] for name in ("generated", "copy_previous")}
        index = CopyIndex(train)
        melodic = [(case, bars) for case, bars in written if not case.is_drum]
        return {
            "written": len(written),
            "measures": {name: character(these) for name, these in passages.items()},
            "js_distance": {name: distances(these) for name, these in made.items()},
            "js_distance_of_all": {name: distance_of_all(these) for name, these in made.items()},
            "bars_by_notes": {n: density_table(passages[n]) for n in ("generated", "real")},
            "longest_copy": index.longest([bars for _, bars in melodic]),
            "longest_copy_of_real_bars": index.longest([case.real for case, _ in melodic]),
        }


def _note_ids(checkpoint: Checkpoint) -> range:
    vocabulary = EncoderConfig.from_dict(checkpoint.encoder_config).vocabulary
    first = vocabulary.offset("NoteOnset")
    return range(first, first + vocabulary.domain_size("NoteOnset"))


def _mask_modes(writer: Writer, cases: Sequence[Case]) -> dict[str, float]:
    """Notes a bar with hidden bars behind the written ones, in each way of hiding; the real bars'
    beside them.
    """
    cases = cases[:HIDING_CASES]
    found = {"real": mean([float(len(bar.notes)) for case in cases for bar in case.real])}
    for mode in MASK_MODES[1:]:
        if mode == "token" and not writer.engine.abilities.has_mask_bar:
            continue
        bars: list[Bar] = []
        for seed, case in enumerate(cases):
            hidden = range(case.bars[-1] + 1, len(case.score.tracks[0].bars))
            score = writer.write(case, seed, hidden=hidden, mask_mode=mode)
            if score is not None:
                bars += [score.tracks[case.track].bars[bar] for bar in case.bars]
        found[mode] = mean([float(len(bar.notes)) for bar in bars])
    return found
