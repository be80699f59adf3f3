"""Scales as sets of pitch classes above a root."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descant.score.notes import NoteArray
from descant_app.settings.translation import N_

SCALES: dict[str, tuple[int, ...]] = {
    N_("Major"): (0, 2, 4, 5, 7, 9, 11),
    N_("Minor"): (0, 2, 3, 5, 7, 8, 10),
    N_("Harmonic minor"): (0, 2, 3, 5, 7, 8, 11),
    N_("Melodic minor"): (0, 2, 3, 5, 7, 9, 11),
    N_("Dorian"): (0, 2, 3, 5, 7, 9, 10),
    N_("Phrygian"): (0, 1, 3, 5, 7, 8, 10),
    N_("Lydian"): (0, 2, 4, 6, 7, 9, 11),
    N_("Mixolydian"): (0, 2, 4, 5, 7, 9, 10),
    N_("Locrian"): (0, 1, 3, 5, 6, 8, 10),
    N_("Major pentatonic"): (0, 2, 4, 7, 9),
    N_("Minor pentatonic"): (0, 3, 5, 7, 10),
    N_("Blues"): (0, 3, 5, 6, 7, 10),
    N_("Whole tone"): (0, 2, 4, 6, 8, 10),
    N_("Diminished"): (0, 2, 3, 5, 6, 8, 9, 11),
}

ROOTS = ("C", "C♯", "D", "E♭", "E", "F", "F♯", "G", "A♭", "A", "B♭", "B")


@dataclass(frozen=True)
class Scale:
    """A root (0 = C) and the name of one of `SCALES`."""

    root: int = 0
    kind: str = "Major"

    @property
    def classes(self) -> frozenset[int]:
        """The pitch classes in it."""
        return frozenset((self.root + step) % 12 for step in SCALES[self.kind])

    @property
    def name(self) -> str:
        return f"{ROOTS[self.root]} {self.kind.lower()}"

    def pitches(self) -> NoteArray:
        """All MIDI pitches in the scale, ascending."""
        return np.array([p for p in range(128) if p % 12 in self.classes], dtype=np.int32)

    def steps(self, pitches: NoteArray, by: int) -> NoteArray | None:
        """Pitches moved by scale steps; a pitch outside the scale keeps its distance to the scale
        tone below it.  None when one would leave 0..127."""
        tones = self.pitches()
        index = np.searchsorted(tones, pitches, side="right") - 1
        if (index < 0).any():
            return None
        target = index + by
        if (target < 0).any() or (target >= len(tones)).any():
            return None
        moved = tones[target] + (pitches - tones[index])
        return None if (moved > 127).any() else moved.astype(np.int32)

    def nearest(self, pitches: NoteArray) -> NoteArray:
        """Each pitch or, when it is not in the scale, the closest tone (the lower of two)."""
        tones = self.pitches()
        distance = np.abs(tones[None, :] - pitches[:, None])
        return tones[distance.argmin(axis=1)]


def note_name(pitch: int) -> str:
    """Name and octave, middle C (60) being C4."""
    return f"{ROOTS[pitch % 12]}{pitch // 12 - 1}"
