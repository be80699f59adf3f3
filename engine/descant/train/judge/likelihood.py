"""How well a network knows real music: bits a token and a note, and where its trust goes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional as F  # noqa: N812

from descant.native import StepOptions, StepRules
from descant.target_headers import Header, TargetHeaders
from descant.tokens import Codec, EncodeOptions
from descant.train.batches import Batch, collate, group_by_length
from descant.train.evaluation import BATCH_TOKENS, Logits
from descant.train.judge.cases import Case
from descant.train.sample import Ids, Sample
from descant.train.samples import with_written_last


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


def legal_mass(codec: Codec, cases: Sequence[Case], logits: Logits) -> float:
    """Mean probability of the tokens that the grammar allows, before it is applied, over the real
    tokens of the bars to write.
    """
    shares = [share for case in cases for share in _legal_shares(codec, case, logits)]
    return sum(shares) / max(1, len(shares))


@torch.no_grad()
def _legal_shares(codec: Codec, case: Case, logits: Logits) -> list[float]:
    ids, told, headers = _sequence(codec, case)
    begin = int(np.flatnonzero(ids == codec.vocabulary.offset("FillInStart"))[0]) + 1
    rules = StepRules(
        vocabulary=codec.vocabulary, options=_options(case, headers), prompt=ids[:begin].copy()
    )
    probabilities = logits(torch.from_numpy(ids[None].astype(np.int64)))[0].softmax(-1)
    shares = []
    for place in range(begin, len(ids)):
        if not told[place]:
            shares.append(float(probabilities[place - 1][rules.legal()].sum()))
        rules.accept(int(ids[place]))
        if rules.complete:
            break
    return shares


def _sequence(codec: Codec, case: Case) -> tuple[Ids, npt.NDArray[np.bool_], list[Header]]:
    """The case with its real bars, as the model reads it; what it is told there; the headers."""
    score, targets = (
        case.score,
        np.zeros((len(case.score.tracks), len(case.score.tracks[0].bars)), bool),
    )
    targets[case.track, list(case.bars)] = True
    has_headers = codec.config.levels_may_be_absent
    if has_headers:
        score, targets = with_written_last(score, targets)
    cells = [(int(track), int(bar)) for track, bar in np.argwhere(targets)]
    options = EncodeOptions(targets=cells, attributes=not has_headers)
    ids: Ids = codec.encode(score, options).tokens
    if not has_headers:
        return ids, np.zeros(len(ids), bool), []
    maker = TargetHeaders(codec.vocabulary)
    return *maker.said(ids), maker.of(ids)


def _options(case: Case, headers: Sequence[Header]) -> StepOptions:
    return StepOptions(
        max_tracks=len(case.score.tracks),
        require_notes=False,
        blocks=[(case.is_drum, *bar.meter) for bar in case.real],
        block_headers=headers,
    )
