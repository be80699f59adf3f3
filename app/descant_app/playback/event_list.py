"""A score as times in seconds: notes, controllers, clicks.  Pure; no clock, no port, no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from descant.score.timeline import Timeline
from descant.score.types import Score
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, flatten
from descant_app.playback.midi_clock import PULSES_A_QUARTER

Reals = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]

DRUM_CHANNEL = 9
KEY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND = 0xA0, 0xB0, 0xC0, 0xD0, 0xE0
USUAL = {7: 100, 8: 64, 10: 64, 11: 127, 91: 40}
"""What controllers stand at when nobody moved them; the others at 0."""


@dataclass(frozen=True)
class Voice:
    """One sounding instrument: tracks of the same explicit channel and instrument share it.

    `channel` is its MIDI channel on a port; in the built-in synth each voice has its own.
    """

    channel: int
    program: int
    drum: bool


@dataclass(frozen=True, eq=False)
class EventList:
    """Everything a player needs, in order of time.

    Notes: `on_s`, `off_s` in seconds, `notes` (n, 4): voice, pitch, velocity, track.
    Controls: `control_s`, `controls` (m, 5): voice, status kind (0xB0 ...), two data bytes, track.
    Clicks: `click_s` and whether each is the first of a bar.  `end_s` is where the last bar ends.
    Pulses of MIDI clock: `pulse_s`, empty when it is not sent.
    """

    on_s: Reals
    off_s: Reals
    notes: Ints
    control_s: Reals
    controls: Ints
    click_s: Reals
    accents: npt.NDArray[np.bool_]
    end_s: float
    voices: tuple[Voice, ...] = ()
    voice_of: tuple[int, ...] = ()
    heard: tuple[bool, ...] = ()
    pulse_s: Reals = field(default_factory=lambda: np.zeros(0))


def event_list(score: Score, heard: tuple[bool, ...] = (), pulses: bool = False) -> EventList:
    """All events of a score; `heard` says which tracks sound (default: all), `pulses` whether MIDI
    clock is sent."""
    timeline = Timeline(score)
    voices, voice_of = _voices(score)
    notes, on, off = [np.zeros((0, 4), np.int32)], [np.zeros(0)], [np.zeros(0)]
    control_s, controls = [np.zeros(0)], [np.zeros((0, 5), np.int32)]
    for index, track in enumerate(score.tracks):
        rows = flatten(track, timeline.starts).rows
        on.append(timeline.seconds(rows[:, ONSET]))
        off.append(timeline.seconds(rows[:, ONSET] + np.maximum(rows[:, DURATION], 1)))
        part = np.empty((len(rows), 4), dtype=np.int32)
        part[:, 0], part[:, 3] = voice_of[index], index
        part[:, 1], part[:, 2] = rows[:, PITCH], rows[:, VELOCITY]
        notes.append(part)
        ticks, table = _controls(track.events, voice_of[index], index)
        control_s.append(timeline.seconds(ticks))
        controls.append(table)
    starts, order = np.concatenate(on), np.argsort(np.concatenate(on), kind="stable")
    when = np.concatenate(control_s)
    control_order = np.argsort(when, kind="stable")
    clicks, accents = _clicks(timeline)
    return EventList(
        starts[order],
        np.concatenate(off)[order],
        np.concatenate(notes)[order],
        when[control_order],
        np.concatenate(controls)[control_order],
        clicks,
        accents,
        float(timeline.seconds(timeline.end)),
        tuple(voices),
        tuple(voice_of),
        heard or (True,) * len(score.tracks),
        _pulses(timeline) if pulses else np.zeros(0),
    )


def _pulses(timeline: Timeline) -> Reals:
    width = timeline.resolution / PULSES_A_QUARTER
    return timeline.seconds(np.arange(0, timeline.end, width))


def _voices(score: Score) -> tuple[list[Voice], list[int]]:
    voices: list[Voice] = []
    keys: dict[object, int] = {}
    voice_of = []
    taken = {t.channel for t in score.tracks if t.channel is not None} | {DRUM_CHANNEL}
    free = [c for c in range(16) if c not in taken] or [c for c in range(16) if c != DRUM_CHANNEL]
    for index, track in enumerate(score.tracks):
        own = index if track.channel is None else -1
        key = (own, track.channel, track.instrument, track.is_drum)
        if key not in keys:
            channel = track.channel
            if channel is None:
                channel = DRUM_CHANNEL if track.is_drum else free[0]
                if not track.is_drum:  # more than sixteen parts: channels are shared in turn
                    free.append(free.pop(0))
            keys[key] = len(voices)
            voices.append(Voice(channel, track.instrument, track.is_drum))
        voice_of.append(keys[key])
    return voices, voice_of


def _controls(events, voice: int, track: int) -> tuple[Ints, Ints]:  # type: ignore[no-untyped-def]
    ticks, table = [], []
    for event in events:
        status = event.data[0] & 0xF0
        if status in (KEY_PRESSURE, CONTROL, PROGRAM, PRESSURE, BEND):
            second = event.data[2] if len(event.data) > 2 else 0
            ticks.append(event.tick)
            table.append((voice, status, event.data[1], second, track))
    return np.array(ticks, dtype=np.int64), np.array(table, dtype=np.int32).reshape(-1, 5)


def _clicks(timeline: Timeline) -> tuple[Reals, npt.NDArray[np.bool_]]:
    ticks, accents = [], []
    for bar, start in zip(timeline.bars, timeline.starts[:-1].tolist(), strict=True):
        beat = 4 * timeline.resolution / bar.ts_denominator
        compound = bar.ts_denominator == 8 and bar.ts_numerator % 3 == 0 and bar.ts_numerator > 3
        count = bar.ts_numerator // 3 if compound else bar.ts_numerator
        for i in range(count):
            at = start + i * beat * (3 if compound else 1)
            if at < start + bar.beat_length * timeline.resolution:
                ticks.append(at)
                accents.append(i == 0)
    return timeline.seconds(np.array(ticks)), np.array(accents, dtype=bool)


def chased(events: EventList, at_s: float) -> Ints:
    """The controls in force at a moment, shape (k, 5): the last of each kind on each voice, and the
    usual value of those that come later only, so that going back lifts the pedal again.

    Banks come first, then programs, controllers, bends.
    """
    table = events.controls[events.controls[:, 1] != KEY_PRESSURE]
    when = events.control_s[events.controls[:, 1] != KEY_PRESSURE]
    count = int(np.searchsorted(when, at_s, side="left"))
    last = _last_of_each(table[:count])
    later = _last_of_each(table[count:])
    later = later[~np.isin(_keys(later), _keys(last))]
    for row in later:
        row[2:4] = _usual(events.voices[row[0]], int(row[1]), int(row[2]))
    found = np.concatenate((last, later))
    rank = np.select([found[:, 1] == PROGRAM, found[:, 1] == CONTROL], [1, 2], 3)
    # A bank select (controllers 0 and 32) counts from the next program change on: it goes first.
    bank = (found[:, 1] == CONTROL) & np.isin(found[:, 2], (0, 32))
    return found[np.argsort(np.where(bank, 0, rank), kind="stable")]


def _keys(controls: Ints) -> npt.NDArray[np.int64]:
    """One number for each voice, kind and controller."""
    number = np.where(controls[:, 1] == CONTROL, controls[:, 2], 0)
    return controls[:, 0].astype(np.int64) << 16 | controls[:, 1] << 8 | number


def _last_of_each(controls: Ints) -> Ints:
    _, first = np.unique(_keys(controls)[::-1], return_index=True)
    return controls[np.sort(len(controls) - 1 - first)]


def _usual(voice: Voice, kind: int, number: int) -> tuple[int, int]:
    """Both data bytes of a control that nobody has set."""
    if kind == CONTROL:
        return number, USUAL.get(number, 0)
    if kind == PROGRAM:
        return voice.program, 0
    return (0, 64) if kind == BEND else (0, 0)
