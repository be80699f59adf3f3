"""Bars made as loud as others, so that a comparison by ear is one of the notes.

The louder of two always sounds better at first.  What is made equal is the energy of the strikes:
in a SoundFont the amplitude goes with the square of the velocity (SoundFont 2.04, 8.4.1), so the
energy with its fourth power, and the energies of notes add up.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from descant.score.types import Bar
from descant_app.document.composition import BarCell
from descant_app.document.flat import VELOCITY

Bars = Mapping[BarCell, Bar]


def energy(bars: Bars) -> float:
    """Of all strikes together; 1 is one note at velocity 127."""
    rows = [bar.notes.array[:, VELOCITY] for bar in bars.values()]
    velocities = np.concatenate(rows) if rows else np.zeros(0)
    return float(((velocities / 127.0) ** 4).sum())


def as_loud_as(bars: Bars, like: Bars) -> dict[BarCell, Bar]:
    """The bars with velocities scaled alike, so that their energy is that of `like`."""
    own, wanted = energy(bars), energy(like)
    if not own or not wanted:
        return dict(bars)
    factor = (wanted / own) ** 0.25
    return {cell: _scaled(bar, factor) for cell, bar in bars.items()}


def _scaled(bar: Bar, factor: float) -> Bar:
    rows = bar.notes.array.copy()
    rows[:, VELOCITY] = np.clip(np.rint(rows[:, VELOCITY] * factor), 1, 127)
    return bar.with_notes(rows)
