"""Notices that a sound device went away.

No driver of FluidSynth tells its program so: some log a line, some end their thread, some are
never asked for samples again.  (A log function of ours would run Python on the audio's thread.)
What they share is that the synth's own time, which counts rendered samples, stands still.
"""

from __future__ import annotations

from collections.abc import Callable

LOOK_S = 0.5
GONE_AFTER = 5
"""Looks at a time that stands still until the device counts as gone; wireless ones start slowly.
Looks are counted rather than seconds, so a machine that slept through them loses nothing."""


class SoundWatch:
    """Compares the synth's time with what it was; `time_ms` gives it in milliseconds."""

    def __init__(self, time_ms: Callable[[], int]) -> None:
        self._time_ms = time_ms
        self._known_ms = -1
        self._missed = 0
        self._next_s = 0.0

    def lost(self, now: float) -> bool:
        """Whether the device went away; ask as often as convenient, `now` in seconds."""
        if now < self._next_s:
            return False
        self._next_s = now + LOOK_S
        known, self._known_ms = self._known_ms, self._time_ms()
        self._missed = self._missed + 1 if known == self._known_ms else 0
        return self._missed >= GONE_AFTER
