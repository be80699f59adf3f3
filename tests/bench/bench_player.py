"""Lateness of the player's notes at the receiving end of a MIDI port, and a soak.  Run by hand.

Needs a JACK server: jackd -r -d dummy -r 48000 -p 64 &
python tests/bench/bench_player.py [SECONDS] [--beside] [--soak]

Notes come every 10 ms; the receiver is another process that takes the monotonic clock at arrival.
A JACK period (1.3 ms at 64 frames) is part of what is measured.  --beside lets the bundled model
write bars in another process all the while.  --soak stops, seeks, mutes and
ends the player at random instead and counts the note-offs that never came.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer

from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.document.document import Document
from descant_app.playback.player import Player

RECEIVER = """
import rtmidi, sys, time
port = rtmidi.MidiIn(rtmidi.API_UNIX_JACK, name="listener")
heard = []
port.set_callback(lambda event, _: heard.append((time.monotonic(), *event[0])))
port.open_virtual_port("in")
print("ready", flush=True)
sys.stdin.read()
port.close_port()
for line in heard:
    print(*line)
"""
GENERATOR = """
from descant import Score
from descant.inference import GenerationRequest, InferenceConfig, InferenceEngine, TrackPrompt
from descant_app.paths import resource
engine = InferenceEngine.from_checkpoint("descant")
score = Score.from_midi(str(resource("examples", "first_light.mid")))
tracks = [TrackPrompt(id=t, bars=[4, 5, 6, 7] if t == 1 else []) for t in range(4)]
request = GenerationRequest(tracks=tracks, config=InferenceConfig(num_candidates=4))
print("ready", flush=True)
while True:
    for _ in engine.session(score, request).run_variations():
        pass
"""
STEP_S = 0.01
PORT = "port:listener:in"


def grid_score(seconds: float) -> Score:
    """A note every 10 ms at 120 quarters a minute (9.6 ticks of 480), sixteen bars at a time."""
    ticks = [round(i * 9.6) for i in range(int(seconds / STEP_S))]
    bars: list[list[Note]] = [[] for _ in range(ticks[-1] // 1920 + 1)]
    for i, tick in enumerate(ticks):
        bars[tick // 1920].append(Note(30 + i % 60, 90, tick % 1920, 4))
    return Score((Track(tuple(Bar(b) for b in bars)),), 480, 500_000)


def wait(seconds: float) -> None:
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


def main() -> None:
    app = QCoreApplication([])
    seconds = float(next((a for a in sys.argv[1:] if a[0].isdigit()), "20"))
    receiver = subprocess.Popen(
        ["chrt", "-f", "20", sys.executable, "-c", RECEIVER],
        stdin=-1,
        stdout=-1,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert receiver.stdout is not None
    assert receiver.stdin is not None
    receiver.stdout.readline()
    generator = start_generator() if "--beside" in sys.argv else None
    document = Document()
    document.open_score(grid_score(seconds), None)
    player = Player(document)
    player.choice = PORT
    player.failed.connect(lambda text: print("player:", text))
    player.start_process()
    wait(2.5)
    if "--soak" in sys.argv:
        soak(player, document, seconds)
    else:
        player.play()
        wait(seconds + 1.5)
    offset = player._offset_s
    player.close()
    if generator is not None:
        generator.kill()
        generator.communicate()
    time.sleep(0.3)
    receiver.stdin.close()
    lines = [line.split() for line in receiver.stdout.read().splitlines()]
    report(lines, offset, "--soak" in sys.argv)
    del app


def start_generator() -> subprocess.Popen[str]:
    """A process that writes bars without end; it has begun when this returns."""
    command = [sys.executable, "-c", GENERATOR]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.readline()
    return process


def soak(player: Player, document: Document, seconds: float) -> None:
    """Whatever a user can do, many times a second."""
    end = time.monotonic() + seconds
    choice = random.Random(1)
    while time.monotonic() < end:
        what = choice.choice(
            ["play", "stop", "seek", "mute", "loop", "panic", "port", "close", "kill"]
        )
        if what == "play":
            player.play()
        elif what == "stop":
            player.stop()
        elif what == "seek":
            player.seek(choice.randrange(document.end_tick))
        elif what == "mute":
            document.set_listening(0, mute=choice.random() < 0.3)
        elif what == "loop":
            player.set_loop((0, 1920) if choice.random() < 0.5 else None)
        elif what == "panic":
            player.panic()
        elif what == "port":
            other = "none" if player.choice != "none" else PORT
            player.set_output(other, "", 0.6, 0.2)
        elif what == "close" and choice.random() < 0.1:
            player.close()
            player._closing = False
        elif what == "kill" and choice.random() < 0.1 and player._process is not None:
            player._process.kill()
        wait(choice.random() * 0.3)


def planned_times(pitches: list[int]) -> np.ndarray:
    """When notes were due: pitches tell which of the sixty after the one before each is."""
    steps = np.diff(np.array(pitches), prepend=pitches[0]) % 60
    return np.cumsum(steps) * STEP_S


def planned_count(arrivals: list[tuple[float, int]]) -> int:
    """How many notes were due from the first that arrived to the last."""
    return round(float(planned_times([pitch for _, pitch in arrivals])[-1]) / STEP_S) + 1


def report(lines: list[list[str]], offset: float | None, is_soak: bool) -> None:
    sounding: set[int] = set()
    ons = 0
    arrivals: list[tuple[float, int]] = []
    for line in lines:
        when, status, data = float(line[0]), int(line[1]), [*map(int, line[2:]), 0]
        if status & 0xF0 == 0x90 and data[1]:
            ons += 1
            sounding.add(data[0])
            arrivals.append((when, data[0]))
        elif status & 0xF0 == 0x80 or (status & 0xF0 == 0x90 and not data[1]):
            sounding.discard(data[0])
        elif status & 0xF0 == 0xB0 and data[0] in (120, 123):
            sounding.clear()
    dropped = f", {planned_count(arrivals) - ons} dropped" if not is_soak and arrivals else ""
    print(f"{ons} notes arrived{dropped}, {len(sounding)} still sounding at the end")
    if not is_soak and len(arrivals) > 100:
        times = np.array([when for when, _ in arrivals])
        planned = planned_times([pitch for _, pitch in arrivals])
        late = (times - times[0] - planned) * 1000
        late -= late.min()
        print(
            f"ms after the earliest: mean {late.mean():.2f}, p99 {np.percentile(late, 99):.2f}, "
            f"max {late.max():.2f}"
        )


if __name__ == "__main__":
    main()
