"""What the bars of the current track are to the model: a tint of the roll, a band of the ruler."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from descant_app.compose.outlook import CONTEXT, HIDDEN, LEFT_OUT, LOCKED, TARGET
from descant_app.piano_roll.grid_layer import Layer
from descant_app.piano_roll.hatch import hatch
from descant_app.piano_roll.roles import DROPPED, runs_of
from descant_app.piano_roll.roll import Roll
from descant_app.settings.theme import faded, themes

BAND_PX = 4


class RoleLayer(Layer):
    """Chosen bars tinted, hidden ones hatched, a track that is left out veiled."""

    def paint(
        self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None
    ) -> None:
        theme, scale = themes.now, painter.device().devicePixelRatioF()
        looks: dict[str, QBrush | QColor] = {
            TARGET: faded(theme["band"], 0.13),
            HIDDEN: hatch(faded(theme["dim"], 0.28), scale),
            LEFT_OUT: faded(theme["beyond"], 0.45),
            DROPPED: faded(theme["beyond"], 0.45),
        }
        exposed = option.exposedRect
        for role, first, last in _runs(self.roll):
            box = bar_box(self.roll, first, last).intersected(exposed)
            if role in looks and not box.isEmpty():
                painter.fillRect(box, looks[role])


def draw_role_band(painter: QPainter, roll: Roll, bottom: int, width: int) -> None:
    """A thin band along the lower edge of the ruler; bars of a shown take in its colour."""
    theme, scale = themes.now, painter.device().devicePixelRatioF()
    looks: dict[str, QBrush | QColor] = {
        TARGET: theme["accent"],
        CONTEXT: faded(theme["accent"], 0.40),
        LOCKED: faded(theme["dim"], 0.55),
        HIDDEN: hatch(theme["dim"], scale),
    }
    strip = QRectF(0, bottom - BAND_PX, width, BAND_PX)
    shown = roll.shown_take.bars(roll.document.selection.track)
    takes = [("take", a, b) for a, b in runs_of(shown)]
    for role, first, last in (*_runs(roll), *takes):
        box = bar_box(roll, first, last).adjusted(1, 0, 0, 0).intersected(strip)
        if role == "take":
            painter.fillRect(box, theme["take"])
        elif role in looks:
            painter.fillRect(box, looks[role])


def bar_box(roll: Roll, first: int, last: int) -> QRectF:
    """Where bars stand in the roll, over its whole height and more."""
    starts, coords = roll.document.starts, roll.viewport.coords
    x0, x1 = round(coords.x_of(int(starts[first]))), round(coords.x_of(int(starts[last + 1])))
    return QRectF(x0, 0, x1 - x0, max(coords.height, 100))


def _runs(roll: Roll) -> list[tuple[str, int, int]]:
    index = roll.document.current
    return roll.roles.runs(index) if index is not None else []
