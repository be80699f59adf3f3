"""How late this machine wakes a real-time process that does nothing else: what no player can beat.

Run by itself it is that process, and prints the milliseconds of each wake when its input closes.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import subprocess
import sys
import time

import numpy as np

STEP_S, PRIORITY = 0.001, 80


class BareTimer:
    """The process, seen from a benchmark; it runs from here on."""

    def __init__(self) -> None:
        pipe = subprocess.PIPE
        self._program = subprocess.Popen([sys.executable, __file__], stdin=pipe, stdout=pipe)

    def late_s(self) -> np.ndarray:
        """Seconds by which each wake was late; the process ends."""
        out, _ = self._program.communicate()
        return np.fromstring(out.decode(), sep=" ") / 1000


def main() -> None:
    """Wake every millisecond until standard input is closed."""
    with contextlib.suppress(OSError):
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    gc.disable()
    late: list[float] = []
    due = time.monotonic()
    while True:
        due = max(due + STEP_S, time.monotonic())  # one long sleep is one late wake
        closed, _, _ = select.select([sys.stdin], [], [], max(0.0, due - time.monotonic()))
        if closed:
            break
        late.append((time.monotonic() - due) * 1000)
    print(*(f"{ms:.3f}" for ms in late))


if __name__ == "__main__":
    main()
