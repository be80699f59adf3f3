"""What a model is told right before the notes of a bar to write, for encoders of our own.

A small model does not look for these at the placeholder far above (design of the `descant`
encoder): without them it forgets levels that were wished, and writes basses in the flute's octave.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from descant.native import Vocabulary

Ids = npt.NDArray[np.integer[Any]]
Header = tuple[int, ...]

_Measure = Callable[[Ids], Any]
_LEVELS: dict[str, tuple[str, _Measure]] = {
    "TrackLevelPitchLow": ("NoteOnset", np.min),
    "TrackLevelPitchHigh": ("NoteOnset", np.max),
    "NoteDensity": ("BarLevelOnsetDensity", np.median),
    "MinPolyphony": ("BarLevelOnsetPolyphonyMin", np.min),
    "MaxPolyphony": ("BarLevelOnsetPolyphonyMax", np.max),
    "MinNoteDuration": ("BarLevelNoteDurationMin", np.min),
    "MaxNoteDuration": ("BarLevelNoteDurationMax", np.max),
}
"""What a track is like, and how that follows from tokens of its bars."""


class _Level(NamedTuple):
    """The token ids of a level of a track, those it follows from, and how."""

    ids: range
    source: range
    measure: _Measure


class TargetHeaders:
    """Makes the headers of the targets of one sequence (T,) after another.

    A header is the instrument of the bar's track, what the track is like (as wished, or else as far
    as its other bars can be seen), the levels wished for the bar, and its meter.
    """

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._vocabulary = vocabulary
        self._tracks = self._ids("Track")
        self._bar = vocabulary.offset("Bar")
        self._place = vocabulary.offset("FillInPlaceholder")
        self._start = vocabulary.offset("FillInStart")
        self._levels = [
            _Level(self._ids(level), self._ids(source), measure)
            for level, (source, measure) in _LEVELS.items()
            if vocabulary.has(level) and vocabulary.has(source)
        ]

    def of(
        self, ids: Ids, hidden: Sequence[tuple[int, int]] = (), likeness: bool = True
    ) -> list[Header]:
        """A header for each placeholder, in order; `hidden` spans of tokens cannot be seen, and
        nothing is said of what a track is like unless `likeness`.
        """
        places = np.flatnonzero(ids == self._place)
        bars = np.flatnonzero(ids == self._bar)
        begins = bars[np.searchsorted(bars, places) - 1] + 1
        wishes = list(zip(begins.tolist(), places.tolist(), strict=True))
        seen = _seen(len(ids), [*hidden, *wishes])
        tracks = np.flatnonzero(_within(ids, self._tracks))
        ends = [*tracks[1:].tolist(), self._end_of_tracks(ids)]
        heads: dict[int, Header] = {}
        headers = []
        for begin, place in wishes:
            track = int(np.searchsorted(tracks, place)) - 1
            if track not in heads:
                own = slice(int(tracks[track]), ends[track])
                heads[track] = self._head(ids[own], seen[own], likeness)
            headers.append((*heads[track], *ids[begin:place].tolist()))
        return headers

    def said(self, ids: Ids, likeness: bool = True) -> tuple[Ids, npt.NDArray[np.bool_]]:
        """A whole sequence with each target's header behind its FillInStart, and a mark at the
        tokens that are headers.
        """
        parts: list[Ids] = []
        told: list[npt.NDArray[np.bool_]] = []
        done = 0
        starts = np.flatnonzero(ids == self._start).tolist()
        for start, header in zip(starts, self.of(ids, likeness=likeness), strict=True):
            parts += [ids[done : start + 1], np.array(header, ids.dtype)]
            told += [np.zeros(start + 1 - done, bool), np.ones(len(header), bool)]
            done = start + 1
        told.append(np.zeros(len(ids) - done, bool))
        return np.concatenate([*parts, ids[done:]]), np.concatenate(told)

    def _end_of_tracks(self, ids: Ids) -> int:
        starts = np.flatnonzero(ids == self._start)
        return int(starts[0]) if len(starts) else len(ids)

    def _head(self, own: Ids, seen: npt.NDArray[np.bool_], likeness: bool) -> Header:
        """Instrument and likeness of a track from its tokens, of which some can be `seen`."""
        header = [int(own[1])]
        first_bar = int(np.argmax(own == self._bar))
        for ids, source, measure in self._levels if likeness else ():
            wished = own[:first_bar][_within(own[:first_bar], ids)]
            shown = own[seen & _within(own, source)]
            if len(wished):
                header.append(int(wished[0]))
            elif len(shown):
                header.append(ids.start + int(measure(shown)) - source.start)
        return tuple(header)

    def _ids(self, name: str) -> range:
        first = self._vocabulary.offset(name)
        return range(first, first + self._vocabulary.domain_size(name))


def _seen(length: int, hidden: Iterable[tuple[int, int]]) -> npt.NDArray[np.bool_]:
    seen = np.ones(length, bool)
    for begin, end in hidden:
        seen[begin:end] = False
    return seen


def _within(ids: Ids, kind: range) -> npt.NDArray[np.bool_]:
    return (ids >= kind.start) & (ids < kind.stop)
