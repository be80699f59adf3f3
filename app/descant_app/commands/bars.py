"""Commands on bars: their number, meters and tempo."""

from __future__ import annotations

from collections.abc import Callable

from descant_app.document import structure
from descant_app.document.flat import ONSET, bar_at
from descant_app.main_window import MainWindow
from descant_app.panels.dialogs import MeterDialog, ask_number
from descant_app.settings.translation import tr


class BarCommands:
    """Connects the Bars menu.  `ruler_tick` is where the ruler's menu is open, if it is."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.document = window, window.document
        self.roll, self.bars = window.roll, window.bars
        self.ruler_tick: int | None = None
        self._connect()

    def _connect(self) -> None:
        self.window.actions_.connect_all(
            insert_bars=self.bars.insert_bars,
            delete_bars=self._need_bars(self.bars.delete_bars),
            clear_bars=self._need_bars(self.bars.clear_bars),
            duplicate_bars=self._need_bars(self.bars.duplicate_bars),
            select_bars_of_notes=self.select_bars_of_notes,
            set_meter=self.set_meter,
            set_tempo=self.set_tempo,
            remove_tempo=self.remove_tempo,
        )
        self.window.transport.meter_wanted.connect(self.set_meter)

    def _need_bars(self, call: Callable[[], object]) -> Callable[[], None]:
        def run() -> None:
            if self.document.selection.bars:
                call()
            else:
                self.window.warn(tr("Choose some bars in the arrangement first."))

        return run

    def select_bars_of_notes(self) -> None:
        """The bars of the current track that hold the chosen notes."""
        rows, document = self.document.selection.rows, self.document
        if len(rows):
            bars = {bar_at(document.starts, int(t)) for t in rows[:, ONSET]}
            document.selection.set_bars((document.selection.track, b) for b in bars)

    def _tick_meant(self) -> int:
        """Where the ruler's menu was opened, or the playhead."""
        tick, self.ruler_tick = self.ruler_tick, None
        return self.roll.playhead if tick is None else tick

    def set_meter(self) -> None:
        """Ask for the meter from the bar meant on."""
        document, tick = self.document, self._tick_meant()
        if document.piece.bar_count:
            bar = bar_at(document.starts, tick)
            meter = structure.meter_at(document.score, document.starts, tick)
            dialog = MeterDialog(meter, bar, self.window)
            if dialog.exec():
                self.bars.set_meter(bar, dialog.beats.value(), dialog.value.currentData())

    def set_tempo(self) -> None:
        """Ask for another tempo from the bar meant on."""
        document = self.document
        tick = int(document.starts[bar_at(document.starts, self._tick_meant())])
        now = 60e6 / structure.tempo_at(document.score, tick)
        title, label = tr("Change tempo"), tr("Quarter notes a minute")
        bpm = ask_number(self.window, title, label, now, 5, 999, 1)
        if bpm is not None:
            self.bars.add_tempo_change(tick, bpm)

    def remove_tempo(self) -> None:
        """The last change of tempo at or before the place meant goes."""
        tick = self._tick_meant()
        past = [c.tick for c in self.document.score.tempo_changes if c.tick <= tick]
        if past:
            self.bars.remove_tempo_change(past[-1])
        else:
            self.window.warn(tr("There is no change of tempo before this place."))
