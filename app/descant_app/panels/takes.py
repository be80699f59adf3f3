"""The tray of takes: batches, the latest first, each with its cards."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Mapping

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from descant_app.actions import Actions
from descant_app.compose.composer import Composer
from descant_app.document.takes import OFFERED, REJECTED, Batch, Take
from descant_app.panels import takes_words as words
from descant_app.panels.takes_batch import SPACING_PX, BatchBox, BatchLook, remove
from descant_app.panels.takes_card import TakeCard
from descant_app.panels.takes_menu import TakeMenu
from descant_app.settings.theme import themes

REFRESH_MS = 30
"""Bars arrive faster than anybody can see; this many milliseconds are drawn at once."""


class TakeTray(QWidget):
    """Shows the takes of the piece; `heard(take)` when one was clicked to be heard in place."""

    heard = Signal(int)

    def __init__(self, composer: Composer, actions: Actions) -> None:
        super().__init__()
        self.composer, self.actions_ = composer, actions
        self.document, self.takes = composer.document, composer.document.takes
        self.boxes: dict[int, BatchBox] = {}
        self.folded: dict[int, bool] = {}
        self._followed: int | None = None
        self.empty = QLabel()
        self.list, self.area = QWidget(), QScrollArea()
        self.column = QVBoxLayout(self.list)
        self._timer = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._timer.timeout.connect(self.refresh)
        self._arrange()
        for signal in (self.takes.changed, self.takes.shown_changed, composer.job_changed):
            signal.connect(self._soon)
        themes.changed.connect(self._dress)
        self.refresh()

    def _arrange(self) -> None:
        self.setAccessibleName(self.tr("Takes"))
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        heading = QLabel(self.tr("TAKES"))
        heading.setProperty("heading", True)
        title = QHBoxLayout()
        title.setContentsMargins(12, 4, 8, 2)
        title.setSpacing(2)
        title.addWidget(heading, 1)
        for name in ("previous_take", "next_take", "compare_original", "hear_takes"):
            button = QToolButton()
            button.setDefaultAction(self.actions_[name])
            button.setIconSize(QSize(16, 16))
            button.setFixedSize(26, 24)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.setAccessibleName(self.actions_[name].text())
            title.addWidget(button)
        self.empty.setText(
            self.tr("Takes appear here. Nothing in the piece changes until you keep one.")
        )
        self.empty.setProperty("dim", True)
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(26, 22, 26, 22)
        self.column.setContentsMargins(10, 0, 10, 8)
        self.column.setSpacing(SPACING_PX)
        self.column.addWidget(self.empty)
        self.column.addStretch(1)
        self.area.setWidget(self.list)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(title)
        column.addWidget(self.area, 1)

    def _soon(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    # -- showing ---------------------------------------------------------------------------------

    def refresh(self) -> None:
        """As many boxes as batches, the latest first, each showing its own takes."""
        by_batch = defaultdict[int, list[Take]](list)
        for take in self.takes.takes.values():
            by_batch[take.batch].append(take)
        self._drop_gone(by_batch)
        self.empty.setVisible(not by_batch)
        numbers = {t.id: n for mine in by_batch.values() for n, t in enumerate(mine, 1)}
        latest = max(by_batch, default=None)
        for batch, mine in sorted(by_batch.items()):
            look = self._look(self.takes.batches[batch], mine, numbers, batch == latest)
            self._box(batch).show_look(look)
        self._follow_shown()

    def _look(
        self, batch: Batch, mine: list[Take], numbers: Mapping[int, int], latest: bool
    ) -> BatchLook:
        shown = next((take.id for take in mine if take.id == self.takes.shown), None)
        open_ = shown is not None or not self.folded.get(batch.id, not latest)
        note = words.batch_note(batch, len(mine), numbers)
        return BatchLook(batch, tuple(mine), note, open_, shown)

    def _box(self, batch: int) -> BatchBox:
        if batch not in self.boxes:
            box = self.boxes[batch] = BatchBox(self._new_card)
            box.folded.connect(lambda on: self._fold(batch, on))
            place = sum(other > batch for other in self.boxes)
            self.column.insertWidget(place, box)
            box.show()
        return self.boxes[batch]

    def _new_card(self, take: Take, number: int, batch: Batch) -> TakeCard:
        card = TakeCard(self.document, take, number, batch)
        card.clicked.connect(self._clicked)
        card.starred.connect(lambda n: self.takes.mark(n, starred=not self.takes.takes[n].starred))
        card.kept.connect(self.composer.offers.keep)
        card.rejected.connect(self.reject)
        card.menu_wanted.connect(self._menu)
        return card

    def _drop_gone(self, there: Container[int]) -> None:
        for batch in [batch for batch in self.boxes if batch not in there]:
            remove(self.boxes.pop(batch), self.column)

    def _dress(self) -> None:
        for box in self.boxes.values():
            box.forget_look()
        self.refresh()

    def _fold(self, batch: int, folded: bool) -> None:
        self.folded[batch] = folded
        self.refresh()

    def card(self, number: int) -> TakeCard | None:
        """The card of a take; None as long as its batch was never unfolded."""
        take = self.takes.takes.get(number)
        box = self.boxes.get(take.batch) if take is not None else None
        return box.cards.get(number) if box is not None else None

    def _follow_shown(self) -> None:
        shown = self.takes.shown
        if shown != self._followed:
            self._followed = shown
            QTimer.singleShot(0, lambda: self._see(shown))

    def _see(self, number: int | None) -> None:
        card = self.card(number) if number is not None else None
        if card is not None:
            self.area.ensureWidgetVisible(card, 0, 34)

    # -- doing -----------------------------------------------------------------------------------

    def _clicked(self, number: int) -> None:
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        self.composer.offers.show(number)
        self.heard.emit(number)

    def reject(self, number: int) -> None:
        """Put a take aside, or take it back."""
        if self.takes.takes[number].state == REJECTED:
            self.takes.mark(number, state=OFFERED)
        else:
            self.composer.offers.reject(number)

    def _menu(self, number: int, at: QPoint) -> None:
        TakeMenu(self.composer, self.takes.takes[number], self).popup(at)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self.actions_["reject_take"].trigger()
        elif event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self.composer.offers.step(-1 if event.key() == Qt.Key.Key_Up else 1)
        else:
            super().keyPressEvent(event)
