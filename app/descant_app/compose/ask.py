"""What the window asks the model's process, decided when the key was pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from descant.score.types import Bar
from descant_app.document.composition import BarCell, Composition
from descant_app.document.piece import Piece


@dataclass(frozen=True)
class Ask:
    """Attributes:
    bars: the bars to write.
    heard: bars of the take shown, which are what the user hears around them.
    composition: roles, levels and settings, a draft's where a knob is held.
    compare: one take for each mask mode rather than as many as the settings say.
    """

    bars: frozenset[BarCell]
    composition: Composition
    heard: Mapping[BarCell, Bar] = field(default_factory=dict)
    compare: bool = False

    @property
    def carried(self) -> dict[BarCell, Bar]:
        """Bars of the take shown that are not to be written: the answer goes with them."""
        return {cell: bar for cell, bar in self.heard.items() if cell not in self.bars}

    def about(self, piece: Piece) -> Piece:
        """The piece that the model is asked about."""
        return piece.with_bars(self.carried).with_composition(self.composition)
