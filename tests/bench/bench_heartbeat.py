"""Time to the window's first paint, and its longest standstill while a model writes and the piece
plays.  Run by hand.

python tests/bench/bench_heartbeat.py [SECONDS]

The heart-beat is a timer of 5 ms in the window's thread; a standstill is the time between two
beats.  Beside it stands what the window's thread computed meanwhile: the rest of a standstill
belongs to whatever else the machine does.  Generation is asked for again as soon as a job ends.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("DESCANT_DATA", tempfile.mkdtemp())

import numpy as np

BEAT_MS = 5
STARTS = 5

FIRST_PAINT = """
import sys, time
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

class Watch(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint and type(watched).__name__ == "ArrangementCanvas":
            print(time.time() - float(sys.argv[1]), flush=True)
            sys.stdout.flush()
            import os
            os._exit(0)
        return False

import descant_app.application as application

class Watched(application.QtApplication):
    def __init__(self, arguments):
        super().__init__(arguments)
        self.watch = Watch()
        self.installEventFilter(self.watch)

application.QtApplication = Watched
application.run([])
"""


def first_paint() -> None:
    """Seconds from starting the interpreter to the first paint, a few times."""
    times = []
    for _ in range(STARTS):
        command = [sys.executable, "-c", FIRST_PAINT, str(time.time())]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        times.append(float(done.stdout.split()[0]))
    print(f"first paint: {min(times):.2f} s at best, {np.median(times):.2f} s in the middle")


def heartbeat(seconds: float) -> None:
    """Gaps between beats while bars are written and played."""
    from pathlib import Path

    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    from descant_app.application import Application
    from descant_app.settings.options import Settings

    app = QApplication([])
    settings = Settings(Path(os.environ["DESCANT_DATA"]) / "bench.json")
    settings.options.output = "none"
    whole = Application(settings)
    whole.window.resize(1600, 900)
    whole.show([])
    whole.after_first_paint()
    composer, gaps, worked, jobs = whole.window.composer, [], [], [0]
    wait_for(lambda: composer.model is not None, 60)

    def again() -> None:
        if composer.job is None:
            jobs[0] += 1
            composer.generate()

    last = [0.0, 0.0]

    def beat() -> None:
        now, work = time.perf_counter(), time.thread_time()
        gaps.append(now - last[0])
        worked.append(work - last[1])
        last[:] = now, work

    timer, asking = QTimer(interval=BEAT_MS), QTimer(interval=50)
    timer.timeout.connect(beat)
    asking.timeout.connect(again)
    whole.window.player.play()
    wait_for(lambda: whole.window.player.playing, 10)
    last[:] = time.perf_counter(), time.thread_time()
    timer.start()
    asking.start()
    end = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > end, seconds + 5)
    timer.stop()
    asking.stop()
    takes = len(whole.document.takes.takes)
    print(f"{jobs[0]} jobs, {takes} takes, load average {os.getloadavg()[0]:.1f}")
    print("standstill", told(gaps))
    print("of it computing", told(worked))
    whole.document.undo_stack.setClean()
    whole.window.close()
    del app


def told(seconds: list[float]) -> str:
    """How long, in milliseconds."""
    found = np.array(seconds) * 1000
    return (
        f"p99 {np.percentile(found, 99):.1f} ms, longest {found.max():.1f} ms, "
        f"over 50 ms {int((found > 50).sum())} of {len(found)} times"
    )


def wait_for(done, seconds: float) -> None:  # type: ignore[no-untyped-def]
    """Run the window until something is so."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    look = QTimer(interval=20)
    look.timeout.connect(lambda: done() and loop.quit())
    look.start()
    QTimer.singleShot(int(seconds * 1000), loop.quit)
    loop.exec()


if __name__ == "__main__":
    first_paint()
    heartbeat(float(sys.argv[1]) if len(sys.argv) > 1 else 20.0)
