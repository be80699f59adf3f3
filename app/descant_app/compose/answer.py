"""What the model's process sends back of one take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from descant.score.types import Bar
from descant_app.document.composition import BarCell


@dataclass(frozen=True)
class Answer:
    """A finished take, or what was finished of one that was stopped; fields as `Take` has them."""

    number: int
    bars: Mapping[BarCell, Bar]
    seed: int
    mask_mode: str
    complete: bool = True
    scores: Mapping[str, float] = field(default_factory=dict)
    violations: tuple[str, ...] = ()
