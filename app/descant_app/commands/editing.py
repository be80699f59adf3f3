"""Commands on notes, bars and tracks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from descant_app.document import structure
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, bar_at
from descant_app.document.scales import Scale
from descant_app.main_window import MainWindow
from descant_app.panels.dialogs import HumanizeDialog, MeterDialog, QuantizeDialog, ask_number
from descant_app.panels.tracks import fill_colour_menu

NOTE_MENU = (
    "cut", "copy", "paste", "duplicate", "delete", "", "quantize", "quantize_dialog", "humanize",
    "legato", "staccato", "split_playhead", "join", "reverse", "", "fit_to_scale", "set_velocity",
    "", "loop_selection", "select_bars_of_notes",
)  # fmt: skip
BAR_MENU = (
    "generate", "", "hide_bars", "leave_out", "from_scratch", "clear_levels", "", "copy", "paste",
    "", "duplicate_bars", "clear_bars", "insert_bars", "delete_bars", "", "loop_selection",
    "set_meter", "set_tempo",
)  # fmt: skip
TRACK_MENU = (
    "rename_track", "add_track", "add_drums", "duplicate_track", "remove_track", "", "mute", "solo",
    "lock_track", "leave_out", "from_scratch", "track_is_drum",
)  # fmt: skip
RULER_MENU = ("set_meter", "set_tempo", "remove_tempo", "", "insert_bars", "delete_bars")


class EditCommands:
    """Connects the Edit, Notes, Track and Bars menus."""

    def __init__(self, window: MainWindow) -> None:
        self.window = window
        self.document, self.roll = window.document, window.roll
        self.editor, self.bars = window.roll.editor, window.bars
        self.ruler_tick: int | None = None
        self._connect_notes()
        self._connect_tracks()
        self._connect_bars()
        self._connect_undo()
        window.pane.view.menu_wanted.connect(partial(self._show_menu, NOTE_MENU))
        window.arrangement.menu_wanted.connect(partial(self._show_menu, BAR_MENU))
        window.headers.menu_wanted.connect(self._show_track_menu)
        window.pane.ruler.menu_wanted.connect(self._show_ruler_menu)
        self.document.refused.connect(window.warn)

    # -- undo ------------------------------------------------------------------------------------

    def _connect_undo(self) -> None:
        stack, actions = self.document.undo_stack, self.window.actions_
        actions.connect_all(undo=stack.undo, redo=stack.redo)
        stack.canUndoChanged.connect(actions["undo"].setEnabled)
        stack.canRedoChanged.connect(actions["redo"].setEnabled)
        stack.indexChanged.connect(self._show_steps)
        actions["undo"].setEnabled(False)
        actions["redo"].setEnabled(False)

    def _show_steps(self) -> None:
        stack, actions, tr = self.document.undo_stack, self.window.actions_, self.window.tr
        undo, redo = stack.undoText(), stack.redoText()
        actions["undo"].setText(f"{tr('Undo')} {undo}".strip())
        actions["redo"].setText(f"{tr('Redo')} {redo}".strip())
        actions["undo"].setToolTip(f"{tr('Undo')} {undo} (Ctrl+Z)")
        actions["redo"].setToolTip(f"{tr('Redo')} {redo} (Ctrl+Shift+Z)")
        if (redo and not undo) or redo:
            self.window.tell(tr("Undone: {}").format(redo))
        elif undo:
            self.window.tell(undo)

    # -- notes -----------------------------------------------------------------------------------

    def _connect_notes(self) -> None:
        editor, roll = self.editor, self.roll
        step = roll.step_ticks
        self.window.actions_.connect_all(
            cut=self.cut,
            copy=self.bars.copy,
            paste=lambda: self.bars.paste(roll.playhead),
            duplicate=self.duplicate,
            delete=self.delete,
            select_all=editor.select_all,
            select_none=self.document.selection.clear,
            select_inverse=editor.select_inverse,
            select_outside_scale=self.select_outside_scale,
            select_short=lambda: editor.select_where(lambda r: r[:, DURATION] < step()),
            up=lambda: self.transpose(1),
            down=lambda: self.transpose(-1),
            octave_up=lambda: self.transpose(12),
            octave_down=lambda: self.transpose(-12),
            scale_up=lambda: editor.transpose_in_scale(1, self.scale),
            scale_down=lambda: editor.transpose_in_scale(-1, self.scale),
            fit_to_scale=lambda: editor.fit_to_scale(self.scale),
            left=lambda: self.sideways(-step()),
            right=lambda: self.sideways(step()),
            fine_left=lambda: self.sideways(-1),
            fine_right=lambda: self.sideways(1),
            longer=lambda: editor.lengthen(step(), 1),
            shorter=lambda: editor.lengthen(-step(), min(step(), 60)),
            quantize=self.quantize,
            quantize_dialog=self.quantize_dialog,
            humanize=self.humanize,
            legato=editor.legato,
            staccato=editor.staccato,
            split_playhead=lambda: editor.split_at(roll.playhead),
            join=editor.join,
            reverse=editor.reverse,
            invert=editor.invert,
            double_time=lambda: editor.stretch(2.0),
            half_time=lambda: editor.stretch(0.5),
            set_velocity=self.set_velocity,
            louder=lambda: editor.add_velocity(5),
            softer=lambda: editor.add_velocity(-5),
        )

    @property
    def scale(self) -> Scale:
        """The scale of the roll; C major until one is chosen."""
        return self.roll.scale or Scale()

    def cut(self) -> None:
        """Copy, then delete."""
        if self.bars.copy():
            self.delete()

    def delete(self) -> None:
        """Chosen notes; without any, the notes of the chosen bars."""
        if len(self.document.selection.rows):
            self.editor.delete()
        elif self.document.selection.bars:
            self.bars.clear_bars()

    def duplicate(self) -> None:
        """Chosen notes; without any, the chosen bars."""
        if not len(self.document.selection.rows) and self.document.selection.bars:
            self.bars.duplicate_bars()
            return
        grid = self.roll.step_ticks()
        self.editor.duplicate(grid)

    def transpose(self, by: int) -> None:
        """Move the chosen notes and let the result be heard; without notes, scroll."""
        rows = self.document.selection.rows
        if not len(rows):
            self.roll.viewport.scroll(0, -by * self.roll.viewport.coords.row_px)
        elif self.editor.transpose(by):
            self.roll.viewport.reveal_pitch(int(self.document.selection.rows[0, PITCH]))

    def sideways(self, ticks: int) -> None:
        """Move the chosen notes; without any, the playhead."""
        if len(self.document.selection.rows):
            self.editor.nudge(ticks)
        else:
            self.roll.seek_wanted.emit(max(0, self.roll.playhead + ticks))

    def quantize(self) -> None:
        """With the strength and swing of the preferences."""
        options = self.window.settings.options
        strength, swing = options.quantize_strength / 100, options.quantize_swing / 100
        self.editor.quantize(self.roll.grid, strength, swing)

    def quantize_dialog(self) -> None:
        """Ask, remember, quantize."""
        settings = self.window.settings
        options = settings.options
        dialog = QuantizeDialog(
            self.roll.grid, options.quantize_strength, options.quantize_swing, self.window
        )
        if dialog.exec():
            choice = dialog.choice()
            settings.set("quantize_strength", choice.strength)
            settings.set("quantize_swing", choice.swing)
            self.editor.quantize(
                choice.grid, choice.strength / 100, choice.swing / 100, choice.ends
            )

    def humanize(self) -> None:
        """Ask how loose; the seed is the revision, so that undo and again gives another take."""
        dialog = HumanizeDialog(self.window)
        if dialog.exec():
            score = self.document.score
            tempo = structure.tempo_at(score, self.roll.playhead)
            ticks = dialog.time.value() * 1000 / tempo * score.resolution
            self.editor.humanize(ticks, dialog.velocity.value(), self.document.revision)

    def select_outside_scale(self) -> None:
        """Notes that are not in the scale."""
        classes = list(self.scale.classes)
        self.editor.select_where(lambda rows: ~np.isin(rows[:, PITCH] % 12, classes))

    def set_velocity(self) -> None:
        """Ask for one velocity."""
        rows, tr = self.document.selection.rows, self.window.tr
        now = int(rows[0, VELOCITY]) if len(rows) else self.roll.note_velocity
        value = ask_number(self.window, tr("Set velocity"), tr("Velocity 1–127"), now, 1, 127, 0)
        if value is not None:
            self.editor.set_velocity(round(value))

    # -- tracks ----------------------------------------------------------------------------------

    def _connect_tracks(self) -> None:
        actions = self.window.actions_
        actions.connect_all(
            add_track=self.bars.add_track,
            add_drums=lambda: self.bars.add_track(drum=True),
            duplicate_track=self.bars.duplicate_track,
            remove_track=self.bars.remove_track,
            rename_track=self.rename_track,
            mute=lambda: self._flip("mute"),
            solo=lambda: self._flip("solo"),
            lock_track=self.lock_track,
            track_is_drum=self.set_drum,
            next_track=lambda: self.step_track(1),
            previous_track=lambda: self.step_track(-1),
        )
        self.document.changed.connect(self._show_track)
        self.document.selection.track_changed.connect(self._show_track)

    def _show_track(self, _: object = None) -> None:
        index, actions, tr = self.document.current, self.window.actions_, self.window.tr
        if index is not None:
            locked = self.document.lanes[index].locked
            actions["lock_track"].setText(tr("Unlock") if locked else tr("Lock"))
            actions["track_is_drum"].setChecked(self.document.score.tracks[index].is_drum)

    def rename_track(self) -> None:
        """Edit the current track's name in its header."""
        if self.document.current is not None:
            self.window.headers.headers[self.document.current].rename()

    def _flip(self, name: str) -> None:
        index = self.document.current
        if index is not None:
            now = getattr(self.document.lanes[index], name)
            self.document.set_listening(index, **{name: not now})

    def lock_track(self) -> None:
        """Lock or unlock the current track."""
        index, tr = self.document.current, self.window.tr
        if index is not None:
            locked = not self.document.lanes[index].locked
            self.bars.set_lane(
                index, tr("Lock track") if locked else tr("Unlock track"), locked=locked
            )

    def set_drum(self, on: bool) -> None:
        """Make the current track a drum track, or a melodic one."""
        index = self.document.current
        if index is not None:
            kind = "drum" if on else "melodic"
            channel = 9 if on else None
            label = self.window.tr("Change kind of track")
            self.bars.set_track(index, label, track_type=kind, channel=channel)

    def step_track(self, by: int) -> None:
        """Edit the next or previous track."""
        index, lanes = self.document.current, self.document.lanes
        if index is not None:
            target = max(0, min(index + by, len(lanes) - 1))
            self.document.selection.set_track(lanes[target].id)

    # -- bars ------------------------------------------------------------------------------------

    def _connect_bars(self) -> None:
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
                self.window.warn(self.window.tr("Choose some bars in the arrangement first."))

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
        document, tr = self.document, self.window.tr
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
            self.window.warn(self.window.tr("There is no change of tempo before this place."))

    # -- menus -----------------------------------------------------------------------------------

    def _show_menu(self, names: tuple[str, ...], at: QPoint) -> None:
        self._menu(names).exec(at)

    def _menu(self, names: tuple[str, ...]) -> QMenu:
        menu = QMenu(self.window)
        for name in names:
            if name:
                menu.addAction(self.window.actions_[name])
            else:
                menu.addSeparator()
        return menu

    def _show_track_menu(self, at: QPoint) -> None:
        index = self.document.current
        menu = self._menu(TRACK_MENU)
        if index is not None:
            label = self.window.tr("Colour track")
            fill_colour_menu(
                menu.addMenu(self.window.tr("Colour")),
                lambda colour: self.bars.set_lane(index, label, colour=colour),
            )
        menu.exec(at)

    def _show_ruler_menu(self, tick: int, at: QPoint) -> None:
        self.ruler_tick = tick
        self._show_menu(RULER_MENU, at)
        self.ruler_tick = None
