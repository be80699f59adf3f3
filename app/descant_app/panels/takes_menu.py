"""What can be done with one take, beyond the buttons on its card."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from descant_app.compose.composer import Composer
from descant_app.document.composition import BarCell
from descant_app.document.takes import Take
from descant_app.panels.outlook_words import track_name


class TakeMenu(QMenu):
    """Built for one take when it is asked for."""

    def __init__(self, composer: Composer, take: Take, parent: QWidget) -> None:
        super().__init__(parent)
        self.composer, self.take = composer, take
        self.takes = composer.document.takes
        self.setToolTipsVisible(True)
        self._fill_parts()
        self._fill_merge()
        self.addSeparator()
        again = self.add(self.tr("Make this again"), lambda: composer.make_again(take.id))
        again.setToolTip(self.tr("The same bars, settings and seed once more: the same notes"))
        command, script = composer.as_command_line, composer.as_python
        self.add(self.tr("Copy as command line"), lambda: self._copy(command(take.id)))
        self.add(self.tr("Copy as Python"), lambda: self._copy(script(take.id)))
        self.addSeparator()
        self.add(self.tr("Forget this take"), lambda: self.takes.remove([take.id]))

    def add(self, text: str, call: Callable[[], object], enabled: bool = True):  # type: ignore[no-untyped-def]
        """One entry."""
        action = self.addAction(text)
        action.setEnabled(enabled)
        action.triggered.connect(lambda: call())
        return action

    @property
    def chosen(self) -> frozenset[BarCell]:
        """The chosen bars that the take has."""
        return self.composer.document.selection.bars & frozenset(self.take.bars)

    def _fill_parts(self) -> None:
        composer, take, chosen = self.composer, self.take, self.chosen
        may = not take.violations and bool(take.bars)
        self.add(self.tr("Keep"), lambda: composer.offers.keep(take.id), may)
        part = may and bool(chosen) and chosen != frozenset(take.bars)
        text = self.tr("Keep only the chosen bars ({})").format(len(chosen))
        only = self.add(text, lambda: composer.offers.keep(take.id, chosen), part)
        only.setToolTip(self.tr("Choose some of its bars in the arrangement first"))
        tracks = sorted({track for track, _ in take.bars})
        if len(tracks) < 2:
            return
        for track in tracks:
            cells = frozenset(cell for cell in take.bars if cell[0] == track)
            name = track_name(composer.document, track)
            text = self.tr("Keep only {}").format(name)
            self.add(text, lambda c=cells: composer.offers.keep(take.id, c), may)

    def _fill_merge(self) -> None:
        """Bars of this take put into another of the batch; the choice decides which."""
        others = [t for t in self.takes.siblings(self.take.id) if t.id != self.take.id]
        cells = self.chosen or frozenset(self.take.bars)
        count = len(cells)
        title = self.tr("Put {} into").format(
            self.tr("1 bar") if count == 1 else self.tr("{} bars").format(count)
        )
        menu = self.addMenu(title)
        menu.setEnabled(bool(others) and bool(cells))
        menu.setToolTip(self.tr("A new take: the other one with these bars of this"))
        for other in others:
            action = menu.addAction(self.tr("take {}").format(self.takes.number_of(other)))
            action.triggered.connect(
                lambda _=False, o=other.id: self.composer.offers.merge(cells, self.take.id, o)
            )

    def _copy(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self.composer.told.emit(self.tr("Copied."))
