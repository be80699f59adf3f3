"""What the looks of bars mean, in one line below the tracks."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from descant_app.compose.outlook import CONTEXT, HIDDEN, LEFT_OUT, TARGET
from descant_app.panels.role_picture import draw_role, draw_take, draw_target, tint_target
from descant_app.piano_roll.roles import OUT_OF_SIGHT
from descant_app.settings.theme import mixed, themes
from descant_app.settings.translation import tr

HEIGHT = 18
SWATCH = (18.0, 11.0)
TAKE = "take"


def draw_legend(painter: QPainter, box: QRectF, found: set[str]) -> None:
    """Swatches and names of the roles that are `found`, as many as there is room for."""
    font = QFont(painter.font())
    font.setPixelSize(10)
    painter.setFont(font)
    metrics, x = QFontMetricsF(font), box.left() + 8
    for role, name in _names():
        width = SWATCH[0] + 5 + metrics.horizontalAdvance(name) + 14
        if role not in found:
            continue
        if x + width > box.right():
            return
        swatch = QRectF(x, box.center().y() - SWATCH[1] / 2, *SWATCH)
        _swatch(painter, role, swatch)
        painter.setPen(themes.now["dim"])
        baseline = QPointF(swatch.right() + 5, box.center().y() + metrics.ascent() / 2 - 1)
        painter.drawText(baseline, name)
        x += width


def _swatch(painter: QPainter, role: str, box: QRectF) -> None:
    theme = themes.now
    painter.fillRect(box, mixed(theme["panel"], theme["text"], 0.16))
    boxes = np.array([box.getRect()])
    if role == TARGET:
        tint_target(painter, boxes)
        draw_target(painter, box, from_scratch=False)
    elif role == TAKE:
        draw_take(painter, box)
    else:
        draw_role(painter, role, boxes)


def _names() -> tuple[tuple[str, str], ...]:
    return (
        (TARGET, tr("written")),
        (CONTEXT, tr("read")),
        (HIDDEN, tr("hidden")),
        (LEFT_OUT, tr("left out")),
        (OUT_OF_SIGHT, tr("out of sight")),
        (TAKE, tr("take")),
    )
