"""Tempo and meter: what the file's own events say, and events that say what the score does."""

from __future__ import annotations

from collections.abc import Sequence

from descant.errors import ScoreError
from descant.score import Bar, Event, Events, Score, TempoChange

TEMPO, METER = 0x51, 0x58
DEFAULT_TEMPO = 500000
LONGEST_POWER = 7
Meter = tuple[int, int, int]  # tick, numerator, denominator


def tempo_map(events: Events) -> tuple[int, tuple[TempoChange, ...]]:
    """Tempo at the start and the later changes; the last of several at one tick counts."""
    values = {0: DEFAULT_TEMPO}
    for event in _in_time(events, TEMPO, 3):
        if tempo := int.from_bytes(event.data[2:5], "big"):
            values[event.tick] = tempo
    return values.pop(0), tuple(TempoChange(*item) for item in values.items())


def tempo_events(score: Score) -> list[Event]:
    """The tempo map as meta events."""
    changes = [TempoChange(0, score.tempo), *score.tempo_changes]
    for change in changes:
        if not 1 <= change.tempo <= 0xFFFFFF:
            raise ScoreError(f"tempo {change.tempo} is outside 1..16777215 microseconds a quarter")
    return [Event(c.tick, bytes([0xFF, TEMPO]) + c.tempo.to_bytes(3, "big")) for c in changes]


def meter_map(events: Events, resolution: int) -> list[Meter]:
    """The meters that give bars a length, one a tick; 4/4 where the file begins without one."""
    meters = {0: (4, 4)}
    for event in _in_time(events, METER, 2):
        numerator, power = event.data[2], event.data[3]
        if power <= LONGEST_POWER and resolution * 4 * numerator >> power:
            meters[event.tick] = (numerator, 1 << power)
    return [(tick, *meter) for tick, meter in meters.items()]


def meters_fit(meters: Sequence[Meter], bars: Sequence[Bar], resolution: int) -> bool:
    """Whether a reader of these meters would draw exactly these bar lines."""
    tick, current = 0, 0
    for bar in bars:
        if current + 1 < len(meters) and meters[current + 1][0] == tick:
            current += 1
        _, numerator, denominator = meters[current]
        length = resolution * 4 * numerator // denominator
        if current + 1 < len(meters):
            length = min(length, meters[current + 1][0] - tick)
        if bar.meter != (numerator, denominator) or bar.length_ticks(resolution) != length:
            return False
        tick += length
    return not bars or current + 1 == len(meters)


def meter_events(bars: Sequence[Bar], resolution: int) -> list[Event]:
    """A meter at the first bar, at every change, and after a bar that was cut short."""
    found: list[Event] = []
    before: Bar | None = None
    beats = 0.0
    for number, bar in enumerate(bars, 1):
        if before is None or before.meter != bar.meter or before.beat_length < before.nominal_beats:
            tick = int(beats * resolution + 0.5)
            found.append(Event(tick, _meter_message(bar, number)))
        beats += bar.beat_length
        before = bar
    return found


def _meter_message(bar: Bar, number: int) -> bytes:
    numerator, denominator = bar.meter
    power = denominator.bit_length() - 1
    if denominator != 1 << power or power > LONGEST_POWER or numerator > 255:
        raise ScoreError(
            f"bar {number}: a MIDI file cannot hold the meter {numerator}/{denominator}; the upper "
            "number is at most 255, the lower one a power of two up to 128"
        )
    return bytes([0xFF, METER, numerator, power, 24, 8])


def _in_time(events: Events, kind: int, size: int) -> list[Event]:
    found = [event for event in events.where(events.are_meta(kind)) if len(event.data) >= size + 2]
    return sorted(found, key=lambda event: event.tick)
