"""What is due by now: position, loop and mute.

The clock is a number passed in (seconds of one monotonic clock), the output anything with
`send(voice, kind, a, b)`; so the whole of it is tested without waiting and without sound.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from descant_app.playback.event_list import EventList, chased
from descant_app.playback.ledger import Ledger
from descant_app.playback.midi_clock import MidiClock
from descant_app.playback.output import CLICK_VOICE, Output

TOO_LATE_S = 0.1
"""A note-on later than this is dropped: bunched notes sound worse than a gap."""
CLICK_S = 0.06
CLICK_PITCHES = (76, 77)
NO_EVENTS = EventList(*(np.zeros(0),) * 2, np.zeros((0, 4), np.int32), np.zeros(0),
                      np.zeros((0, 5), np.int32), np.zeros(0), np.zeros(0, bool), 0.0)  # fmt: skip


@dataclass(frozen=True)
class Loop:
    """A range of seconds that is repeated."""

    start_s: float
    end_s: float


class Sequencer:
    """Plays an event list to an output.  Seconds: `now` is the clock's, others are the score's.

    While playing, score time = `now` - `offset_s`.
    """

    def __init__(self, output: Output) -> None:
        self.output = output
        self._ledger = Ledger(output)
        self.events = NO_EVENTS
        self.playing = False
        self.position_s = 0.0
        self.loop: Loop | None = None
        self.metronome = False
        self.dropped = 0
        self._offset_s = 0.0
        self._entered_s = 0.0
        self._note = self._control = self._click = 0
        self._clock = MidiClock()
        self._lead: list[tuple[float, bool]] = []

    # -- commands --------------------------------------------------------------------------------

    def load(self, events: EventList, now: float) -> None:
        """Other events from now on, at the same position; sounding notes end as they would have."""
        changed = events.voices != self.events.voices
        pulse_s = self._clock.due()
        self.events = events
        self._clock.pulses = events.pulse_s
        if changed:
            self._ledger.end_all()
            self.output.setup(events.voices)
            self._chase(self._at(now))
        self._point(self._at(now))
        if self.playing and self._clock.due() != pulse_s:
            self._clock.enter(self.output, self._at(now))
        self._ledger.end_muted(self.events.heard)

    def use(self, output: Output, now: float) -> None:
        """Another output from now on; the old one was silenced by `panic` or is broken."""
        self.output = output
        self._ledger.forget(output)
        self._clock.forget()
        output.setup(self.events.voices)
        if self.playing:
            self._chase(self._at(now))
            self._clock.enter(output, self._at(now))

    def set_heard(self, heard: tuple[bool, ...]) -> None:
        """Tracks that sound; notes of the others end at once."""
        self.events = EventList(**{**self.events.__dict__, "heard": heard})
        self._ledger.end_muted(self.events.heard)

    def start(self, at_s: float, now: float, lead: list[tuple[float, bool]] | None = None) -> None:
        """Play from a moment; `lead` are clicks (seconds before it, accent) counted in."""
        self._ledger.end_all()
        self._lead = sorted(lead or [], reverse=True)
        wait = max((before for before, _ in self._lead), default=0.0)
        self._offset_s = now + wait - at_s
        self.playing = True
        self._enter(at_s)

    def stop(self, now: float) -> float:
        """Stop and be silent; the position reached, in seconds of the score."""
        if self.playing:
            self.position_s = max(0.0, self._at(now))
        self.playing = False
        self._clock.leave(self.output)
        self._ledger.end_all()
        self.output.silence(everywhere=False)
        return self.position_s

    def seek(self, at_s: float, now: float) -> None:
        """Go to another moment, playing on if it plays; live notes of a stopped piece sound on."""
        self.position_s = at_s
        if self.playing:
            self._ledger.end_all()
            self._lead = []
            self._offset_s = now - at_s
            self._enter(at_s)

    def play_note(self, voice: int, pitch: int, velocity: int) -> None:
        """A note of a key or of drawing, in the ledger too; off when velocity is 0."""
        if velocity:
            self._ledger.strike((voice, pitch), velocity, off=None)
        else:
            self._ledger.let_go((voice, pitch))

    def panic(self) -> None:
        """Silence whatever may sound, known or not."""
        self._ledger.end_all()
        self.output.silence()

    def finish(self, now: float) -> None:
        """The player ends or loses its port: leave nothing sounding."""
        self.stop(now)

    # -- time ------------------------------------------------------------------------------------

    def run(self, now: float) -> float | None:
        """Send everything due by `now`; when the next thing is due, or None when nothing is."""
        self._ledger.pay(now)
        if self.playing:
            self._advance(now)
            if self._ended(now):
                self.stop(now)
                self.position_s = self.events.end_s  # however late that was noticed
        return self._next_due()

    @property
    def sounding(self) -> frozenset[tuple[int, int, int]]:
        """(track, voice, pitch) of all notes sounding now; track -1 for live ones."""
        return self._ledger.sounding

    def at(self, now: float) -> float:
        """Position in the score, in seconds."""
        return self._at(now) if self.playing else self.position_s

    @property
    def offset_s(self) -> float:
        """Clock time at which the score's second 0 was, or would have been, played."""
        return self._offset_s

    def _at(self, now: float) -> float:
        return now - self._offset_s if self.playing else self.position_s

    def _ended(self, now: float) -> bool:
        return (
            self.loop is None and self._at(now) >= self.events.end_s and self._ledger.due() is None
        )

    def _advance(self, now: float) -> None:
        while True:
            position = self._at(now)
            loop = self.loop
            wraps = loop is not None and self._entered_s < loop.end_s <= position
            self._send_until(loop.end_s if wraps and loop else position, now)
            if not wraps or loop is None:
                return
            self._ledger.end_all()
            self._offset_s += loop.end_s - loop.start_s
            self._enter(loop.start_s)

    def _send_until(self, position: float, now: float) -> None:
        events = self.events
        self._send_lead(now)
        while True:
            note_s = _time(events.on_s, self._note)
            control_s = _time(events.control_s, self._control)
            click_s = _time(events.click_s, self._click)
            pulse_s = self._clock.due()
            first = min(note_s, control_s, click_s, pulse_s)
            if first > position or (first == position and self._at(now) > position):
                return  # the second: an event at the loop's end belongs to the next round
            self._ledger.pay(first + self._offset_s)
            if pulse_s == first:
                self._clock.send(self.output)
            elif control_s == first:
                self._send_control(self._control)
                self._control += 1
            elif click_s == first:
                self._send_click(self._click, now)
                self._click += 1
            else:
                self._send_note(self._note, now)
                self._note += 1

    def _send_lead(self, now: float) -> None:
        while self._lead and self._at(now) >= self._entered_s - self._lead[0][0]:
            _, accent = self._lead.pop(0)
            self._sound_click(accent, now)

    def _next_due(self) -> float | None:
        owed = self._ledger.due()
        due = [] if owed is None else [owed]
        if self.playing:
            events = self.events
            times = [
                _time(events.on_s, self._note),
                _time(events.control_s, self._control),
                _time(events.click_s, self._click) if self.metronome else np.inf,
                self._clock.due(),
                self._turn_s(owed),
            ]
            if self._lead:
                times.append(self._entered_s - self._lead[0][0])
            due.append(min(times) + self._offset_s)
        return min(due, default=None)

    def _turn_s(self, owed: float | None) -> float:
        """Where the loop wraps or the piece ends, which it does when the last note has ended."""
        if self.loop and self.loop.end_s > self._entered_s:
            return self.loop.end_s
        return max(self.events.end_s, 0.0 if owed is None else owed - self._offset_s)

    # -- sending ---------------------------------------------------------------------------------

    def _enter(self, at_s: float) -> None:
        """Play on from a moment of the score."""
        self._chase(at_s)
        self._point(at_s)
        self._clock.enter(self.output, at_s)

    def _point(self, at_s: float) -> None:
        events = self.events
        self._entered_s = at_s
        self._note = int(np.searchsorted(events.on_s, at_s - 1e-9))
        self._control = int(np.searchsorted(events.control_s, at_s - 1e-9))
        self._click = int(np.searchsorted(events.click_s, at_s - 1e-9))

    def _chase(self, at_s: float) -> None:
        for voice, kind, a, b, _ in chased(self.events, at_s).tolist():
            self.output.send(voice, kind, a, b)

    def _send_control(self, index: int) -> None:
        voice, kind, a, b, _ = self.events.controls[index].tolist()
        self.output.send(voice, kind, a, b)

    def _send_note(self, index: int, now: float) -> None:
        events = self.events
        voice, pitch, velocity, track = events.notes[index].tolist()
        heard = track < len(events.heard) and events.heard[track]
        if not heard:
            return
        if now - (float(events.on_s[index]) + self._offset_s) > TOO_LATE_S:
            self.dropped += 1
            return
        off = float(events.off_s[index]) + self._offset_s
        self._ledger.strike((voice, pitch), velocity, off, track)

    def _send_click(self, index: int, now: float) -> None:
        if self.metronome:
            self._sound_click(bool(self.events.accents[index]), now)

    def _sound_click(self, accent: bool, now: float) -> None:
        pitch = CLICK_PITCHES[0 if accent else 1]
        self._ledger.strike((CLICK_VOICE, pitch), 115 if accent else 85, now + CLICK_S)


def _time(times, index: int) -> float:  # type: ignore[no-untyped-def]
    return float(times[index]) if index < len(times) else float("inf")
