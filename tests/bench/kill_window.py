"""Kills an editing window at random moments and looks at what can be recovered.  Run by hand.

python tests/bench/kill_window.py [TIMES]

Each round starts a window that adds one note every 50 ms and writes the number and the time of each
to a pipe, kills it with SIGKILL, and counts the seconds of work that the journal does not hold.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EDITING = """
import sys, time
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pathlib import Path
from descant_app.application import Application
from descant_app.document.flat import make_rows
from descant_app.paths import settings_file
from descant_app.settings.options import Settings

app = QApplication([])
settings = Settings(settings_file())
settings.options.output = "none"
settings.options.audition = False
whole = Application(settings)
whole.show([Path(sys.argv[1])])
count = 0

def edit():
    global count
    count += 1
    whole.window.roll.editor.add(make_rows(count % 128, 90, count * 30, 20))
    print(count, time.time(), flush=True)
    if count % 37 == 0:
        whole.files.save()

timer = QTimer(interval=50)
timer.timeout.connect(edit)
timer.start()
app.exec()
"""


def notes_of(score) -> int:  # type: ignore[no-untyped-def]
    return sum(len(bar.notes) for bar in score.tracks[0].bars)


def one_round(root: Path, seconds: float) -> tuple[float, bool]:
    """Seconds of work lost, and whether the file itself can still be opened."""
    os.environ["DESCANT_DATA"] = str(root)
    from descant.midi_file import read_midi, write_midi
    from descant.score.notes import Note
    from descant.score.types import Bar, Score, Track
    from descant_app.document.lost_work import find_lost

    path = root / "song.mid"
    first_note = Bar([Note(60, 90, 0, 10)])
    write_midi(Score((Track((first_note, *(Bar(),) * 7)),)), path)
    process = subprocess.Popen(
        [sys.executable, "-c", EDITING, str(path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    killed = time.time()
    steps = [line.split() for line in [first, *process.stdout.read().splitlines()] if line.strip()]
    process.wait()
    done = {int(step[0]): float(step[1]) for step in steps if len(step) == 2}
    saved = notes_of(read_midi(path))
    lost = find_lost(root / "autosave")
    kept = max([saved, *(notes_of(item.recover()[0].score) for item in lost)])
    missing = [when for n, when in done.items() if n + 1 > kept]
    return (killed - min(missing) if missing else 0.0), saved > 0


def main() -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    worst = 0.0
    for number in range(times):
        with tempfile.TemporaryDirectory() as folder:
            lost, whole = one_round(Path(folder), random.uniform(0.2, 4.0))
            worst = max(worst, lost)
            print(f"{number + 1:3}: {lost:.2f} s lost, file {'whole' if whole else 'DAMAGED'}")
    print(f"worst of {times}: {worst:.2f} s")


if __name__ == "__main__":
    main()
