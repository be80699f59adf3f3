"""Which take is shown, in the bar at the top, with the ways to the others."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from descant_app.actions import Actions
from descant_app.document.takes import TakeList
from descant_app.settings.theme import faded, themes


class TakeChip(QWidget):
    """ "Take 2/4" between two arrows; there only while a take is shown."""

    def __init__(self, takes: TakeList, actions: Actions) -> None:
        super().__init__()
        self.takes = takes
        self.label = QLabel()
        self.setObjectName("take_chip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self)
        row.setContentsMargins(3, 2, 3, 2)
        row.setSpacing(0)
        self.buttons = []
        for name in ("previous_take", "next_take", "keep_take"):
            button = QToolButton()
            button.setDefaultAction(actions[name])
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(24, 24)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(actions[name].text())
            self.buttons.append(button)
        row.addWidget(self.buttons[0])
        row.addWidget(self.label)
        row.addWidget(self.buttons[1])
        row.addWidget(self.buttons[2])
        self.label.setMinimumWidth(66)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.label.setToolTip(self.tr("The take that is seen and heard in place of your bars"))
        takes.shown_changed.connect(self.refresh)
        takes.changed.connect(self.refresh)
        themes.changed.connect(self._dress)
        self._dress()
        self.refresh()

    def refresh(self) -> None:
        """Show which one it is."""
        shown = self.takes.takes.get(self.takes.shown) if self.takes.shown is not None else None
        self.setVisible(shown is not None)
        if shown is None:
            return
        count = sum(take.batch == shown.batch for take in self.takes.takes.values())
        self.label.setText(self.tr("Take {}/{}").format(self.takes.number_of(shown), count))

    def _dress(self) -> None:
        theme = themes.now
        self.label.setStyleSheet(f"color: {theme['take'].name()}; font-weight: 700;")
        tint = faded(theme["take"], 0.16).name(theme["take"].NameFormat.HexArgb)
        edge = faded(theme["take"], 0.5).name(theme["take"].NameFormat.HexArgb)
        self.setStyleSheet(
            f"#take_chip {{ background: {tint}; border: 1px solid {edge}; border-radius: 8px; }}"
        )
