"""Milliseconds a frame of the roll, offscreen at 1600 x 900, and a drag step.  Run by hand.

python tests/bench/bench_window.py [NOTES ...]
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("DESCANT_DATA", tempfile.mkdtemp())

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from descant.midi_file import midi_bytes
from descant.score.types import Bar, Score, Track
from descant_app.application import Application
from descant_app.settings.options import Settings

R, FRAMES = 480, 40


def piece(count: int) -> Score:
    """One track, sixteen notes a quarter: notes of random pitch, length and velocity."""
    random = np.random.default_rng(1)
    bars = max(1, count // 128)
    made = []
    for _ in range(bars):
        rows = np.empty((128, 6), dtype=np.int32)
        rows[:, 0] = random.integers(30, 100, 128)
        rows[:, 1] = random.integers(20, 127, 128)
        rows[:, 2] = np.sort(random.integers(0, 4 * R, 128))
        rows[:, 3] = random.integers(20, R, 128)
        rows[:, 4], rows[:, 5] = 0, 64
        made.append(Bar(rows))
    return Score((Track(tuple(made)),), R)


def frames(app: QApplication, whole: Application, step: Callable[[int], None]) -> np.ndarray:
    """Milliseconds of each forced repaint after a step."""
    times = []
    viewport = whole.window.pane.view.viewport()
    for i in range(FRAMES):
        start = time.perf_counter()
        step(i)
        viewport.repaint()
        times.append((time.perf_counter() - start) * 1000)
        app.processEvents()
    return np.array(times)


def mouse(whole: Application, kind: QEvent.Type, at: QPointF) -> None:
    view = whole.window.pane.view.viewport()
    left, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    event = QMouseEvent(kind, at, QPointF(view.mapToGlobal(at)), left, left, none)
    QApplication.sendEvent(view, event)


def run(count: int) -> None:
    """One line of the table."""
    app = QApplication.instance() or QApplication([])
    settings = Settings(Path(os.environ["DESCANT_DATA"]) / "bench.json")
    settings.options.output, settings.options.audition = "none", False
    whole = Application(settings)
    whole.window.resize(1600, 900)
    whole.window.show()
    path = Path(os.environ["DESCANT_DATA"]) / f"{count}.mid"
    path.write_bytes(midi_bytes(piece(count)))
    start = time.perf_counter()
    whole.files.show_opened(path)
    whole.window.grab()
    opening = (time.perf_counter() - start) * 1000
    roll = whole.window.roll
    viewport = roll.viewport
    pan = frames(app, whole, lambda i: viewport.scroll(20, 0))
    end = whole.document.end_tick
    viewport.set(viewport.coords.showing(0, min(end, 10_000 // 128 * 4 * R), 30, 100))
    many = frames(app, whole, lambda i: viewport.zoom_x(1.002 if i % 2 else 1 / 1.002, 700))
    roll.fit()
    whole_piece = frames(app, whole, lambda i: viewport.zoom_x(1.002 if i % 2 else 1 / 1.002, 700))
    head = frames(app, whole, lambda i: roll.set_playhead(i * 500))
    roll.look_at_start()
    roll.editor.select_all()
    row = roll.flat.rows[200]
    coords = viewport.coords
    coords = replace(coords, left=float(row[2]) - 100)
    viewport.set(coords)
    coords = viewport.coords
    at = QPointF(coords.x_of(row[2]) + 9, coords.y_of(int(row[0])) + coords.row_px / 2)
    mouse(whole, QEvent.Type.MouseButtonPress, at)
    drag = frames(
        app, whole, lambda i: mouse(whole, QEvent.Type.MouseMove, at + QPointF(i * 7, i % 5))
    )
    start = time.perf_counter()
    mouse(whole, QEvent.Type.MouseButtonRelease, at + QPointF(300, 0))
    commit = (time.perf_counter() - start) * 1000
    whole.document.undo_stack.setClean()
    whole.window.close()
    cells = [np.median(x) for x in (pan, many, whole_piece, head, drag)]
    names = ("pan", "10k seen", "all seen", "head", "drag all")
    parts = [f"{name} {value:6.2f}" for name, value in zip(names, cells, strict=True)]
    print(f"{count:>9,} | open {opening:7.0f} | {' | '.join(parts)} | let go {commit:6.1f}")


if __name__ == "__main__":
    print("milliseconds, medians of", FRAMES)
    for notes in [int(a) for a in sys.argv[1:]] or [1000, 10_000, 100_000, 200_000]:
        run(notes)
