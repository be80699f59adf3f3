"""The dock at the right: the model's panel above, its takes below."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QSplitter, QVBoxLayout, QWidget

from descant_app.panels.generate import GeneratePanel
from descant_app.panels.takes import TakeTray

WIDTH_PX = 292


class GenerateDock(QDockWidget):
    """Without a title bar of its own: the panels have headings, and F5 hides and shows it."""

    def __init__(self, panel: GeneratePanel, tray: TakeTray, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("generate")
        self.setWindowTitle(self.tr("Generate"))
        self.setTitleBarWidget(QWidget())
        self.setFeatures(QDockWidget.DockWidgetFeature.NoDockWidgetFeatures)
        self.splitter = QSplitter(Qt.Orientation.Vertical)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(panel)
        self.splitter.addWidget(tray)
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setSizes([428, 280])
        panel.setMinimumHeight(150)
        tray.setMinimumHeight(110)
        whole = QWidget()
        whole.setProperty("side", True)
        whole.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        column = QVBoxLayout(whole)
        column.setContentsMargins(1, 0, 0, 0)
        column.addWidget(self.splitter)
        whole.setMinimumWidth(WIDTH_PX)
        self.setWidget(whole)

    def sizeHint(self) -> QSize:  # noqa: N802
        return QSize(WIDTH_PX, 600)
