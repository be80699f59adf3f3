"""Commands on sound: play, loop, record, output; and what playback shows in the roll."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer

from descant_app.document.flat import DURATION, ONSET, PITCH, bar_at
from descant_app.main_window import MainWindow
from descant_app.piano_roll.roll import Preview
from descant_app.playback.recording import Recording
from descant_app.settings.translation import tr

MIDDLE_C, SNARE, HEARD_MS = 60, 38, 600
SCRUBBED_NOTES = 12
"""At most this many notes of a track are heard at once while scrubbing."""


class PlayCommands:
    """Connects the Play menu, the roll's sounds and the player."""

    def __init__(self, window: MainWindow) -> None:
        self.window, self.roll, self.player = window, window.roll, window.player
        self.settings, self.document = window.settings, window.document
        self.recording: Recording | None = None
        options = self.settings.options
        player = self.player
        player.choice, player.font = options.output, options.font
        player.gain, player.reverb = options.gain, options.reverb
        player.input = options.input
        player.set_clock(options.clock)
        self._asked = self._warned = False
        self._scrubbed: frozenset[tuple[int, int]] = frozenset()
        self._connect_commands()
        self._connect_player()
        window.actions_["follow"].setChecked(options.follow)
        window.actions_["count_in"].setChecked(options.count_in)
        self.settings.changed.connect(self._setting_changed)
        window.transport.output_chosen.connect(self.choose_output)
        window.transport.show_ports()

    def _connect_commands(self) -> None:
        player, roll = self.player, self.roll
        self.window.actions_.connect_all(
            play=self.toggle,
            play_selection=self.play_selection,
            play_chosen=self.play_chosen,
            to_start=lambda: player.seek(0),
            previous_bar=lambda: self.step_bar(-1),
            next_bar=lambda: self.step_bar(1),
            record=self.record,
            loop=self.set_loop_on,
            loop_selection=self.loop_selection,
            metronome=player.set_metronome,
            count_in=lambda on: self.settings.set("count_in", on),
            follow=lambda on: self.settings.set("follow", on),
            panic=player.panic,
        )
        roll.seek_wanted.connect(player.seek)
        roll.loop_changed.connect(self._loop_changed)
        roll.sounded.connect(self._sound)
        roll.scrubbed.connect(self._scrub)
        self.window.headers.instrument_chosen.connect(self._hear_instrument)

    def _connect_player(self) -> None:
        player = self.player
        player.position_changed.connect(self._moved)
        player.playing_changed.connect(self._playing_changed)
        player.sounding_changed.connect(self._light)
        player.failed.connect(self.window.warn)
        player.noticed.connect(self.window.tell)
        player.trouble_changed.connect(self._trouble)
        player.midi_in.connect(self._heard)

    # -- commands --------------------------------------------------------------------------------

    def toggle(self) -> None:
        """Play, or stop where it is."""
        self.player.toggle()
        self._tell_trouble()

    def play_selection(self) -> None:
        """From the first chosen note or bar."""
        span = self._chosen_span()
        if span is not None:
            self.player.seek(span[0])
        self.player.play()

    def play_chosen(self) -> None:
        """The chosen notes alone."""
        index, rows = self.document.current, self.document.selection.rows
        if index is None or not len(rows):
            self.window.warn(tr("Choose some notes first."))
            return
        self.player.play_only(index, rows)
        self._tell_trouble()

    def step_bar(self, by: int) -> None:
        """The playhead to the start of a bar before or after."""
        starts, tick = self.document.starts, self.roll.playhead
        bar = bar_at(starts, tick)
        if by < 0 and tick > starts[bar] + self.document.score.resolution // 2:
            by = 0
        self.player.seek(int(starts[max(0, min(bar + by, len(starts) - 2))]))

    def set_loop_on(self, on: bool) -> None:
        """Turn the loop on or off; without a range, the choice or the bar is looped."""
        if on and self.roll.loop is None:
            self.loop_selection()
        else:
            self.roll.set_loop(self.roll.loop, on)

    def loop_selection(self) -> None:
        """Loop the chosen notes' bars or the chosen bars; else the bar of the playhead."""
        starts = self.document.starts
        span = self._chosen_span() or (self.roll.playhead, self.roll.playhead + 1)
        first, last = bar_at(starts, span[0]), bar_at(starts, span[1] - 1)
        self.roll.set_loop((int(starts[first]), int(starts[last + 1])), on=True)

    def record(self, on: bool) -> None:
        """Play and write down what comes in; a second press ends it."""
        if not on:
            self.player.stop()
            return
        name = self.settings.options.input
        if not name or self.roll.editor.writable() is None:
            self.window.actions_["record"].setChecked(False)
            if not name:
                self.window.warn(tr("Choose a MIDI input in the preferences to record from."))
            return
        self.recording = Recording(self.settings.options.latency_ms / 1000)
        self.player.play(counted_in=self.settings.options.count_in)

    def choose_output(self, choice: str) -> None:
        """Where notes go; choosing what is chosen already tries it again."""
        if choice == self.settings.options.output:
            self._setting_changed("output")
        else:
            self.settings.set("output", choice)

    # -- what the player tells -------------------------------------------------------------------

    def _trouble(self, sentence: str) -> None:
        """Nothing can be heard, or all is well again.  At the start that is no news to bother
        anybody with."""
        if sentence and self._asked:
            self._tell_trouble()
        elif not sentence and self._warned:
            self._warned = False
            self.window.tell(tr("Sound goes out again."))

    def _tell_trouble(self) -> None:
        self._asked = True
        if self.player.trouble:
            self._warned = True
            self.window.warn(self.player.trouble)

    def _moved(self, tick: int) -> None:
        self.roll.set_playhead(tick)
        if self.recording is not None and self.window.pane.view.gesture is None:
            self.roll.set_preview(Preview(None, self.recording.so_far(tick)))
        if self.player.playing and self.settings.options.follow:
            if self.window.pane.view.gesture is None:  # never pull the picture from under a drag
                self.roll.viewport.reveal_tick(tick)
        elif not self.player.playing:
            self.roll.viewport.reveal_tick(tick)

    def _light(self, sounding: frozenset[tuple[int, int]]) -> None:
        current = self.document.current
        self.roll.set_lit(frozenset(p for track, p in sounding if track in (current, -1)))

    def _playing_changed(self, playing: bool) -> None:
        if not playing and self.recording is not None:
            self._finish_recording()

    def _heard(self, when: float, message: tuple[int, ...]) -> None:
        index = self.document.current
        if index is None or len(message) < 3:
            return
        kind, pitch, velocity = message[0] & 0xF0, message[1], message[2]
        if kind in (0x80, 0x90):
            self.player.sound(index, pitch, velocity if kind == 0x90 else 0)
        if self.recording is not None and self.player.playing:
            self.recording.add(when, message, self.player.tick_at_clock)

    def _finish_recording(self) -> None:
        recording, self.recording = self.recording, None
        self.window.actions_["record"].setChecked(False)
        self.roll.set_preview(None)
        assert recording is not None
        rows = recording.rows(self.player.tick_at_clock(time.monotonic()))
        if len(rows):
            label = tr("Record {} notes").format(len(rows))
            self.roll.editor.add(rows, label)

    def _sound(self, pitch: int, velocity: int) -> None:
        if velocity == 0 or self.settings.options.audition:
            self.player.sound(self.document.current, pitch, velocity)

    def _hear_instrument(self, track: int) -> None:
        """A note of the instrument just chosen."""
        if self.settings.options.audition and not self.player.playing:
            pitch = SNARE if self.document.score.tracks[track].is_drum else MIDDLE_C
            self.player.sound(track, pitch, self.roll.note_velocity)
            QTimer.singleShot(HEARD_MS, lambda: self.player.sound(track, pitch, 0))

    def _scrub(self, tick: int) -> None:
        """What sounds at a tick is heard while the ruler is dragged; -1 ends it."""
        wanted: frozenset[tuple[int, int]] = frozenset()
        if tick >= 0 and not self.player.playing and self.settings.options.audition:
            wanted = self._sounding_at(tick)
        for track, pitch in self._scrubbed - wanted:
            self.player.sound(track, pitch, 0)
        for track, pitch in wanted - self._scrubbed:
            self.player.sound(track, pitch, self.roll.note_velocity)
        self._scrubbed = wanted

    def _sounding_at(self, tick: int) -> frozenset[tuple[int, int]]:
        found: set[tuple[int, int]] = set()
        for index, heard in enumerate(self.document.piece.heard()):
            if heard:
                flat = self.document.flat(index)
                inside = flat.rows[flat.inside(tick, tick + 1, 0, 127)]
                found |= {(index, int(pitch)) for pitch in inside[:SCRUBBED_NOTES, PITCH]}
        return frozenset(found)

    def _loop_changed(self) -> None:
        roll = self.roll
        self.window.actions_["loop"].setChecked(roll.loop_on)
        self.player.set_loop(roll.loop if roll.loop_on else None)

    def _setting_changed(self, name: str) -> None:
        options = self.settings.options
        if name in ("output", "font", "gain", "reverb"):
            self._asked = True
            self.player.set_output(options.output, options.font, options.gain, options.reverb)
            self.window.transport.show_ports()
        elif name == "input":
            self.player.set_input(options.input)
        elif name == "clock":
            self.player.set_clock(options.clock)
        elif name in ("follow", "count_in"):
            self.window.actions_[name].setChecked(getattr(options, name))

    def _chosen_span(self) -> tuple[int, int] | None:
        rows, starts = self.document.selection.rows, self.document.starts
        if len(rows):
            ends = rows[:, ONSET] + rows[:, DURATION]
            return int(rows[:, ONSET].min()), int(ends.max())
        span = self.window.bars.span()
        return (int(starts[span[0]]), int(starts[span[1] + 1])) if span else None
