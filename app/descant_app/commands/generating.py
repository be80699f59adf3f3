"""Commands on the model and its takes, and what of them is heard."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent

from descant.score.types import Score
from descant_app.commands import composing
from descant_app.document.takes import REJECTED
from descant_app.main_window import MainWindow
from descant_app.playback.loudness import as_loud_as

HELD_S = 0.35
"""The key for the original, held longer than this, is a look rather than a switch."""


class GenerateCommands(QObject):
    """Connects the Compose menu, the composer and the tray of takes."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.window, self.document = window, window.document
        self.composer, self.takes = window.composer, window.document.takes
        self.player, self.settings = window.player, window.settings
        self._aside: int | None = None
        self._pressed_at = 0.0
        self._connect_commands()
        self._connect_rest()
        self.refresh()

    def _connect_commands(self) -> None:
        composer, document = self.composer, self.document
        self.window.actions_.connect_all(
            generate=self.generate,
            compare_modes=self.compare_modes,
            stop=composer.stop,
            live=composer.set_live,
            next_take=lambda: composer.offers.step(1),
            previous_take=lambda: composer.offers.step(-1),
            keep_take=self.keep,
            reject_take=self.reject,
            star_take=self.star,
            compare_original=self.compare,
            make_again=self.make_again,
            hear_takes=lambda on: self.settings.set("hear_takes", on),
            forget_rejected=self.forget_rejected,
            hide_bars=lambda: composing.toggle_hidden(document),
            leave_out=lambda: composing.toggle_left_out(document),
            from_scratch=lambda: composing.toggle_from_scratch(document),
            clear_levels=lambda: composing.clear_levels(document),
            generate_panel=self.window.generate_dock.setVisible,
        )
        self.window.actions_["compare_original"].setAutoRepeat(False)

    def _connect_rest(self) -> None:
        window, actions = self.window, self.window.actions_
        self.composer.refused.connect(window.warn)
        self.composer.told.connect(window.tell)
        self.composer.job_changed.connect(self.refresh)
        self.takes.changed.connect(self.refresh)
        self.takes.shown_changed.connect(self._shown_changed)
        window.takes.heard.connect(self.hear)
        window.generate_dock.visibilityChanged.connect(actions["generate_panel"].setChecked)
        self.settings.changed.connect(self._setting_changed)
        for signal in (
            self.document.changed,
            self.document.selection.bars_changed,
            self.document.selection.track_changed,
        ):
            signal.connect(self._name_roles)
        self._name_roles()
        self._setting_changed("hear_takes")
        self.player.source = self.heard_score

    # -- asking ----------------------------------------------------------------------------------

    def generate(self) -> None:
        """Write the chosen bars, in sight."""
        self.look_at_targets()
        self.composer.generate()

    def compare_modes(self) -> None:
        """One take for each way of hiding bars, in sight."""
        self.look_at_targets()
        self.composer.compare_modes()

    def look_at_targets(self) -> None:
        """What is written shall be seen: its track is the current one, its bars are in view."""
        chosen, roll = self.document.selection.bars_by_track(), self.window.roll
        if not chosen:
            return
        if self.document.selection.track not in chosen:
            self.document.selection.set_track(next(iter(chosen)))
        bars, starts = chosen[self.document.selection.track], self.document.starts
        coords = roll.viewport.coords
        if int(starts[bars[0]]) < coords.left or int(starts[bars[-1] + 1]) > coords.right:
            roll.viewport.scroll_to(int(starts[max(0, bars[0] - 1)]))
            roll.center_pitches()

    # -- takes -----------------------------------------------------------------------------------

    def keep(self) -> None:
        """Put the take that is shown into the piece."""
        if self.takes.shown is not None:
            self.composer.offers.keep(self.takes.shown)

    def reject(self) -> None:
        """Put the take that is shown aside."""
        if self.takes.shown is not None:
            self.composer.offers.reject(self.takes.shown)

    def star(self) -> None:
        """Mark the take that is shown, or take the mark off."""
        shown = self.takes.shown
        if shown is not None:
            self.takes.mark(shown, starred=not self.takes.takes[shown].starred)

    def make_again(self) -> None:
        """The take that is shown once more, from its request and seed."""
        if self.takes.shown is not None:
            self.composer.make_again(self.takes.shown)

    def forget_rejected(self) -> None:
        """Rejected takes leave the tray."""
        self.takes.remove([t.id for t in self.takes.takes.values() if t.state == REJECTED])

    def hear(self, take: int) -> None:
        """Play a take in place, from its first bar, unless something plays already."""
        bars = self.takes.takes[take].bars
        if self.settings.options.hear_takes and bars and not self.player.playing:
            first = min(bar for _, bar in bars)
            self.player.seek(int(self.document.starts[first]))
            self.player.play()

    # -- the original ----------------------------------------------------------------------------

    def compare(self, on: bool) -> None:
        """Hear the piece as it was in place of the take, and the take again."""
        self._pressed_at = time.monotonic()
        if on and self.takes.shown is not None:
            aside = self.takes.shown
            self.composer.offers.show(None)
            self._aside = aside
            self._watch_keys(True)
        elif not on and self._aside in self.takes.takes:
            self.composer.offers.show(self._aside)
        self.refresh()

    def _watch_keys(self, on: bool) -> None:
        """A filter sees every event of the program; it is there only while the key may be held."""
        app = QCoreApplication.instance()
        assert app is not None
        app.removeEventFilter(self)
        if on:
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.KeyRelease and isinstance(event, QKeyEvent):
            held = time.monotonic() - self._pressed_at > HELD_S
            if event.key() == Qt.Key.Key_Backslash and held and not event.isAutoRepeat():
                self._let_go()
        return False

    def _let_go(self) -> None:
        self._watch_keys(False)
        if self._aside is not None:
            self.window.actions_["compare_original"].trigger()

    def _shown_changed(self) -> None:
        self._aside = None
        self._watch_keys(False)
        self.refresh()

    # -- what is heard and shown -----------------------------------------------------------------

    def heard_score(self) -> Score:
        """What is played: a take as it is, the original beside it as loud as the take."""
        document, aside = self.document, self.takes.takes.get(self._aside or 0)
        if aside is None:
            return document.heard_score
        piece = document.piece
        bars = {
            cell: piece.score.tracks[index].bars[cell[1]]
            for cell in aside.bars
            if (index := piece.index_of(cell[0])) is not None and cell[1] < piece.bar_count
        }
        return piece.with_bars(as_loud_as(bars, aside.bars)).score

    def refresh(self) -> None:
        """Commands that would do nothing now cannot be chosen."""
        actions, shown = self.window.actions_, self.takes.shown is not None
        offered = any(t.state != REJECTED for t in self.takes.takes.values())
        for name in ("keep_take", "reject_take", "star_take", "make_again"):
            actions[name].setEnabled(shown)
        for name in ("next_take", "previous_take"):
            actions[name].setEnabled(offered)
        actions["compare_original"].setEnabled(shown or self._aside is not None)
        actions["compare_original"].setChecked(self._aside is not None)
        actions["stop"].setEnabled(self.composer.job is not None)

    def _name_roles(self, _: object = None) -> None:
        """Commands that switch say which way."""
        for name, title in composing.titles(self.document).items():
            self.window.actions_[name].setText(title)

    def _setting_changed(self, name: str) -> None:
        if name == "hear_takes":
            self.window.actions_[name].setChecked(self.settings.options.hear_takes)
