"""A MIDI port of another program, which a benchmark listens to and takes away.

Run by itself it is that program: it notes the monotonic clock at each message's arrival.
"""

from __future__ import annotations

import contextlib
import gc
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from descant_app.playback.inputs import close_input

GONE, BACK = 0, 1
"""Stand in place of a status byte where the port was taken away and where it came back."""
PRIORITY = 20


@dataclass(frozen=True)
class Arrival:
    """A message and the second it came at."""

    when: float
    status: int
    data: tuple[int, ...]


class Receiver:
    """The program, seen from the benchmark.  JACK must run."""

    def __init__(self, client: str) -> None:
        self.port = f"{client}:in"
        command = [sys.executable, __file__, client]
        pipe = subprocess.PIPE
        self._program = subprocess.Popen(command, stdin=pipe, stdout=pipe, text=True)
        assert self._program.stdout is not None
        if not self._program.stdout.readline():
            raise SystemExit("The receiving port cannot be opened; is a JACK server running?")

    def take_away(self) -> None:
        """The port disappears."""
        self._tell("gone")

    def bring_back(self) -> None:
        """The port is there again, under the same name."""
        self._tell("back")

    def arrivals(self) -> list[Arrival]:
        """Everything that came; the program ends."""
        out, _ = self._program.communicate()
        rows = [line.split() for line in out.splitlines()]
        return [Arrival(float(r[0]), int(r[1]), tuple(map(int, r[2:]))) for r in rows]

    def _tell(self, word: str) -> None:
        assert self._program.stdin is not None
        print(word, file=self._program.stdin, flush=True)


def listen(client: str, heard: list[tuple[Any, ...]]) -> Any:
    """A new port that writes down what it hears."""
    import rtmidi

    port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client)
    port.set_callback(lambda event, _: heard.append((time.monotonic(), *event[0])))
    port.open_virtual_port("in")
    return port


def main(client: str) -> None:
    """Listen until standard input is closed, then write all that came."""
    with contextlib.suppress(OSError):  # where it is not granted, lateness says so
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    gc.disable()  # a collection would make what it measures late
    heard: list[tuple[Any, ...]] = []
    port = listen(client, heard)
    print("ready", flush=True)
    for word in map(str.strip, sys.stdin):
        if word == "gone":
            close_input(port)
            heard.append((time.monotonic(), GONE))
        else:
            heard.append((time.monotonic(), BACK))
            port = listen(client, heard)
    for line in heard:
        print(*line)


if __name__ == "__main__":
    main(sys.argv[1])
