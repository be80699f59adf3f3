"""Which gesture a press begins: the one place that knows the table of tools."""

from __future__ import annotations

from PySide6.QtCore import Qt

from descant_app.piano_roll.gestures.base import Gesture, Pointer, hit_at
from descant_app.piano_roll.gestures.draw import DrawNote
from descant_app.piano_roll.gestures.erase import EraseNotes
from descant_app.piano_roll.gestures.infill import InfillBars
from descant_app.piano_roll.gestures.move import MoveNotes
from descant_app.piano_roll.gestures.pan import Pan
from descant_app.piano_roll.gestures.resize import ResizeNotes
from descant_app.piano_roll.gestures.select import BoxSelect, LassoSelect
from descant_app.piano_roll.gestures.split import SplitNote
from descant_app.piano_roll.gestures.velocity import DragVelocity
from descant_app.piano_roll.roll import Roll
from descant_app.settings.translation import tr


def gesture_for(roll: Roll, pointer: Pointer, button: Qt.MouseButton) -> Gesture | None:
    """The gesture a press of this button begins; None when it begins none."""
    if button == Qt.MouseButton.MiddleButton:
        return Pan(roll, pointer)
    if button == Qt.MouseButton.RightButton:
        return EraseNotes(roll, pointer) if right_erases(roll) and _free(roll) else None
    if button != Qt.MouseButton.LeftButton:
        return None
    if roll.tool == "erase":
        return EraseNotes(roll, pointer) if _free(roll) else None
    if roll.tool == "infill":
        return InfillBars(roll, pointer) if _free(roll) else None
    hit = hit_at(roll, pointer)
    if hit is None:
        return _on_nothing(roll, pointer)
    if not _free(roll):
        return None
    if roll.tool == "split":
        return SplitNote(roll, pointer, hit)
    if roll.tool == "velocity":
        return DragVelocity(roll, pointer, hit)
    if hit.part != "body" and not pointer.shift:
        return ResizeNotes(roll, pointer, hit)
    return MoveNotes(roll, pointer, hit)


def double_click(roll: Roll, pointer: Pointer) -> Gesture | None:
    """In select mode: a note under the pointer goes, over nothing one is drawn."""
    if roll.tool != "select" or not _free(roll):
        return None
    hit = hit_at(roll, pointer)
    if hit is None:
        return DrawNote(roll, pointer) if _bare(roll, pointer) else None
    roll.editor.erase(hit.row)
    return None


def cursor_for(roll: Roll, pointer: Pointer) -> Qt.CursorShape:
    """The shape that announces what a press would do."""
    shapes = Qt.CursorShape
    hit = hit_at(roll, pointer)
    if roll.tool in ("erase", "infill"):
        return shapes.PointingHandCursor
    if hit is None:
        return shapes.CrossCursor if roll.tool == "draw" else shapes.ArrowCursor
    if roll.tool == "split":
        return shapes.SplitHCursor
    if roll.tool == "velocity":
        return shapes.SizeVerCursor
    return shapes.SizeAllCursor if hit.part == "body" else shapes.SizeHorCursor


def _on_nothing(roll: Roll, pointer: Pointer) -> Gesture | None:
    if roll.tool == "draw" and not pointer.ctrl:
        return DrawNote(roll, pointer) if _free(roll) and _bare(roll, pointer) else None
    if pointer.ctrl and roll.tool == "select":
        return LassoSelect(roll, pointer)
    return BoxSelect(roll, pointer)


def right_erases(roll: Roll) -> bool:
    """Whether the right button erases: while drawing always, else as preferred."""
    return roll.tool == "draw" or roll.right_erases


def _bare(roll: Roll, pointer: Pointer) -> bool:
    """Whether the piece's own notes are what is seen; else why they cannot be edited is told."""
    covered = roll.shown_take.covers_tick(roll.document.selection.track, pointer.tick)
    if covered:
        roll.document.refuse(
            tr("This bar shows a take. Keep the take or put it aside to edit the bar.")
        )
    return not covered


def _free(roll: Roll) -> bool:
    return roll.editor.writable() is not None
