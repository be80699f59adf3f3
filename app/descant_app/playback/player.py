"""The window's side of playback: starts the player process, talks to it, knows where it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from descant.score.notes import NoteArray
from descant.score.timeline import Timeline
from descant.score.types import Score
from descant_app.document.change import ALL_KINDS, Kinds
from descant_app.document.document import Document
from descant_app.document.flat import ONSET
from descant_app.playback.child_process import ChildProcess, command
from descant_app.playback.count_in import count_in
from descant_app.playback.fonts import chosen_font
from descant_app.playback.outputs import SYNTH
from descant_app.playback.playlist import Playlist

POSITION_MS = 16
SEND_MS = 40
REVIVALS, REVIVAL_S = 3, 10.0
"""A process that dies is started again at once, but after so many deaths in so many seconds it is
given that time to rest."""


class Player(QObject):
    """Plays the document.  The process starts at the first need and again when it died.

    `source` gives the score that is heard.  `position_changed(tick)` comes about sixty times a
    second while playing; `sounding_changed` has (track, pitch) pairs; `failed` one sentence;
    `ports_changed` the names of outputs and inputs; `trouble_changed` why nothing can be heard, ""
    when it can.
    """

    position_changed = Signal(int)
    playing_changed = Signal(bool)
    sounding_changed = Signal(object)
    ports_changed = Signal()
    trouble_changed = Signal(str)
    failed = Signal(str)
    noticed = Signal(str)
    midi_in = Signal(float, object)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.source: Callable[[], Score] = lambda: document.heard_score
        self.playing = False
        self.tick = 0
        self.outputs: tuple[str, ...] = ()
        self.inputs: tuple[str, ...] = ()
        self.virtual = False
        self.metronome = False
        self.choice, self.font, self.gain, self.reverb = SYNTH, "", 0.6, 0.25
        self.input = ""
        self.trouble = ""
        self.loop: tuple[int, int] | None = None
        self._deaths: list[float] = []
        self.link = ChildProcess(command("descant_app.playback.process", "--player"), self)
        self._playlist = Playlist(document, lambda: self.source())
        self._timeline: Timeline | None = None
        self._offset_s: float | None = None
        self._timer = QTimer(self, interval=POSITION_MS)
        self._timer.timeout.connect(self._follow)
        self._send_timer = QTimer(self, interval=SEND_MS, singleShot=True)
        self._send_timer.timeout.connect(self._send_events)
        self._revive_timer = QTimer(self, interval=int(REVIVAL_S * 1000), singleShot=True)
        self._revive_timer.timeout.connect(self.start_process)
        self.link.heard.connect(self._on_message)
        self.link.lost.connect(self._on_lost)
        document.changed.connect(self._document_changed)
        document.preview_changed.connect(lambda: self._document_changed(ALL_KINDS))

    # -- commands --------------------------------------------------------------------------------

    def play(self, counted_in: bool = False) -> None:
        """From the playhead on."""
        self._playlist.play_whole()
        self._send_events()
        lead = count_in(self.timeline, self.tick) if counted_in else []
        self._send("play", self._seconds(self.tick), lead)

    def play_only(self, index: int, rows: NoteArray) -> None:
        """These notes of one track and nothing else, from the first to the end of the last."""
        self._playlist.play_only(index, rows)
        self._send_events()
        self._send("play", self._seconds(int(rows[:, ONSET].min())), [])

    def stop(self) -> None:
        """Stop where it is."""
        if self.playing:
            self._send("stop")

    def toggle(self) -> None:
        """Play or stop."""
        if self.playing:
            self.stop()
        else:
            self.play()

    def seek(self, tick: int) -> None:
        """Put the playhead."""
        self.tick = max(0, tick)
        if self.link.is_open:
            self._send("seek", self._seconds(self.tick))
        self.position_changed.emit(self.tick)

    def set_loop(self, loop: tuple[int, int] | None) -> None:
        """Repeat a range of ticks."""
        self.loop = loop
        if self.link.is_open:
            self._send_loop()

    def set_metronome(self, on: bool) -> None:
        """Click on every beat."""
        self.metronome = on
        if self.link.is_open:
            self._send("metronome", on)

    def sound(self, track: int | None, pitch: int, velocity: int) -> None:
        """A note of a key, on a track's instrument; velocity 0 ends it."""
        if not (self.link.is_open or velocity):
            return
        if self._playlist.stale:
            self._send_events()
        self._send("note", self._playlist.voice_of(track), pitch, velocity)

    def panic(self) -> None:
        """Silence everything."""
        if self.link.is_open:
            self._send("panic")

    def set_output(self, choice: str, font: str, gain: float, reverb: float) -> None:
        """Where sound goes; see `playback.outputs`."""
        self.choice, self.font, self.gain, self.reverb = choice, font, gain, reverb
        if self.link.is_open:
            self._send_output()

    def set_clock(self, on: bool) -> None:
        """Send MIDI clock to the port."""
        self._playlist.pulses = on
        self._document_changed(ALL_KINDS)

    def set_input(self, name: str) -> None:
        """Listen to a MIDI input; "" for none."""
        if name != self.input:
            self.input = name
            if self.link.is_open:
                self._send("input", name)

    def start_process(self) -> None:
        """Start the process now, so that the first note is heard at once."""
        if self.link.is_open:
            return
        try:
            self.link.open()
        except OSError as error:
            self._set_trouble(f"The player cannot be started: {error.strerror}.")
            return
        self._revive_timer.stop()
        self._playlist.stale = True
        self._send_output()
        self._send("metronome", self.metronome)
        self._send("input", self.input)
        self._send_loop()

    def close(self) -> None:
        """End the process; nothing sounds afterwards."""
        for timer in (self._timer, self._send_timer, self._revive_timer):
            timer.stop()
        self.playing = False
        self.link.end()

    # -- position --------------------------------------------------------------------------------

    @property
    def timeline(self) -> Timeline:
        """Time map of the score as it is now."""
        score: Score = self.document.score
        if self._timeline is None or self._timeline.score is not score:
            self._timeline = Timeline(score)
        return self._timeline

    def tick_at_clock(self, now: float) -> int:
        """The tick that is played at a moment of the monotonic clock."""
        if self._offset_s is None:
            return self.tick
        return max(0, round(float(self.timeline.ticks_of_seconds(max(0.0, now - self._offset_s)))))

    def _seconds(self, tick: int) -> float:
        return float(self.timeline.seconds(tick))

    def _follow(self) -> None:
        tick = self.tick_at_clock(time.monotonic())
        if self.loop is not None and self.tick < self.loop[1] <= tick:
            return  # the wrap is under way; the new offset comes with the next report
        self.tick = min(tick, self.document.end_tick)
        self.position_changed.emit(self.tick)

    # -- the process -----------------------------------------------------------------------------

    def _document_changed(self, kinds: Kinds) -> None:
        self._playlist.play_whole()
        only_listening = kinds == Kinds(lanes=True)
        if only_listening and not self._playlist.stale and self.link.is_open:
            self._send("heard", self.document.piece.heard())
            return
        self._playlist.stale = True
        self._refresh()

    def _refresh(self) -> None:
        """Tell the process of changes soon while it plays, else before the first note."""
        if self.playing and self._playlist.stale and not self._send_timer.isActive():
            self._send_timer.start()

    def _send_events(self) -> None:
        self.start_process()
        if self._playlist.stale:
            self._send("load", self._playlist.listed())
            self._send_loop()

    def _send_loop(self) -> None:
        loop = self.loop
        self._send("loop", (self._seconds(loop[0]), self._seconds(loop[1])) if loop else None)

    def _send_output(self) -> None:
        font = chosen_font(self.font)
        self._send("output", self.choice, str(font) if font else "", self.gain, self.reverb)

    def _send(self, *message: Any) -> None:
        self.start_process()
        if self.link.is_open:
            self.link.send(*message)

    def _on_message(self, message: tuple[Any, ...]) -> None:
        getattr(self, "_on_" + message[0])(*message[1:])

    def _on_playing(self, playing: bool, at_s: float) -> None:
        self.playing = playing
        if not playing:
            self._timer.stop()
            self._offset_s = None
            self.tick = min(
                round(float(self.timeline.ticks_of_seconds(at_s))), self.document.end_tick
            )
            self.position_changed.emit(self.tick)
            self.sounding_changed.emit(frozenset())
            self._playlist.play_whole()
        else:
            self._timer.start()
            self._refresh()
        self.playing_changed.emit(playing)

    def _on_offset(self, offset_s: float) -> None:
        self._offset_s = offset_s
        if self.loop is not None:
            self.tick = min(self.tick, self.loop[0]) if self.tick >= self.loop[1] else self.tick
            self.tick = self.tick_at_clock(time.monotonic())

    def _on_sounding(self, lit: frozenset[tuple[int, int, int]]) -> None:
        self.sounding_changed.emit(frozenset((track, pitch) for track, _, pitch in lit))

    def _on_ports(self, outputs: tuple[str, ...], inputs: tuple[str, ...], virtual: bool) -> None:
        self.outputs, self.inputs, self.virtual = outputs, inputs, virtual
        self.ports_changed.emit()

    def _on_opened(self, choice: str) -> None:
        self._set_trouble("")

    def _on_unheard(self, sentence: str) -> None:
        self._set_trouble(sentence)

    def _on_unheard_input(self, sentence: str) -> None:
        self.noticed.emit(sentence)

    def _on_failed(self, sentence: str) -> None:
        self.failed.emit(sentence)
        self._set_trouble(sentence)

    def _set_trouble(self, sentence: str) -> None:
        self.trouble = sentence
        self.trouble_changed.emit(sentence)

    def _on_midi_in(self, when: float, message: tuple[int, ...]) -> None:
        self.midi_in.emit(when, message)

    def _on_lost(self) -> None:
        """The process died.  The next one silences the port that this one left."""
        self._on_playing(False, self._seconds(self.tick))
        now = time.monotonic()
        self._deaths = [then for then in self._deaths if now - then < REVIVAL_S] + [now]
        if len(self._deaths) <= REVIVALS:
            self.start_process()
            self.failed.emit(self.tr("The player stopped and was started again."))
        else:
            self._revive_timer.start()
            self.failed.emit(self.tr("The player keeps stopping; it starts again in a while."))
