"""A small button beside a field of the generate panel."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QToolButton

from descant_app.panels.generate_slider import HEIGHT_PX


class FramedButton(QToolButton):
    """As high as the field, with a frame like it."""

    def __init__(self, name: str = "", tip: str = "") -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFixedSize(28, HEIGHT_PX)
        self.setIconSize(QSize(16, 16))
        self.setProperty("framed", True)
