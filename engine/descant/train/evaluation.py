"""What a run is judged by: bits per token on fixed windows of the validation pieces.

Three kinds, because they fail apart: targets to fill in, the same with hidden bars, and whole
sequences.  Counts of tokens and token pairs, taken from training samples, are scored on the same
tokens to say what a number is worth.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from descant.train.batches import Batch, collate, group_by_length
from descant.train.corpus import Corpus
from descant.train.samples import Sampler, SampleSettings
from descant.train.tokeniser import Tokeniser

KINDS = {
    "infill": {"infill": 1.0, "hidden": 0.0},
    "infill_hidden": {"infill": 1.0, "hidden": 1.0},
    "sequence": {"infill": 0.0, "hidden": 0.0},
}
SEED = 20_000_003  # of the windows; not a seed that runs use
PAIR_PRIOR = 20.0  # weight of the single-token model in the pair model, in tokens

Logits = Callable[[Tensor], Tensor]  # ids (B, T) -> (B, T, V)


class Evaluation:
    """Fixed batches of each kind.  The same corpus, encoder and number of samples give the same
    ones.
    """

    def __init__(
        self, corpus: Corpus, tokeniser: Tokeniser, settings: SampleSettings, samples: int
    ) -> None:
        self.batches: dict[str, list[Batch]] = {}
        for kind, shares in KINDS.items():
            fixed = replace(settings, vary=False, **shares)  # type: ignore[arg-type]
            sampler = Sampler(corpus, tokeniser, fixed, SEED)
            groups = group_by_length(map(sampler.sample, range(samples)), 8192)
            self.batches[kind] = [collate(group, targets_only=True) for group in groups]

    def bits(self, logits: Logits) -> dict[str, float]:
        """Bits per scored token of each kind."""
        return {kind: _bits(batches, logits) for kind, batches in self.batches.items()}


@torch.no_grad()
def _bits(batches: Sequence[Batch], logits: Logits) -> float:
    loss, tokens = 0.0, 0
    for batch in batches:
        scores = logits(batch.ids).float().flatten(0, 1).cpu()  # (B * T, V)
        loss += float(F.cross_entropy(scores, batch.labels.flatten(), reduction="sum"))
        tokens += batch.tokens
    return loss / max(1, tokens) / math.log(2)


class Counts:
    """Models that only count: log-probabilities of single tokens and of pairs."""

    def __init__(self, sequences: Iterable[np.ndarray], size: int) -> None:
        pairs = np.zeros((size, size))
        for ids in sequences:
            np.add.at(pairs, (ids[:-1], ids[1:]), 1)
        singles = pairs.sum(axis=0) + 1
        singles /= singles.sum()
        known = pairs.sum(axis=1, keepdims=True)
        joint = (pairs + PAIR_PRIOR * singles) / (known + PAIR_PRIOR)
        self._single = torch.from_numpy(np.log(singles)).float()  # (V,)
        self._pair = torch.from_numpy(np.log(joint)).float()  # (V, V)

    def singles(self, ids: Tensor) -> Tensor:
        """Logits (B, T, V) that ignore what came before."""
        return self._single.expand(*ids.shape, -1)

    def pairs(self, ids: Tensor) -> Tensor:
        """Logits (B, T, V) from the last token."""
        return self._pair[ids]
