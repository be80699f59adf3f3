"""The tray of takes: batches, the latest first, each with its cards."""

from __future__ import annotations

from collections import defaultdict

from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent
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
from descant_app.panels.takes_card import TakeCard
from descant_app.panels.takes_menu import TakeMenu
from descant_app.settings.icons import icon
from descant_app.settings.theme import themes

TITLE_PX = 240
REFRESH_MS = 30
"""Bars arrive faster than anybody can see; this many milliseconds are drawn at once."""


class BatchHeader(QToolButton):
    """One line of time and bars, one of how many and where from; a click folds the batch."""

    def __init__(self, batch: Batch) -> None:
        super().__init__()
        self.batch = batch
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(12, 12))
        self.setProperty("batch", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_batch(self, batch: Batch, note: str, open_: bool) -> None:
        """Show the batch as it is now."""
        self.batch = batch
        self.setChecked(open_)
        self.setIcon(icon("fold_out" if open_ else "fold_in", on="dim"))
        title = words.batch_title(batch)
        text = f"{words.batch_time(batch)}  {title}".strip()
        font = QFont(self.font())
        font.setPixelSize(11)  # as the style sheet has it
        metrics = QFontMetrics(font)
        room = TITLE_PX - metrics.horizontalAdvance("   " + note)
        text = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(60, room))
        self.setText(f"{text}   {note}")
        self.setAccessibleName(f"{title}, {note}")
        self.setToolTip(words.batch_in_full(batch))


class TakeTray(QWidget):
    """Shows the takes of the piece; `heard(take)` when one was clicked to be heard in place."""

    heard = Signal(int)

    def __init__(self, composer: Composer, actions: Actions) -> None:
        super().__init__()
        self.composer, self.actions_ = composer, actions
        self.document, self.takes = composer.document, composer.document.takes
        self.cards: dict[int, TakeCard] = {}
        self.headers: dict[int, BatchHeader] = {}
        self.folded: dict[int, bool] = {}
        self.empty = QLabel()
        self.list, self.area = QWidget(), QScrollArea()
        self.column = QVBoxLayout(self.list)
        self._timer = QTimer(self, interval=REFRESH_MS, singleShot=True)
        self._timer.timeout.connect(self.refresh)
        self._arrange()
        for signal in (self.takes.changed, self.takes.shown_changed, composer.job_changed):
            signal.connect(self._soon)
        themes.changed.connect(self.refresh)
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
        self.column.setSpacing(5)
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
        """As many headers and cards as batches and takes, each showing its own."""
        self._drop_gone()
        self.empty.setVisible(not self.takes.takes)
        place, by_batch = 0, defaultdict[int, list[Take]](list)
        for take in self.takes.takes.values():
            by_batch[take.batch].append(take)
        for number, mine in sorted(by_batch.items(), reverse=True):
            batch = self.takes.batches[number]
            place = self._show_batch(batch, mine, place, latest=place == 0)
        self._follow_shown()

    def _show_batch(self, batch: Batch, mine: list[Take], place: int, latest: bool) -> int:
        holds_shown = any(take.id == self.takes.shown for take in mine)
        open_ = holds_shown or not self.folded.get(batch.id, not latest)
        header = self.headers.get(batch.id) or self._new_header(batch)
        header.show_batch(batch, words.batch_note(batch, self.takes), open_)
        place = self._put(header, place)
        compared = len({take.mask_mode for take in mine}) > 1
        for number, take in enumerate(mine, 1):
            card = self.cards.get(take.id) or self._new_card(take, number, batch)
            place = self._put(card, place)
            card.setVisible(open_)
            card.show_take(take, number, take.id == self.takes.shown, compared)
        return place

    def _put(self, widget: QWidget, place: int) -> int:
        if self.column.indexOf(widget) != place:
            self.column.insertWidget(place, widget)
        return place + 1

    def _new_header(self, batch: Batch) -> BatchHeader:
        header = self.headers[batch.id] = BatchHeader(batch)
        header.clicked.connect(lambda on: self._fold(batch.id, not on))
        return header

    def _new_card(self, take: Take, number: int, batch: Batch) -> TakeCard:
        card = self.cards[take.id] = TakeCard(self.document, take, number, batch)
        card.clicked.connect(self._clicked)
        card.starred.connect(lambda n: self.takes.mark(n, starred=not self.takes.takes[n].starred))
        card.kept.connect(self.composer.offers.keep)
        card.rejected.connect(self.reject)
        card.menu_wanted.connect(self._menu)
        return card

    def _drop_gone(self) -> None:
        for known, now in ((self.cards, self.takes.takes), (self.headers, self.takes.batches)):
            for number in [n for n in known if n not in now]:
                widget = known.pop(number)
                self.column.removeWidget(widget)
                widget.hide()
                widget.deleteLater()

    def _fold(self, batch: int, folded: bool) -> None:
        self.folded[batch] = folded
        self.refresh()

    def _follow_shown(self) -> None:
        card = self.cards.get(self.takes.shown) if self.takes.shown is not None else None
        if card is not None:
            QTimer.singleShot(0, lambda: card in self.cards.values() and self._see(card))

    def _see(self, card: TakeCard) -> None:
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
