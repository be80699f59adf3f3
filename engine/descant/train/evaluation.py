"""What a run is judged by: bits per token on fixed windows of the validation pieces.

Three kinds, because they fail apart: targets to fill in, the same with hidden bars, and whole
sequences.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from descant.train.batches import Batch, collate, group_by_length
from descant.train.sample import Sample

KINDS: dict[str, dict[str, float]] = {
    "infill": {"infill": 1.0, "hidden": 0.0},
    "masked": {"infill": 1.0, "hidden": 1.0},
    "autoregressive": {"infill": 0.0, "hidden": 0.0},
}
"""How the samples of each kind are drawn."""

SEED = 20_000_003  # of the windows; not a seed that runs use
BATCH_TOKENS = 8192

Logits = Callable[[Tensor], Tensor]  # ids (B, T) -> (B, T, V)


class Evaluation:
    """Fixed batches of each kind."""

    def __init__(self, samples: Mapping[str, Sequence[Sample]]) -> None:
        self.batches = {
            kind: [collate(g, targets_only=True) for g in group_by_length(of_kind, BATCH_TOKENS)]
            for kind, of_kind in samples.items()
        }

    def bits(self, logits: Logits) -> dict[str, float]:
        """Bits per scored token of each kind."""
        return {kind: _bits(batches, logits) for kind, batches in self.batches.items()}


@torch.no_grad()
def _bits(batches: Sequence[Batch], logits: Logits) -> float:
    loss, tokens = 0.0, 0
    for batch in batches:
        scores = logits(batch.ids).float().flatten(0, 1)  # (B * T, V)
        labels = batch.labels.flatten().to(scores.device)
        loss += float(F.cross_entropy(scores, labels, reduction="sum"))
        tokens += batch.tokens
    return loss / max(1, tokens) / math.log(2)
