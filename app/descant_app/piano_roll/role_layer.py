"""What the bars of the current track are to the model: a tint of the roll, a band of the ruler."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QBrush, QColor, QPainter
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from descant_app.compose.outlook import CONTEXT, HIDDEN, LEFT_OUT, LOCKED, TARGET
from descant_app.piano_roll.grid_layer import Layer
from descant_app.piano_roll.hatch import hatch
from descant_app.piano_roll.roles import DROPPED, runs_of
from descant_app.piano_roll.roll import Roll
from descant_app.piano_roll.shapes import Floats, boxes_of, fill_rects
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
        boxes = boxes_by_role(self.roll, option.exposedRect)
        for role in boxes.keys() & looks.keys():
            fill_rects(painter, looks[role], boxes[role])


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
    boxes = boxes_by_role(roll, strip)
    for role in boxes.keys() & looks.keys():
        fill_rects(painter, looks[role], boxes[role])
    for first, last in runs_of(roll.shown_take.bars(roll.document.selection.track)):
        painter.fillRect(bar_box(roll, first, last).intersected(strip), theme["take"])


def boxes_by_role(roll: Roll, within: QRectF) -> dict[str, Floats]:
    """Where the roles of the current track's bars lie inside a part of the picture."""
    index = roll.document.current
    runs = roll.roles.runs(index) if index is not None else []
    starts, coords = roll.document.starts, roll.viewport.coords
    edges = np.rint(coords.xs_of(starts))
    found: dict[str, list[tuple[float, float]]] = {}
    for role, first, last in runs:
        x0, x1 = max(within.left(), edges[first]), min(within.right(), edges[last + 1])
        if x0 < x1:
            found.setdefault(role, []).append((x0, x1 - x0))
    return {
        role: boxes_of(x, within.top(), width, within.height())
        for role, (x, width) in ((role, np.array(places).T) for role, places in found.items())
    }


def bar_box(roll: Roll, first: int, last: int) -> QRectF:
    """Where bars stand in the roll, over its whole height and more."""
    starts, coords = roll.document.starts, roll.viewport.coords
    x0, x1 = round(coords.x_of(int(starts[first]))), round(coords.x_of(int(starts[last + 1])))
    return QRectF(x0, 0, x1 - x0, max(coords.height, 100))
