"""What is due by now: position, loop, mute and the ledger of sounding notes.

The clock is a number passed in (seconds of one monotonic clock), the output anything with
`send(voice, kind, a, b)`; so the whole of it is tested without waiting and without sound.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from descant_app.playback.event_list import EventList, Voice, chased
from descant_app.playback.midi_clock import MidiClock

NOTE_OFF, NOTE_ON = 0x80, 0x90
TOO_LATE_S = 0.1
"""A note-on later than this is dropped: bunched notes sound worse than a gap."""
CLICK_VOICE = -1
CLICK_S = 0.06
CLICK_PITCHES = (76, 77)
NO_EVENTS = EventList(*(np.zeros(0),) * 2, np.zeros((0, 4), np.int32), np.zeros(0),
                      np.zeros((0, 5), np.int32), np.zeros(0), np.zeros(0, bool), 0.0)  # fmt: skip


class Output(Protocol):
    """Where messages go."""

    def setup(self, voices: tuple[Voice, ...]) -> None:
        """Know the instruments of each voice."""

    def send(self, voice: int, kind: int, a: int, b: int) -> None:
        """One channel message; `CLICK_VOICE` is the metronome."""

    def send_system(self, *message: int) -> None:
        """One message of MIDI clock."""

    def silence(self) -> None:
        """Pedals up, all notes off, everywhere, at once."""


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
        self._owed: list[tuple[float, int, int, int]] = []
        """Heap of (clock time, serial, voice, pitch): the note-offs still to be sent."""
        self._sounding: dict[tuple[int, int], int] = {}
        """Serial of the note that sounds on (voice, pitch); an older serial's off is void."""
        self._serial = 0
        self._live: set[tuple[int, int]] = set()
        self._track_of: dict[tuple[int, int], int] = {}

    # -- commands --------------------------------------------------------------------------------

    def load(self, events: EventList, now: float) -> None:
        """Other events from now on, at the same position; sounding notes end as they would have."""
        changed = events.voices != self.events.voices
        pulse_s = self._clock.due()
        self.events = events
        self._clock.pulses = events.pulse_s
        if changed:
            self._end_notes()
            self.output.setup(events.voices)
            self._chase(self._at(now))
        self._point(self._at(now))
        if self.playing and self._clock.due() != pulse_s:
            self._clock.enter(self.output, self._at(now))
        self._end_muted()

    def use(self, output: Output, now: float) -> None:
        """Another output from now on; the old one was silenced by `panic` or is broken."""
        self.output = output
        for ledger in (self._sounding, self._track_of, self._owed, self._live):
            ledger.clear()
        self._clock.forget()
        output.setup(self.events.voices)
        if self.playing:
            self._chase(self._at(now))
            self._clock.enter(output, self._at(now))

    def set_heard(self, heard: tuple[bool, ...]) -> None:
        """Tracks that sound; notes of the others end at once."""
        self.events = EventList(**{**self.events.__dict__, "heard": heard})
        self._end_muted()

    def start(self, at_s: float, now: float, lead: list[tuple[float, bool]] | None = None) -> None:
        """Play from a moment; `lead` are clicks (seconds before it, accent) counted in."""
        self._end_notes()
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
        self._end_notes()
        self.output.silence()
        return self.position_s

    def seek(self, at_s: float, now: float) -> None:
        """Go to another moment, playing on if it plays; live notes of a stopped piece sound on."""
        self.position_s = at_s
        if self.playing:
            self._end_notes()
            self._lead = []
            self._offset_s = now - at_s
            self._enter(at_s)

    def play_note(self, voice: int, pitch: int, velocity: int) -> None:
        """A note of a key or of drawing, in the ledger too; off when velocity is 0."""
        key = (voice, pitch)
        if velocity:
            self._on(voice, pitch, velocity, None, -1)
            self._live.add(key)
        elif key in self._live:
            self._live.discard(key)
            self._off(key)

    def panic(self) -> None:
        """Silence whatever may sound, known or not."""
        self._end_notes()
        self.output.silence()

    def finish(self, now: float) -> None:
        """The player ends or loses its port: leave nothing sounding."""
        self.stop(now)

    # -- time ------------------------------------------------------------------------------------

    def run(self, now: float) -> float | None:
        """Send everything due by `now`; when the next thing is due, or None when nothing is."""
        self._send_owed(now)
        if self.playing:
            self._advance(now)
            if self._ended(now):
                self.stop(now)
        return self._next_due()

    @property
    def sounding(self) -> frozenset[tuple[int, int, int]]:
        """(track, voice, pitch) of all notes sounding now; track -1 for live ones."""
        return frozenset((self._track_of.get(k, -1), *k) for k in self._sounding)

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
        return self.loop is None and self._at(now) >= self.events.end_s and not self._owed

    def _advance(self, now: float) -> None:
        while True:
            position = self._at(now)
            loop = self.loop
            wraps = loop is not None and self._entered_s < loop.end_s <= position
            self._send_until(loop.end_s if wraps and loop else position, now)
            if not wraps or loop is None:
                return
            self._end_notes()
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
            self._send_owed(first + self._offset_s)
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
        due = [self._owed[0][0]] if self._owed else []
        if self.playing:
            events = self.events
            times = [
                _time(events.on_s, self._note),
                _time(events.control_s, self._control),
                _time(events.click_s, self._click) if self.metronome else np.inf,
                self._clock.due(),
                self.loop.end_s
                if self.loop and self.loop.end_s > self._entered_s
                else events.end_s,
            ]
            if self._lead:
                times.append(self._entered_s - self._lead[0][0])
            due.append(min(times) + self._offset_s)
        return min(due, default=None)

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
        self._on(voice, pitch, velocity, float(events.off_s[index]) + self._offset_s, track)

    def _send_click(self, index: int, now: float) -> None:
        if self.metronome:
            self._sound_click(bool(self.events.accents[index]), now)

    def _sound_click(self, accent: bool, now: float) -> None:
        pitch = CLICK_PITCHES[0 if accent else 1]
        self._on(CLICK_VOICE, pitch, 115 if accent else 85, now + CLICK_S, -1)

    def _on(self, voice: int, pitch: int, velocity: int, off: float | None, track: int) -> None:
        key = (voice, pitch)
        if key in self._sounding:  # struck again while it sounds: off before on
            self._off(key)
        self._serial += 1
        self._sounding[key] = self._serial
        self._track_of[key] = track
        self.output.send(voice, NOTE_ON, pitch, velocity)
        if off is not None:
            heapq.heappush(self._owed, (off, self._serial, voice, pitch))

    def _off(self, key: tuple[int, int]) -> None:
        if self._sounding.pop(key, None) is not None:
            self._track_of.pop(key, None)
            self.output.send(key[0], NOTE_OFF, key[1], 64)

    def _send_owed(self, until: float) -> None:
        while self._owed and self._owed[0][0] <= until:
            _, serial, voice, pitch = heapq.heappop(self._owed)
            if self._sounding.get((voice, pitch)) == serial:
                self._off((voice, pitch))

    def _end_notes(self) -> None:
        for key in list(self._sounding):
            self._off(key)
        self._owed.clear()
        self._live.clear()

    def _end_muted(self) -> None:
        heard = self.events.heard
        for key, track in list(self._track_of.items()):
            if track >= 0 and not (track < len(heard) and heard[track]):
                self._off(key)


def _time(times, index: int) -> float:  # type: ignore[no-untyped-def]
    return float(times[index]) if index < len(times) else float("inf")
