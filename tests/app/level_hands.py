"""A hand on a lane of levels, and eyes."""

from __future__ import annotations

from canvas import Canvas
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QImage, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from descant_app.document.composition import Composition
from descant_app.piano_roll.level_words import said_of
from descant_app.settings.theme import themes

SHIFT, ALT = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.AltModifier
NAME = "bar_note_density"


def there_and_back(canvas: Canvas, act) -> Composition:
    """One step of history, which undo and redo travel; the composition after it."""
    document, index, before = canvas.document, canvas.steps(), canvas.document.piece
    act()
    after = document.piece
    assert canvas.steps() == index + 1
    document.undo_stack.undo()
    assert document.piece == before
    document.undo_stack.redo()
    assert document.piece == after
    return after.composition


def said(lane, bar: int) -> str:
    return said_of(lane.facts, lane.spec, bar)


def press(lane, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mousePress(lane, Qt.MouseButton.LeftButton, keys, at)


def move(lane, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    where = QPointF(lane.mapToGlobal(at))
    event = QMouseEvent(QEvent.Type.MouseMove, QPointF(at), where, none, left, keys)
    QApplication.sendEvent(lane, event)


def release(lane, at: QPoint, keys=Qt.KeyboardModifier.NoModifier) -> None:
    QTest.mouseRelease(lane, Qt.MouseButton.LeftButton, keys, at)


def grabbed(lane) -> QImage:
    return lane.grab().toImage()


def has_colour(image: QImage, meaning: str) -> bool:
    wanted = themes.now[meaning]
    return any(
        image.pixelColor(x, y) == wanted
        for x in range(image.width())
        for y in range(image.height())
    )
