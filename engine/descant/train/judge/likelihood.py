"""How well a network knows real music: bits a token and a note, and where its trust goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn import functional as F  # noqa: N812

from descant.native import StepOptions, StepRules
from descant.tokens import Codec, EncodeOptions
from descant.train.batches import Batch, collate, group_by_length
from descant.train.evaluation import BATCH_TOKENS, Logits
from descant.train.judge.cases import Case
from descant.train.sample import Sample


@dataclass(frozen=True)
class Bits:
    """By kind of sample: bits a token, and bits a note."""

    per_token: dict[str, float]
    per_note: dict[str, float]


class Likelihood:
    """Fixed samples by kind; `notes` are the ids of note onsets."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]], notes: range) -> None:
        self._notes = notes
        self._batches = {
            kind: [collate(g, targets_only=True) for g in group_by_length(of_kind, BATCH_TOKENS)]
            for kind, of_kind in samples.items()
        }

    def bits(self, logits: Logits) -> Bits:
        """What the samples cost a model."""
        per_token, per_note = {}, {}
        for kind, batches in self._batches.items():
            total = sum(_nats(batch, logits) for batch in batches) / math.log(2)
            per_token[kind] = total / max(1, sum(batch.tokens for batch in batches))
            per_note[kind] = total / max(1, sum(map(self._count, batches)))
        return Bits(per_token, per_note)

    def _count(self, batch: Batch) -> int:
        labels = batch.labels
        return int(((labels >= self._notes.start) & (labels < self._notes.stop)).sum())


@torch.no_grad()
def _nats(batch: Batch, logits: Logits) -> float:
    scores = logits(batch.ids).float().flatten(0, 1).cpu()
    return float(F.cross_entropy(scores, batch.labels.flatten(), reduction="sum"))


@torch.no_grad()
def legal_mass(codec: Codec, cases: Sequence[Case], logits: Logits) -> float:
    """Mean probability of the tokens that the grammar allows, before it is applied, over the real
    tokens of the bars to write.
    """
    shares: list[float] = []
    levels = not codec.config.levels_may_be_absent
    for case in cases:
        targets = [(case.track, bar) for bar in case.bars]
        ids = codec.encode(case.score, EncodeOptions(targets=targets, attributes=levels)).tokens
        begin = int(np.flatnonzero(ids == codec.vocabulary.offset("FillInStart"))[0]) + 1
        rules = StepRules(
            vocabulary=codec.vocabulary, options=_options(case), prompt=ids[:begin].copy()
        )
        probabilities = logits(torch.from_numpy(ids[None].astype(np.int64)))[0].softmax(-1)
        for place in range(begin, len(ids)):
            shares.append(float(probabilities[place - 1][rules.legal()].sum()))
            rules.accept(int(ids[place]))
            if rules.complete:
                break
    return sum(shares) / max(1, len(shares))


def _options(case: Case) -> StepOptions:
    blocks = [(case.is_drum, *bar.meter) for bar in case.real]
    return StepOptions(max_tracks=len(case.score.tracks), require_notes=False, blocks=blocks)
