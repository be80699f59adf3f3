"""Diagonal hatching that stays fine on every screen."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPixmap

TILE_PX = 6


def hatch(colour: QColor, scale: float) -> QBrush:
    """A brush of thin lines rising to the right; `scale` is the device's pixel ratio."""
    return QBrush(_tile(colour.name(QColor.NameFormat.HexArgb), scale))


@lru_cache(maxsize=64)
def _tile(colour: str, scale: float) -> QPixmap:
    size = max(1, round(TILE_PX * scale))
    tile = QPixmap(size, size)
    tile.setDevicePixelRatio(size / TILE_PX)
    tile.fill(Qt.GlobalColor.transparent)
    painter = QPainter(tile)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(colour), 1.0))
    for offset in (-TILE_PX, 0, TILE_PX):  # the neighbours' lines reach into the corners
        painter.drawLine(offset - 1, TILE_PX + 1, offset + TILE_PX + 1, -1)
    painter.end()
    return tile
