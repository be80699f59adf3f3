"""What keys do in a lane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence

from descant_app.piano_roll.level_menu import copy_lane, paste_lane
from descant_app.piano_roll.level_stroke import BOTH, HIGH, LOW

if TYPE_CHECKING:
    from descant_app.piano_roll.level_lane import LevelLane

OWN = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Delete,
    Qt.Key.Key_Backspace, Qt.Key.Key_Home, Qt.Key.Key_End,
)  # fmt: skip
COPY, PASTE = QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.Paste


def belongs(lane: LevelLane, event: QKeyEvent) -> bool:
    """Whether a key means something here, whatever it means to the window."""
    if event.key() == Qt.Key.Key_Escape:
        return lane.stroke is not None
    control = event.modifiers() & Qt.KeyboardModifier.ControlModifier
    return (event.key() in OWN and not control) or any(map(event.matches, (COPY, PASTE)))


def press(lane: LevelLane, event: QKeyEvent) -> bool:
    """Do what a key says; False when it says nothing here."""
    if not belongs(lane, event):
        return False
    key, last = event.key(), lane.facts.document.piece.bar_count - 1
    lane.at = min(lane.at, last)  # bars may have gone meanwhile
    moves = {
        Qt.Key.Key_Left: lane.at - 1,
        Qt.Key.Key_Right: lane.at + 1,
        Qt.Key.Key_Home: 0,
        Qt.Key.Key_End: last,
    }
    if key == Qt.Key.Key_Escape:
        lane.abort()
    elif event.matches(COPY):
        copy_lane(lane.facts, lane.spec)
    elif event.matches(PASTE):
        paste_lane(lane.facts, lane.spec)
    elif key in moves:
        lane.at = max(0, min(moves[key], last))
        lane.roll.viewport.reveal_tick(int(lane.facts.document.starts[lane.at]))
    elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        _step(lane, 1 if key == Qt.Key.Key_Up else -1, _held(event.modifiers()))
    else:
        lane.begin(BOTH).clear([lane.key(lane.at)])
        lane.finish()
    return True


def _held(keys: Qt.KeyboardModifier) -> str:
    if keys & Qt.KeyboardModifier.AltModifier:
        return LOW
    return HIGH if keys & Qt.KeyboardModifier.ShiftModifier else BOTH


def _step(lane: LevelLane, by: int, held: str) -> None:
    """A level up or down; from free, the level that the notes have is where to begin."""
    bar, side = lane.key(lane.at), 0 if held == LOW else -1
    level = lane.facts.wish(lane.spec, bar)[side]
    if level is None:
        held, level = BOTH, lane.facts.measured(lane.spec, bar)[side]
        level = lane.spec.size // 2 if level is None else level
    else:
        level += by
    lane.begin(held).put(lane.facts.track, bar, level)
    lane.finish(merge=f"{lane.spec.key}{lane.facts.track}{bar}{held}")
