"""What a model is told right before the notes of a bar to write, for encoders of our own.

A small model does not look for these at the placeholder far above (design of the `descant`
encoder): without them it forgets levels that were wished, and writes basses in the flute's octave.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from descant.native import Vocabulary

Ids = npt.NDArray[np.integer[Any]]
Header = tuple[int, ...]

_PITCHES = ("TrackLevelPitchLow", "TrackLevelPitchHigh")


class TargetHeaders:
    """Makes the headers of the targets of one sequence (T,) after another.

    A header is the instrument of the bar's track, the lowest and highest pitch that the track plays
    (as far as they can be seen, unless the track says which are wished), the levels wished for the
    bar, and its meter.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._bar = vocabulary.offset("Bar")
        self._place = vocabulary.offset("FillInPlaceholder")
        self._start = vocabulary.offset("FillInStart")
        self._says_pitches = all(map(vocabulary.has, _PITCHES))

    def of(
        self, ids: Ids, hidden: Sequence[tuple[int, int]] = (), pitches: bool = True
    ) -> list[Header]:
        """A header for each placeholder, in order; `hidden` spans of tokens cannot be seen, and
        nothing is said of pitches unless `pitches`.
        """
        tracks = np.flatnonzero(self._is("Track", ids))
        bars = np.flatnonzero(ids == self._bar)
        starts = np.flatnonzero(ids == self._start)
        edges = [*tracks.tolist(), int(starts[0]) if len(starts) else len(ids)]
        found: dict[int, Header] = {}
        headers = []
        for place in np.flatnonzero(ids == self._place).tolist():
            track = int(np.searchsorted(tracks, place)) - 1
            if track not in found:
                found[track] = self._track(ids, edges[track], edges[track + 1], hidden, pitches)
            begin = int(bars[np.searchsorted(bars, place) - 1]) + 1
            headers.append((*found[track], *ids[begin:place].tolist()))
        return headers

    def said(self, ids: Ids, pitches: bool = True) -> tuple[Ids, npt.NDArray[np.bool_]]:
        """A whole sequence with each target's header behind its FillInStart, and a mark at the
        tokens that are headers.
        """
        parts: list[Ids] = []
        told: list[npt.NDArray[np.bool_]] = []
        done = 0
        starts = np.flatnonzero(ids == self._start).tolist()
        for start, header in zip(starts, self.of(ids, pitches=pitches), strict=True):
            parts += [ids[done : start + 1], np.array(header, ids.dtype)]
            told += [np.zeros(start + 1 - done, bool), np.ones(len(header), bool)]
            done = start + 1
        told.append(np.zeros(len(ids) - done, bool))
        return np.concatenate([*parts, ids[done:]]), np.concatenate(told)

    def _track(
        self, ids: Ids, begin: int, end: int, hidden: Sequence[tuple[int, int]], pitches: bool
    ) -> Header:
        """Instrument and pitches of the track that stands at [begin, end)."""
        own = ids[begin:end]
        instrument = int(own[1])
        if not (pitches and self._says_pitches):
            return (instrument,)
        head = own[: int(np.argmax(own == self._bar))]
        wished = [int(token) for name in _PITCHES for token in head[self._is(name, head)]]
        if wished or self._vocabulary.value(int(own[0])) != 0:  # a wish, or drums
            return (instrument, *wished)
        seen = np.ones(len(own), bool)
        for first, last in hidden:
            seen[max(0, first - begin) : max(0, last - begin)] = False
        notes = own[seen & self._is("NoteOnset", own)]
        if not len(notes):
            return (instrument,)
        lowest, highest = (
            int(edge) - self._vocabulary.offset("NoteOnset") for edge in (notes.min(), notes.max())
        )
        low, high = (self._vocabulary.offset(name) for name in _PITCHES)
        return (instrument, low + lowest, high + highest)

    def _is(self, name: str, ids: Ids) -> npt.NDArray[np.bool_]:
        first = self._vocabulary.offset(name)
        return (ids >= first) & (ids < first + self._vocabulary.domain_size(name))
