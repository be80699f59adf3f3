"""Whatever a user or a machine can do to the player, at random, and what the port made of it."""

from __future__ import annotations

import random
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from port_receiver import BACK, GONE, Arrival, Receiver
from PySide6.QtCore import QEventLoop, QTimer

from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.document.document import Document
from descant_app.playback.player import Player

Seconds = npt.NDArray[np.float64]
STEP_S = 0.01
LOWEST, PITCHES = 32, 60
SHORT, LONG = 4, 432
"""Ticks of 480 to a quarter of 0.5 s: 4 ms and 0.45 s; a pitch comes again after 0.6 s."""
LATE_S = 0.1
"""A note-off later than this was not sent for its note but for something else."""
ACTIONS = (
    "play", "play", "play", "stop", "seek", "seek", "mute", "loop", "panic", "port",
    "close", "kill", "take_away",
)  # fmt: skip
RARE = {"close": 0.1, "kill": 0.15, "take_away": 0.15, "port": 0.4}


def length_ticks(pitch: int) -> int:
    """How long a note of the soak's piece is; every fourth is long."""
    return SHORT if pitch % 4 else LONG


def soak_score(seconds: float) -> Score:
    """A note every 10 ms at 120 quarters a minute, pitches 32 to 91 in turn."""
    ticks = [round(i * 960 * STEP_S) for i in range(int(seconds / STEP_S))]
    bars: list[list[Note]] = [[] for _ in range(ticks[-1] // 1920 + 1)]
    for i, tick in enumerate(ticks):
        pitch = LOWEST + i % PITCHES
        bars[tick // 1920].append(Note(pitch, 90, tick % 1920, length_ticks(pitch)))
    return Score((Track(tuple(Bar(b) for b in bars)),), 480, 500_000)


def wait(seconds: float) -> None:
    """Let the window's side of the player run."""
    loop = QEventLoop()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


@dataclass
class Soak:
    """Does things to a player and remembers when it killed it."""

    player: Player
    document: Document
    receiver: Receiver
    choice: random.Random = field(default_factory=lambda: random.Random(1))
    done: list[tuple[float, str]] = field(default_factory=list)
    gone: bool = False
    looks: list[tuple[float, bool]] = field(default_factory=list)
    """Ten times a second: whether notes should arrive now."""

    def _look(self) -> None:
        player = self.player
        plays = player.playing and player.choice == "port:" + self.receiver.port
        heard = self.document.piece.heard()[0] and not self.gone
        self.looks.append((time.monotonic(), plays and heard))

    def run(self, seconds: float) -> None:
        """Something new several times a second; at the end everything is stopped."""
        end = time.monotonic() + seconds
        looking = QTimer(interval=100)
        looking.timeout.connect(self._look)
        looking.start()
        while time.monotonic() < end:
            what = self.choice.choice(ACTIONS)
            if self.choice.random() < RARE.get(what, 1.0):
                self.done.append((time.monotonic(), what))
                getattr(self, what)()
            wait(self.choice.random() * 0.4)
        self.back()
        wait(6)
        self.player.stop()
        wait(1)

    def play(self) -> None:
        self.player.play()

    def stop(self) -> None:
        self.player.stop()

    def seek(self) -> None:
        self.player.seek(self.choice.randrange(self.document.end_tick))

    def mute(self) -> None:
        self.document.set_listening(0, mute=self.choice.random() < 0.2)

    def loop(self) -> None:
        self.player.set_loop((0, 1920) if self.choice.random() < 0.5 else None)

    def panic(self) -> None:
        self.player.panic()

    def port(self) -> None:
        """Another output for a moment."""
        self.player.set_output("none", "", 0.6, 0.2)
        name = "port:" + self.receiver.port
        QTimer.singleShot(
            self.choice.randrange(2000), lambda: self.player.set_output(name, "", 0.6, 0.2)
        )

    def close(self) -> None:
        self.player.close()

    def kill(self) -> None:
        if self.player.link.process is not None:
            self.player.link.process.kill()

    def take_away(self) -> None:
        if not self.gone:
            self.gone = True
            self.receiver.take_away()
            QTimer.singleShot(int(self.choice.choice((0.4, 1, 6)) * 1000), self.back)

    def back(self) -> None:
        if self.gone:
            self.gone = False
            self.receiver.bring_back()


@dataclass
class Heard:
    """What became of every note that began."""

    ons: int = 0
    overlong: list[tuple[float, int, float]] = field(default_factory=list)
    """When, pitch and seconds of notes that nothing but a lost note-off explains."""
    after_kill: list[float] = field(default_factory=list)
    after_return: list[float] = field(default_factory=list)
    """Seconds a note went on sounding after a kill, or after its port came back."""
    sounding: dict[tuple[int, int], float] = field(default_factory=dict)


def judged(arrivals: list[Arrival], kills: list[float]) -> Heard:
    """Follow each note from its beginning to its end."""
    heard = Heard()
    marks = [(a.when, a.status) for a in arrivals if a.status in (GONE, BACK)]
    for arrival in arrivals:
        kind, channel = arrival.status & 0xF0, arrival.status & 0x0F
        first = arrival.data[0] if arrival.data else 0
        if kind == 0x90 and arrival.data[1]:
            _end(heard, (channel, first), arrival.when, kills, marks)
            heard.ons += 1
            heard.sounding[channel, first] = arrival.when
        elif kind in (0x80, 0x90):
            _end(heard, (channel, first), arrival.when, kills, marks)
        elif kind == 0xB0 and first in (120, 123):
            for key in [key for key in heard.sounding if key[0] == channel]:
                _end(heard, key, arrival.when, kills, marks)
    return heard


def _end(
    heard: Heard,
    key: tuple[int, int],
    when: float,
    kills: list[float],
    marks: list[tuple[float, int]],
) -> None:
    began = heard.sounding.pop(key, None)
    if began is None:
        return
    allowed = length_ticks(key[1]) / 960 + LATE_S
    if when - began <= allowed:
        return
    killed = [kill for kill in kills if began - 0.05 <= kill <= began + allowed]
    back = [then for then, status in marks if status == BACK and began < then <= when]
    if back:
        heard.after_return.append(when - back[-1])
    elif killed:
        heard.after_kill.append(when - killed[-1])
    else:
        heard.overlong.append((began, key[1], when - began))


def deaf_s(whens: Seconds, looks: list[tuple[float, bool]]) -> float:
    """The longest time in which notes should have come and none did."""
    longest, since = 0.0, float("inf")
    for when, expected in looks:
        since = min(since, when) if expected else float("inf")
        last = np.searchsorted(whens, when)
        since = max(since, whens[last - 1]) if last and expected else since
        longest = max(longest, when - since) if expected else longest
    return longest


def report(heard: Heard, arrivals: list[Arrival], soak: Soak) -> str:
    """What the soak found, in a few lines."""
    done = soak.done
    times = Counter(what for _, what in done)
    whens = np.array([a.when for a in arrivals if a.status & 0xF0 == 0x90])
    minutes = np.bincount(((whens - whens[:1]) / 60).astype(int)) if len(whens) else np.zeros(1)
    lines = [
        ", ".join(f"{what} {count}" for what, count in sorted(times.items())),
        f"{heard.ons} notes arrived, {min(minutes)} to {max(minutes)} a minute; none for at most "
        f"{deaf_s(whens, soak.looks):.1f} s while it played",
        f"{len(heard.overlong)} notes longer than they are without a cause",
        *(_told(note, done) for note in heard.overlong),
        f"{len(heard.after_kill)} went on after a kill, at most {_longest(heard.after_kill):.2f} s",
        f"{len(heard.after_return)} were heard on when their port came back, at most "
        f"{_longest(heard.after_return):.2f} s",
        f"{len(heard.sounding)} still sounding at the end",
    ]
    return "\n".join(lines)


def _told(note: tuple[float, int, float], done: list[tuple[float, str]]) -> str:
    """One such note, with what was done around it."""
    began, pitch, seconds = note
    around = [f"{what} {then - began:+.2f}" for then, what in done if abs(then - began) < 2]
    return f"  pitch {pitch}, {seconds:.2f} s: {', '.join(around)}"


def _longest(seconds: list[float]) -> float:
    return max(seconds, default=0.0)
