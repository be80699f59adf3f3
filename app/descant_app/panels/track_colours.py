"""The colours of tracks as a menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QMenu

from descant_app.document.piece import COLOURS
from descant_app.settings.theme import themes
from descant_app.settings.translation import N_, tr


def colour_icon(index: int) -> QIcon:
    """A small square in a track colour."""
    pixmap = QPixmap(14, 14)
    pixmap.fill(themes.now.track(index))
    return QIcon(pixmap)


def fill_colour_menu(menu: QMenu, chosen: Callable[[int], object]) -> None:
    """One entry for each hue."""
    names = (
        N_("Blue"), N_("Coral"), N_("Green"), N_("Pink"), N_("Yellow"), N_("Indigo"),
        N_("Teal"), N_("Red"), N_("Lime"), N_("Violet"), N_("Orange"), N_("Steel"),
    )  # fmt: skip
    for index in range(COLOURS):
        name = tr(names[index])
        action = menu.addAction(colour_icon(index), name)
        action.triggered.connect(lambda _=False, i=index: chosen(i))
