"""One batch of the tray of takes: a header that folds it, and its cards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics
from PySide6.QtWidgets import QToolButton, QVBoxLayout, QWidget

from descant_app.document.takes import Batch, Take
from descant_app.panels import takes_words as words
from descant_app.panels.takes_card import TakeCard
from descant_app.settings.icons import icon

TITLE_PX = 240
SPACING_PX = 5

CardMaker = Callable[[Take, int, Batch], TakeCard]


class BatchHeader(QToolButton):
    """One line of time and bars, one of how many and where from; a click folds the batch."""

    def __init__(self) -> None:
        super().__init__()
        self.setCheckable(True)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setIconSize(QSize(12, 12))
        self.setProperty("batch", True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_batch(self, batch: Batch, note: str, open_: bool) -> None:
        """Show the batch as it is now."""
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


@dataclass(frozen=True, eq=False)
class BatchLook:
    """What is to be seen of a batch; `shown` is the take of it that is shown in place."""

    batch: Batch
    takes: tuple[Take, ...]
    note: str
    open: bool
    shown: int | None

    def is_like(self, other: BatchLook | None) -> bool:
        """Whether both look the same.  Values are replaced, never changed: no need to look in."""
        return (
            other is not None
            and self.batch is other.batch
            and len(self.takes) == len(other.takes)
            and all(a is b for a, b in zip(self.takes, other.takes, strict=True))
            and (self.note, self.open, self.shown) == (other.note, other.open, other.shown)
        )


class BatchBox(QWidget):
    """`folded(on)` when the header was clicked.  Cards are made when they are first seen."""

    folded = Signal(bool)

    def __init__(self, new_card: CardMaker) -> None:
        super().__init__()
        self._new_card = new_card
        self._look: BatchLook | None = None
        self.cards: dict[int, TakeCard] = {}
        self.header, self.body = BatchHeader(), QWidget()
        self.header.clicked.connect(lambda on: self.folded.emit(not on))
        self._column = _column(self.body)
        column = _column(self)
        column.addWidget(self.header)
        column.addWidget(self.body)

    def show_look(self, look: BatchLook) -> None:
        """Show the batch as it is now; nothing is done when that is how it looks."""
        if look.is_like(self._look):
            return
        self._look = look
        self.header.show_batch(look.batch, look.note, look.open)
        self._drop_gone({take.id for take in look.takes})
        if look.open:
            self._show_cards(look)
        self.body.setVisible(look.open)

    def forget_look(self) -> None:
        """Whatever comes next is to be shown: the theme is another."""
        self._look = None

    def _show_cards(self, look: BatchLook) -> None:
        compared = len({take.mask_mode for take in look.takes}) > 1
        for number, take in enumerate(look.takes, 1):
            card = self.cards.get(take.id)
            if card is None:
                card = self.cards[take.id] = self._new_card(take, number, look.batch)
                self._column.insertWidget(number - 1, card)
                card.show()  # now; its layout would do it an event later
            card.show_take(take, number, take.id == look.shown, compared)

    def _drop_gone(self, there: set[int]) -> None:
        for number in [number for number in self.cards if number not in there]:
            remove(self.cards.pop(number), self._column)


def _column(widget: QWidget) -> QVBoxLayout:
    column = QVBoxLayout(widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(SPACING_PX)
    return column


def remove(widget: QWidget, column: QVBoxLayout) -> None:
    """Take a widget out of its column and be rid of it."""
    column.removeWidget(widget)
    widget.hide()
    widget.deleteLater()
