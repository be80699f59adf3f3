"""How roles look in a row of the arrangement."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from descant_app.compose.outlook import CONTEXT, HIDDEN, LEFT_OUT, LOCKED
from descant_app.piano_roll.hatch import hatch
from descant_app.piano_roll.roles import DROPPED, OUT_OF_SIGHT
from descant_app.piano_roll.shapes import Floats, boxes_of, fill_rects
from descant_app.settings.icons import drawn
from descant_app.settings.theme import faded, mixed, themes

GLYPH_PX = 14.0
UNDERLINE_PX = 2.0
VEILS = {OUT_OF_SIGHT: 0.55, LEFT_OUT: 0.66, DROPPED: 0.66, HIDDEN: 0.45}
"""How much of a bar's own look is covered."""


def draw_role(painter: QPainter, role: str, boxes: Floats) -> None:
    """The look of runs of bars of one role other than target; boxes of shape (n, 4) in a row."""
    theme = themes.now
    if role in VEILS:
        fill_rects(painter, faded(theme["window"], VEILS[role]), boxes)
    if role == HIDDEN:
        fill_rects(painter, hatch(faded(theme["dim"], 0.55), _scale(painter)), boxes)
        _glyphs(painter, "eye_off", theme["text"], boxes)
    elif role in (LEFT_OUT, DROPPED):
        _stripes(painter, boxes)
        _glyphs(painter, "left_out", theme["warm" if role == DROPPED else "dim"], boxes)
    elif role in (CONTEXT, LOCKED):
        lines = boxes.copy()
        lines[:, 1] += lines[:, 3] - UNDERLINE_PX
        lines[:, 3] = UNDERLINE_PX
        fill_rects(painter, faded(theme["dim" if role == LOCKED else "accent"], 0.65), lines)


def draw_target(painter: QPainter, box: QRectF, from_scratch: bool) -> None:
    """The frame of bars that are written next; their ground is `tint_target`."""
    edge = target_edge()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(edge, 2.0))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if from_scratch:
        corner = QRectF(box.left() + 4, box.top() + 3, GLYPH_PX + 4, GLYPH_PX + 4)
        glyph(painter, "from_scratch", edge, corner)


def tint_target(painter: QPainter, boxes: Floats) -> None:
    """The ground of bars that are written next and still show the piece's notes."""
    fill_rects(painter, faded(themes.now["band"], 0.24), boxes)


def draw_take(painter: QPainter, box: QRectF) -> None:
    """The ground under bars of a take, which hide those of the piece."""
    theme = themes.now
    painter.fillRect(box, mixed(theme["panel"], theme["take"], 0.26))
    painter.fillRect(QRectF(box.left(), box.top(), box.width(), 2), theme["take"])


def draw_waiting(painter: QPainter, box: QRectF) -> None:
    """Bars that a running job has still to write."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(themes.now["take"], 2.0, Qt.PenStyle.DashLine))
    painter.setBrush(faded(themes.now["take"], 0.12))
    painter.drawRoundedRect(box.adjusted(1, 1, -1, -1), 3, 3)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def target_edge() -> QColor:
    """The accent, brighter than any track."""
    return mixed(themes.now["band"], themes.now["selected"], 0.35)


def glyph(painter: QPainter, name: str, colour: QColor, box: QRectF) -> None:
    """An icon in the middle of a box, on a plate."""
    place = QRectF(0, 0, GLYPH_PX, GLYPH_PX)
    place.moveCenter(box.center())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(themes.now["panel"], 0.85))
    painter.drawRoundedRect(place.adjusted(-3, -2, 3, 2), 4, 4)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    size = round(GLYPH_PX * max(2.0, _scale(painter)))
    pixmap = drawn(name, colour.name(), size)
    painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)


def _glyphs(painter: QPainter, name: str, colour: QColor, boxes: Floats) -> None:
    for x, y, width, height in boxes[boxes[:, 2] >= GLYPH_PX + 2].tolist():
        glyph(painter, name, colour, QRectF(x, y, width, height))


def _stripes(painter: QPainter, boxes: Floats) -> None:
    colour, height = faded(themes.now["faint"], 0.55), int(boxes[0, 3])
    for offset in range(5, height - 2, 6):
        fill_rects(painter, colour, boxes_of(boxes[:, 0], boxes[:, 1] + offset, boxes[:, 2], 1))


def _scale(painter: QPainter) -> float:
    return painter.device().devicePixelRatioF()
