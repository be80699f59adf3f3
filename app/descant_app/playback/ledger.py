"""Which notes sound now and which note-offs are owed, so that none is left behind.

Every note-on of the player goes through here.  Times are seconds of the caller's clock.
"""

from __future__ import annotations

import heapq

from descant_app.playback.output import NOTE_OFF, NOTE_ON, Output

Key = tuple[int, int]
"""Voice and pitch."""
LIVE = -1
"""Stands for the track of notes that no track plays: keys, clicks."""


class Ledger:
    """Notes of one output, which may be exchanged by `forget` for another."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self._sounding: dict[Key, tuple[int, int]] = {}
        """Serial and track of the note that sounds; an older serial's off is void."""
        self._owed: list[tuple[float, int, Key]] = []
        """Heap of (clock time, serial, key)."""
        self._serial = 0
        self._held: dict[Key, int] = {}
        """Serials of held keys."""

    @property
    def sounding(self) -> frozenset[tuple[int, int, int]]:
        """(track, voice, pitch) of all notes sounding now; `LIVE` where no track plays it."""
        return frozenset((track, *key) for key, (_, track) in self._sounding.items())

    def strike(self, key: Key, velocity: int, off: float | None, track: int = LIVE) -> None:
        """Note on, and its off when the clock reads `off`; None while a key is held."""
        if key in self._sounding:  # struck again while it sounds: off before on
            self.release(key)
        self._serial += 1
        self._sounding[key] = self._serial, track
        self._output.send(key[0], NOTE_ON, key[1], velocity)
        if off is None:
            self._held[key] = self._serial
        else:
            heapq.heappush(self._owed, (off, self._serial, key))

    def release(self, key: Key) -> None:
        """Note off now, if it sounds."""
        if self._sounding.pop(key, None) is not None:
            self._output.send(key[0], NOTE_OFF, key[1], 64)

    def let_go(self, key: Key) -> None:
        """A held key was let go; a note that a track has played on it since sounds on."""
        serial = self._held.pop(key, None)
        if self._sounds(key, serial):
            self.release(key)

    def pay(self, until: float) -> None:
        """Send the offs owed by then."""
        while self._owed and self._owed[0][0] <= until:
            _, serial, key = heapq.heappop(self._owed)
            if self._sounds(key, serial):
                self.release(key)

    def due(self) -> float | None:
        """When the next off is owed; None when none is."""
        return self._owed[0][0] if self._owed else None

    def end_all(self) -> None:
        """All notes off."""
        for key in list(self._sounding):
            self.release(key)
        self._owed.clear()
        self._held.clear()

    def end_muted(self, heard: tuple[bool, ...]) -> None:
        """Notes off of tracks that are not heard any more."""
        for key, (_, track) in list(self._sounding.items()):
            if track != LIVE and not (track < len(heard) and heard[track]):
                self.release(key)

    def forget(self, output: Output) -> None:
        """Another output from now on, on which nothing sounds yet."""
        self._output = output
        self._sounding.clear()
        self._owed.clear()
        self._held.clear()

    def _sounds(self, key: Key, serial: int | None) -> bool:
        return key in self._sounding and self._sounding[key][0] == serial
