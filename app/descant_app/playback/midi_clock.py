"""MIDI clock for instruments that follow: 24 pulses a quarter, start, continue, stop, position."""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import numpy.typing as npt

PULSE, START, CONTINUE, STOP, POSITION = 0xF8, 0xFA, 0xFB, 0xFC, 0xF2
PULSES_A_QUARTER = 24
PULSES_A_STEP = 6
"""Song positions count sixteenth notes."""
LAST_POSITION = (1 << 14) - 1

Reals = npt.NDArray[np.float64]


class System(Protocol):
    """Where system messages go."""

    def send_system(self, *message: int) -> None:
        """One message that belongs to no channel."""


class MidiClock:
    """Knows which pulse is next.  `pulses` are their moments in seconds of the score; none: off."""

    def __init__(self) -> None:
        self.pulses: Reals = np.zeros(0)
        self._next = 0
        self._join = 0
        self._running = False

    def enter(self, output: System, at_s: float) -> None:
        """Playing goes on from here: followers are told where, and join at the next sixteenth."""
        self.leave(output)
        if not len(self.pulses):
            return
        self._next = int(np.searchsorted(self.pulses, at_s - 1e-9))
        step = min(math.ceil(self._next / PULSES_A_STEP), LAST_POSITION)
        self._join = step * PULSES_A_STEP
        output.send_system(POSITION, step & 0x7F, step >> 7)

    def leave(self, output: System) -> None:
        """Playing ended."""
        if self._running:
            self._running = False
            output.send_system(STOP)

    def forget(self) -> None:
        """The output is another one: nobody follows it yet."""
        self._running = False

    def due(self) -> float:
        """When the next pulse is, in seconds of the score."""
        return float(self.pulses[self._next]) if self._next < len(self.pulses) else math.inf

    def send(self, output: System) -> None:
        """The next pulse; before the one at which followers join, start or continue."""
        if self._next == self._join:
            self._running = True
            output.send_system(CONTINUE if self._join else START)
        output.send_system(PULSE)
        self._next += 1
