"""Icons from resources/icons, drawn in the theme's text colour."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from descant_app.paths import resource
from descant_app.settings.theme import themes

SIZES = (24, 48)
"""Drawn sizes; the toolkit scales down from the next larger one."""


def icon(name: str, on: str = "accent") -> QIcon:
    """The icon of this name: text colour, `on` when checked, faint when disabled."""
    theme = themes.now
    made = QIcon()
    for state, mode, meaning in (
        (QIcon.State.Off, QIcon.Mode.Normal, "text"),
        (QIcon.State.On, QIcon.Mode.Normal, on),
        (QIcon.State.Off, QIcon.Mode.Disabled, "faint"),
        (QIcon.State.On, QIcon.Mode.Disabled, "faint"),
    ):
        for size in SIZES:
            made.addPixmap(drawn(name, theme[meaning].name(), size), mode, state)
    return made


@lru_cache(maxsize=2000)
def drawn(name: str, colour: str, size: int) -> QPixmap:
    """One icon as a pixmap of `size` pixels."""
    pixmap = QPixmap(_shape(name, size))
    painter = QPainter(pixmap)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_SourceIn)
    painter.fillRect(pixmap.rect(), QColor(colour))
    painter.end()
    return pixmap


@lru_cache(maxsize=500)
def _shape(name: str, size: int) -> QPixmap:
    """What the icon covers; every colour of it is made from this, as reading SVG takes longest."""
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    _renderer(name).render(painter, QRectF(0, 0, size, size))
    painter.end()
    return pixmap


@lru_cache(maxsize=200)
def _renderer(name: str) -> QSvgRenderer:
    return QSvgRenderer(str(resource("icons", f"{name}.svg")))
