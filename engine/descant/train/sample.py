"""A training sample, and what gives samples.  Needs no core, so that a borrowed GPU can train."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from descant.train.attributions import Attribution

Ids = npt.NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Sample:
    """One sequence.

    Attributes:
        ids: its tokens (T,).
        scored_from: where the written targets begin; 0 where there are none.
        told: which tokens (T,) a model will be told and has not to guess; None for none.
    """

    ids: Ids
    scored_from: int
    told: npt.NDArray[np.bool_] | None = None


class SampleSource(Protocol):
    """Endless samples by number; the same number always gives the same sample."""

    def sample(self, index: int) -> Sample:
        """Sample `index`, from 0."""


@dataclass(frozen=True)
class TrainingData:
    """Everything a run reads.

    Attributes:
        train: the samples to learn from.
        valid: fixed samples by kind, to judge by; empty where there are no validation pieces.
        epoch: how many samples count as one pass.
        vocab_size: number of token ids.
        encoder: the encoder settings as a checkpoint carries them.
        about: what the data is: `sha256`, `pieces_by_licence`, `pieces_by_part`.
        attributions: what is owed to the makers of the pieces.
    """

    train: SampleSource
    valid: Mapping[str, Sequence[Sample]]
    epoch: int
    vocab_size: int
    encoder: Mapping[str, Any]
    about: Mapping[str, Any]
    attributions: Sequence[Attribution] = field(default=())
