"""Models that only count or copy, to say what a number is worth."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch
from torch import Tensor

from descant.train.sample import Ids

PAIR_PRIOR = 20.0  # weight of the single-token model in the pair model, in tokens
COPY_SHARE = 0.5  # of the copying model's trust in a copy


class Counts:
    """Log-probabilities of single tokens, of pairs, and of copies, from training sequences."""

    def __init__(self, sequences: Iterable[Ids], size: int) -> None:
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

    def copies(self, ids: Tensor) -> Tensor:
        """Logits (B, T, V) of a model that goes on as the sequence last did after the same two
        tokens, and by single tokens where it cannot: the music before, copied.
        """
        probabilities = self._single.exp().expand(*ids.shape, -1).clone()
        for row, tokens in enumerate(ids.tolist()):
            behind: dict[tuple[int, int], int] = {}
            for place in range(1, len(tokens)):
                context = (tokens[place - 1], tokens[place])
                if context in behind:
                    probabilities[row, place] *= 1 - COPY_SHARE
                    probabilities[row, place, behind[context]] += COPY_SHARE
                if place + 1 < len(tokens):
                    behind[context] = tokens[place + 1]
        return probabilities.log()
