"""Commands on chosen notes."""

from __future__ import annotations

import numpy as np

from descant_app.document import structure
from descant_app.document.flat import DURATION, PITCH, VELOCITY
from descant_app.document.scales import Scale
from descant_app.main_window import MainWindow
from descant_app.panels.dialogs import HumanizeDialog, QuantizeDialog, ask_number
from descant_app.settings.translation import tr


class NoteCommands:
    """Connects the Edit menu's and the Notes menu's commands on notes."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.document, self.roll = window, window.document, window.roll
        self.editor, self.bars = window.roll.editor, window.bars
        self._connect()

    def _connect(self) -> None:
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
        rows = self.document.selection.rows
        now = int(rows[0, VELOCITY]) if len(rows) else self.roll.note_velocity
        value = ask_number(self.window, tr("Set velocity"), tr("Velocity 1–127"), now, 1, 127, 0)
        if value is not None:
            self.editor.set_velocity(round(value))
