"""Lateness of the player's notes at the receiving end of a MIDI port, and a soak.  Run by hand.

python tests/bench/bench_player.py [SECONDS] [--beside] [--soak]

Notes come every 10 ms; the receiver is another process that takes the monotonic clock at arrival.
A JACK server of our own, real-time where that is granted, carries them; its period of a millisecond
is part of what is measured, as is what keeps even a bare real-time process from running, which is
measured beside it.  (A server without real time loses whole periods on a busy machine, and
the notes in them.)  --beside lets the program's own model write takes all the while.  --soak
does whatever can happen to a player instead, at random: see player_soak.py.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("DESCANT_DATA", tempfile.mkdtemp())
sys.path.insert(0, str(Path(__file__).parents[1] / "app"))

import numpy as np
from bare_timer import BareTimer
from jack_server import QUICK, REAL_TIME, jack_server
from player_soak import LOWEST, PITCHES, STEP_S, Soak, judged, report, soak_score, wait
from port_receiver import Arrival, Receiver
from PySide6.QtCore import QCoreApplication, QTimer

from descant.score.types import Score
from descant_app.compose.composer import Composer
from descant_app.document.composition import BarCell
from descant_app.document.document import Document
from descant_app.paths import resource
from descant_app.playback.player import Player

BEGIN_S = 2.5


class Generator:
    """The composer of the program, which writes takes of the demo piece without end."""

    def __init__(self) -> None:
        self.document = Document()
        score = Score.from_midi(str(resource("examples", "first_light.mid")))
        self.document.open_score(score, None)
        lead = self.document.lanes[1].id
        self.cells: list[BarCell] = [(lead, bar) for bar in range(4, 8)]
        self.document.selection.set_bars(self.cells)
        self.composer = Composer(self.document)
        self.composer.refused.connect(lambda text: print("refused:", text))
        self.composer.start()
        self.jobs = 0
        self._timer = QTimer(interval=20)
        self._timer.timeout.connect(self._again)
        self._timer.start()

    def _again(self) -> None:
        if self.composer.model is not None and self.composer.job is None:
            self.document.takes.remove(list(self.document.takes.takes))
            self.jobs += 1
            self.composer.generate()


def measure(receiver: Receiver, seconds: float, beside: bool) -> None:
    """Play a piece once and say how late its notes arrived."""
    generator = Generator() if beside else None
    player = new_player(receiver, soak_score(seconds))
    late: list[float] = []
    player._on_lateness = late.extend  # type: ignore[attr-defined]
    wait(BEGIN_S)
    while generator is not None and generator.jobs < 2:
        wait(0.1)
    begun = generator.jobs if generator else 0
    bare = BareTimer()
    player.play()
    wait(seconds / 2)
    start_s = player._offset_s or 0.0
    wait(seconds / 2 + 1.5)
    player._send("lateness")
    wait(0.3)
    print(f"processor time of the player: {processor_s(player):.1f} s in {seconds:.0f} s")
    player.close()
    if generator is not None:
        print(f"{generator.jobs - begun} jobs were written beside it")
        generator.composer.close()
    print("a bare real-time timer beside it, ms late:", in_ms(bare.late_s()))
    print("the player's clock, ms late:", in_ms(np.array(late)))
    print(lateness(receiver.arrivals(), start_s))


def new_player(receiver: Receiver, score: Score) -> Player:
    """A player whose process runs and sends to the receiver."""
    document = Document()
    document.open_score(score, None)
    player = Player(document)
    player.choice = "port:" + receiver.port
    player.failed.connect(lambda text: print("player:", text))
    player.start_process()
    return player


def processor_s(player: Player) -> float:
    """Seconds of processor time that the player's process has spent, on Linux."""
    if sys.platform != "linux" or player.link.process is None:
        return 0.0
    stat = Path(f"/proc/{player.link.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")


def lateness(arrivals: list[Arrival], start_s: float) -> str:
    """How late notes arrived of a piece whose first was due at a second of the clock.

    Those that never came are found by the order of the pitches.
    """
    ons = [a for a in arrivals if a.status & 0xF0 == 0x90]
    if not ons:
        return "no note arrived"
    pitches = np.array([a.data[0] for a in ons])
    steps = np.cumsum(np.diff(pitches, prepend=LOWEST) % PITCHES)
    late = np.array([a.when for a in ons]) - start_s - steps * STEP_S
    dropped = int(steps[-1]) + 1 - len(ons)
    return f"{len(ons)} notes arrived, {dropped} dropped; ms late: {in_ms(late)}"


def in_ms(seconds: np.ndarray) -> str:
    """Mean, p99, p99.9 and the worst."""
    p99, p999 = np.percentile(seconds * 1000, (99, 99.9))
    return (
        f"mean {seconds.mean() * 1000:.2f}, p99 {p99:.2f}, p99.9 {p999:.2f}, "
        f"max {seconds.max() * 1000:.2f}"
    )


def soak(receiver: Receiver, seconds: float) -> None:
    """Play while everything happens, and say which notes did not end."""
    player = new_player(receiver, soak_score(60.0))
    wait(BEGIN_S)
    soaking = Soak(player, player.document, receiver)
    soaking.run(seconds)
    player.close()
    wait(0.3)
    arrivals = receiver.arrivals()
    kills = [when for when, what in soaking.done if what == "kill"]
    print(report(judged(arrivals, kills), arrivals, soaking))


def may_be_real_time() -> bool:
    """Whether this user may start a real-time JACK server."""
    return subprocess.run(["chrt", "-f", "60", "true"], capture_output=True).returncode == 0


def main() -> None:
    app = QCoreApplication([])
    seconds = float(next((a for a in sys.argv[1:] if a[0].isdigit()), "20"))
    options = REAL_TIME if may_be_real_time() else ("-r", *QUICK)
    print("JACK server", *options, flush=True)
    with jack_server(options):
        receiver = Receiver("listener", at_once="--soak" not in sys.argv)
        if "--soak" in sys.argv:
            soak(receiver, seconds)
        else:
            measure(receiver, seconds, "--beside" in sys.argv)
    del app


if __name__ == "__main__":
    main()
