"""Notes written down from a MIDI input."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from descant.score.notes import NoteArray
from descant_app.document.flat import empty_rows, in_order, make_rows


class Recording:
    """Collects messages with the clock time they came at; `latency_s` is taken off each."""

    def __init__(self, latency_s: float = 0.0) -> None:
        self.latency_s = latency_s
        self._held: dict[int, tuple[int, int]] = {}
        self._done: list[NoteArray] = []

    def add(self, when: float, message: tuple[int, ...], tick_at: Callable[[float], int]) -> None:
        """One message; `tick_at(clock)` says where in the piece that moment was."""
        kind, pitch, velocity = message[0] & 0xF0, message[1], message[2]
        tick = tick_at(when - self.latency_s)
        if kind == 0x90 and velocity:
            self._end(pitch, tick)
            self._held[pitch] = (tick, velocity)
        elif kind in (0x80, 0x90):
            self._end(pitch, tick)

    def rows(self, end: int) -> NoteArray:
        """All notes; those still held end at tick `end`."""
        for pitch in list(self._held):
            self._end(pitch, end)
        return in_order(np.concatenate(self._done)) if self._done else empty_rows()

    def so_far(self, now: int) -> NoteArray:
        """All notes as they would be if the held ones ended at tick `now`."""
        held = [
            make_rows(pitch, velocity, onset, max(1, now - onset))
            for pitch, (onset, velocity) in self._held.items()
        ]
        return np.concatenate([empty_rows(), *self._done, *held])

    def _end(self, pitch: int, tick: int) -> None:
        held = self._held.pop(pitch, None)
        if held is not None:
            onset, velocity = held
            length = tick - onset if tick > onset else 1  # a loop wrapped under a held key
            self._done.append(make_rows(pitch, velocity, onset, length))
