"""A MIDI port of another program: run by itself it listens and writes a line for each message."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NAME = "ear:in"
NOTE_ON, NOTE_OFF = 0x90, 0x80


class Heard:
    """What came to the port so far, from the file that it is written to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def messages(self) -> list[list[int]]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    @property
    def strokes(self) -> set[tuple[int, int]]:
        """Pitch and velocity of every note that began."""
        return {(m[1], m[2]) for m in self.messages if _is_on(m)}

    @property
    def sounding(self) -> Counter[tuple[int, int]]:
        """Channel and pitch of notes that never ended."""
        held: Counter[tuple[int, int]] = Counter()
        for message in self.messages:
            key = (message[0] & 0xF, message[1] if len(message) > 1 else 0)
            if _is_on(message):
                held[key] += 1
            elif message[0] & 0xF0 in (NOTE_ON, NOTE_OFF) and held[key]:
                held[key] -= 1
        return +held


def _is_on(message: list[int]) -> bool:
    return message[0] & 0xF0 == NOTE_ON and message[2] > 0


@contextmanager
def listening(path: Path) -> Iterator[Heard]:
    """A program with the port `NAME`, as long as this lasts.  JACK must run."""
    with path.open("w") as file:
        command = [sys.executable, __file__]
        program = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=file)
    try:
        end = time.monotonic() + 20
        while not path.read_text() and time.monotonic() < end:
            time.sleep(0.05)
        yield Heard(path)
    finally:
        program.communicate(timeout=10)


def main() -> None:
    """Listen until standard input is closed."""
    import rtmidi

    client, port = NAME.split(":")
    midi = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name=client)
    midi.set_callback(lambda event, _: print(json.dumps(event[0]), flush=True))
    midi.open_virtual_port(port)
    print("[254]", flush=True)  # active sensing: it listens
    sys.stdin.read()
    midi.close_port()


if __name__ == "__main__":
    main()
