"""A MIDI port of another program, which a benchmark listens to and takes away.

Run by itself it is that program: it notes the monotonic clock at each message's arrival.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import Any

from descant_app.playback.inputs import close_input

GONE, BACK = 0, 1
"""Stand in place of a status byte where the port was taken away and where it came back."""
PRIORITY, ROOM = 20, 1 << 14


@dataclass(frozen=True)
class Arrival:
    """A message and the second it came at."""

    when: float
    status: int
    data: tuple[int, ...]


class Receiver:
    """The program, seen from the benchmark.  JACK must run."""

    def __init__(self, client: str, at_once: bool) -> None:
        """`at_once` for exact times of single notes; see `Ear`."""
        self.port = f"{client}:in"
        command = [sys.executable, __file__, client, "at_once" if at_once else "soon"]
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


class Ear:
    """The port, and all that came to it.

    Heard at once, each message has its exact time, but a burst of them makes Python late for JACK,
    which then drops what comes; else messages wait in the port for up to a millisecond.
    """

    def __init__(self, client: str, at_once: bool) -> None:
        self.client, self.at_once = client, at_once
        self.heard: list[tuple[Any, ...]] = []
        self.port = self._opened()

    def _opened(self) -> Any:
        import rtmidi

        port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=self.client, queue_size_limit=ROOM)
        if self.at_once:
            port.set_callback(lambda event, _: self.put(*event[0]))
        port.open_virtual_port("in")
        return port

    def put(self, *message: int) -> None:
        self.heard.append((time.monotonic(), *message))

    def listen(self) -> None:
        """Fetch what waits."""
        while (event := self.port.get_message()) is not None:
            self.put(*event[0])

    def obey(self, word: str) -> None:
        """Take the port away, or bring it back."""
        if word == "gone":
            self.listen()
            close_input(self.port)
            self.put(GONE)
        elif word == "back":
            self.put(BACK)
            self.port = self._opened()


def main(client: str, at_once: bool) -> None:
    """Listen until standard input is closed, then write all that came."""
    with contextlib.suppress(OSError):  # where it is not granted, lateness says so
        os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(PRIORITY))
    gc.disable()  # a collection would make what it measures late
    ear, away = Ear(client, at_once), False
    print("ready", flush=True)
    while True:
        told, _, _ = select.select([sys.stdin], [], [], 0.5 if at_once else 0.001)
        if told:
            word = os.read(0, 5).decode().strip()
            if not word:
                break
            away = word == "gone"
            ear.obey(word)
        if not (away or at_once):
            ear.listen()
    for line in ear.heard:
        print(*line)


if __name__ == "__main__":
    main(sys.argv[1], at_once=sys.argv[2] == "at_once")
