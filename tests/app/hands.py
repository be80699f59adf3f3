"""A hand on the mouse, and the music it plays with."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.piano_roll.view import RollView

R = 480


def small_score(bars: int = 8) -> Score:
    """Two melodic tracks and drums, eight bars of 4/4; four quarter notes a bar on the first."""
    scale = (60, 62, 64, 65)

    def melody(bar: int) -> Bar:
        return Bar([Note(scale[i] + bar % 3, 80 + i, i * R, R // 2) for i in range(4)])

    def bass(bar: int) -> Bar:
        return Bar([Note(36 + bar, 100, 0, 4 * R)])

    def drums(_: int) -> Bar:
        return Bar([Note(36, 110, 0, 60), Note(38, 100, R, 60)])

    tracks = (
        Track(tuple(map(melody, range(bars))), 0, name="Lead"),
        Track(tuple(map(bass, range(bars))), 32, name="Bass"),
        Track(tuple(map(drums, range(bars))), 0, "drum", name="Drums", channel=9),
    )
    return Score(tracks, R, 500_000)


class Mouse:
    """A hand on the roll: positions are ticks and pitches."""

    def __init__(self, view: RollView) -> None:
        self.view = view
        self.roll = view.roll

    def at(self, tick: float, pitch: int) -> QPoint:
        coords = self.roll.viewport.coords
        point = QPointF(coords.x_of(tick), coords.y_of(pitch) + coords.row_px / 2)
        return QPoint(round(point.x()), int(point.y()))

    def drag(
        self,
        start: QPoint,
        end: QPoint,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        drag(self.view.viewport(), start, end, keys, button)

    def click(
        self,
        at: QPoint,
        keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
        button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    ) -> None:
        QTest.mouseClick(self.view.viewport(), button, keys, at)

    def double_click(self, at: QPoint) -> None:
        none = Qt.KeyboardModifier.NoModifier
        for act in (QTest.mouseClick, QTest.mouseDClick, QTest.mouseRelease):
            act(self.view.viewport(), Qt.MouseButton.LeftButton, none, at)


def drag(
    widget: QWidget,
    start: QPoint,
    end: QPoint,
    keys: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier,
    button: Qt.MouseButton = Qt.MouseButton.LeftButton,
    steps: int = 5,
) -> None:
    """Press, move in steps, release."""
    QTest.mousePress(widget, button, keys, start)
    for i in range(1, steps + 1):
        pos = start + (end - start) * i / steps
        move = QMouseEvent(
            QEvent.Type.MouseMove,
            QPointF(pos),
            QPointF(widget.mapToGlobal(pos)),
            Qt.MouseButton.NoButton,
            button,
            keys,
        )
        QApplication.sendEvent(widget, move)
    QTest.mouseRelease(widget, button, keys, end)


def opened(whole, path: Path, qtbot) -> None:
    """Open a file in the window and wait until it is there."""
    with qtbot.waitSignal(whole.document.path_changed, timeout=5000):
        whole.files.open_path(path)
