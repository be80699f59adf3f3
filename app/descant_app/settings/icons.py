"""Icons from resources/icons, drawn in the theme's text colour."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from descant_app.paths import resource
from descant_app.settings.theme import themes


class _Drawing(QIconEngine):
    """Draws when somebody looks: most icons of the menus' commands are never seen."""

    def __init__(self, name: str, on: str, off: str, faint: str) -> None:
        super().__init__()
        self._name, self._on, self._off, self._faint = name, on, off, faint

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        colour = self._on if state == QIcon.State.On else self._off
        if mode == QIcon.Mode.Disabled:
            colour = self._faint
        return drawn(self._name, colour, min(size.width(), size.height()))

    def paint(self, painter: QPainter, box: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(box, self.pixmap(box.size() * ratio, mode, state))

    def clone(self) -> QIconEngine:
        return _Drawing(self._name, self._on, self._off, self._faint)


def icon(name: str, on: str = "accent") -> QIcon:
    """The icon of this name: text colour, `on` when checked, faint when disabled."""
    theme = themes.now
    return QIcon(_Drawing(name, *(theme[meaning].name() for meaning in (on, "text", "faint"))))


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
