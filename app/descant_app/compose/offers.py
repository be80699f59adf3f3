"""Takes as they are offered: seen and heard in place, stepped through, kept, put aside."""

from __future__ import annotations

from typing import TYPE_CHECKING

from descant_app.compose import keeping
from descant_app.compose.words import cells_text
from descant_app.document.composition import BarCell
from descant_app.document.takes import KEPT, REJECTED
from descant_app.settings.translation import tr

if TYPE_CHECKING:
    from descant_app.compose.composer import Composer


class Offers:
    """What can be done with takes.  Nothing of composing changes the document but `keep`."""

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.document, self.takes = composer.document, composer.document.takes
        self._confirmed: tuple[int, int] | None = None
        self.takes.shown_changed.connect(self._show_take)
        self.takes.moved.connect(self._bars_moved)

    def show(self, take: int | None) -> None:
        """See and hear a take in place of the piece's bars."""
        if self.composer.jobs.running is not None:
            self.composer.jobs.running.follows = False
        self.display(take)

    def display(self, take: int | None) -> None:
        """As `show`, for a job that is followed."""
        self.takes.show(take)
        self._show_take()

    def _show_take(self) -> None:
        takes = self.takes
        shown = takes.takes.get(takes.shown) if takes.shown is not None else None
        self.document.set_preview(dict(shown.bars) if shown else {})
        self.composer.forecast.soon()

    def _bars_moved(self) -> None:
        """What is seen and heard in place of the piece's bars goes where they went."""
        if self.composer.jobs.running is not None and self.composer.jobs.running.follows:
            self.composer.jobs.redraw()
        else:
            self._show_take()

    def step(self, by: int) -> None:
        """The next or previous take of the shown one's batch, around the end."""
        takes = self.takes
        if takes.shown is None:
            offered = [t.id for t in takes.takes.values() if t.state != REJECTED]
            if offered:
                self.show(offered[-1])
            return
        siblings = [take.id for take in takes.siblings(takes.shown)]
        if siblings:
            place = siblings.index(takes.shown) if takes.shown in siblings else -1
            self.show(siblings[(place + by) % len(siblings)])

    def keep(self, take: int, cells: frozenset[BarCell] | None = None) -> bool:
        """Put a take's bars (or only some) into the piece: one undo step.  False when refused.

        Bars edited since the take was asked for are offered again, never written over without
        being named: the user keeps once more to confirm.
        """
        document, made = self.document, self.takes.takes[take]
        bars = {c: bar for c, bar in made.bars.items() if cells is None or c in cells}
        reason = keeping.refusal(document.piece, made, bars)
        edited = self.edited_since(take) & frozenset(bars)
        if not reason and edited and self._confirmed != (take, document.revision):
            self._confirmed = (take, document.revision)
            named = cells_text(document.piece, edited)
            reason = tr("You changed {} meanwhile; keep once more to replace it.")
            reason = reason.format(named)
        if reason:
            self.composer.refused.emit(reason)
            return False
        self.takes.mark(take, state=KEPT)
        self.takes.show(None)
        label = keeping.keep_label(self.takes.number_of(made), bars)
        document.do(label, keeping.with_kept(document.piece, bars))
        return True

    def reject(self, take: int) -> None:
        """Put a take aside and show the next."""
        takes = self.takes
        siblings = [t.id for t in takes.siblings(take)]
        takes.mark(take, state=REJECTED)
        if takes.shown == take:
            after = siblings.index(take) + 1 if take in siblings else 0
            rest = [n for n in (*siblings[after:], *siblings[:after]) if n != take]
            self.show(rest[0] if rest else None)

    def merge(self, cells: frozenset[BarCell], source: int, target: int) -> int:
        """A new take: `target` with these bars of `source`; its number."""
        made = keeping.merged(self.takes, cells, source, target)
        self.takes.put(made)
        self.show(made.id)
        return made.id

    def edited_since(self, take: int) -> frozenset[BarCell]:
        """Bars of a take that the piece changed after it was asked for."""
        return keeping.edited_since(self.takes, self.document.piece, self.takes.takes[take])
