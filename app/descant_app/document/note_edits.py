"""What can be done to chosen notes: rows in, rows out.

A function returns None when the group would leave the range of MIDI; it never bends single notes to
make the rest fit, so that nothing folds together.
"""

from __future__ import annotations

import numpy as np

from descant.score.notes import NoteArray
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, Starts, in_order
from descant_app.document.grid import Grid, snap_all


def pitch_room(rows: NoteArray, by: int) -> int:
    """`by` limited so that the whole group stays within 0..127."""
    if not len(rows):
        return by
    low, high = int(rows[:, PITCH].min()), int(rows[:, PITCH].max())
    return max(-low, min(by, 127 - high))


def time_room(rows: NoteArray, by: int) -> int:
    """`by` limited so that no note starts before the piece."""
    return max(by, -int(rows[:, ONSET].min())) if len(rows) else by


def moved(rows: NoteArray, ticks: int = 0, pitch: int = 0) -> NoteArray | None:
    """The group shifted as a whole; None when it does not fit."""
    if pitch_room(rows, pitch) != pitch or time_room(rows, ticks) != ticks:
        return None
    out = rows.copy()
    out[:, ONSET] += ticks
    out[:, PITCH] += pitch
    return out


def with_pitches(rows: NoteArray, pitches: NoteArray) -> NoteArray:
    """The same notes at other pitches."""
    out = rows.copy()
    out[:, PITCH] = pitches
    return out


def with_velocity(rows: NoteArray, velocity: int | NoteArray) -> NoteArray:
    """The same notes at other velocities, held within 1..127."""
    out = rows.copy()
    out[:, VELOCITY] = np.clip(velocity, 1, 127)
    return out


def scaled_velocity(rows: NoteArray, factor: float) -> NoteArray:
    """Velocities multiplied."""
    return with_velocity(rows, np.rint(rows[:, VELOCITY] * factor).astype(np.int32))


def resized_right(rows: NoteArray, by: int, least: int = 1) -> NoteArray:
    """All ends moved; no note gets shorter than `least` (or than it was, when it was shorter)."""
    out = rows.copy()
    floor = np.minimum(rows[:, DURATION], least)
    out[:, DURATION] = np.maximum(rows[:, DURATION] + by, floor)
    return out


def resized_left(rows: NoteArray, by: int, least: int = 1) -> NoteArray:
    """All starts moved, ends staying where they are."""
    by = time_room(rows, by)
    out = rows.copy()
    floor = np.minimum(rows[:, DURATION], least)
    shift = np.minimum(by, rows[:, DURATION] - floor)
    out[:, ONSET] += shift
    out[:, DURATION] -= shift
    return out


def stretched(rows: NoteArray, factor: float) -> NoteArray:
    """Time scaled about the first onset, durations too."""
    out = rows.copy()
    first = rows[:, ONSET].min()
    out[:, ONSET] = first + np.rint((rows[:, ONSET] - first) * factor).astype(np.int32)
    out[:, DURATION] = np.maximum(1, np.rint(rows[:, DURATION] * factor)).astype(np.int32)
    return out


def quantized(
    rows: NoteArray,
    grid: Grid,
    starts: Starts,
    resolution: int,
    strength: float = 1.0,
    swing: float = 0.0,
    ends: bool = False,
) -> NoteArray:
    """Onsets pulled towards the grid.

    `strength` 0..1 is the share of the way; `swing` 0..1 delays every second line by up to half a
    step; `ends` pulls the ends too, else lengths stay.
    """
    out = rows.copy()
    lines = snap_all(rows[:, ONSET], grid, starts, resolution)
    width = grid.ticks(resolution)
    bars = np.clip(np.searchsorted(starts, lines, side="right") - 1, 0, len(starts) - 2)
    odd = np.rint((lines - starts[bars]) / width).astype(np.int64) % 2 == 1
    target = lines + np.where(odd, width * 0.5 * swing, 0.0)
    onsets = rows[:, ONSET] + (target - rows[:, ONSET]) * strength
    out[:, ONSET] = np.maximum(0, np.rint(onsets)).astype(np.int32)
    if ends:
        stop = rows[:, ONSET] + rows[:, DURATION]
        pulled = stop + (snap_all(stop, grid, starts, resolution) - stop) * strength
        length = np.rint(pulled).astype(np.int32) - out[:, ONSET]
        out[:, DURATION] = np.where(length > 0, length, max(1, round(width)))
    return out


def humanized(
    rows: NoteArray, time_ticks: float, velocity: float, seed: int, starts: Starts
) -> NoteArray:
    """Onsets and velocities shifted at random (normal, these standard deviations, at most twice
    them), the same for the same seed.  A note stays in the bar it is in."""
    random = np.random.default_rng(seed)
    spread = np.clip(random.standard_normal((2, len(rows))), -2, 2)
    out = rows.copy()
    bars = np.clip(np.searchsorted(starts, rows[:, ONSET], side="right") - 1, 0, len(starts) - 2)
    onsets = rows[:, ONSET] + np.rint(spread[0] * time_ticks).astype(np.int64)
    inside = starts[bars + 1] - 1
    out[:, ONSET] = np.clip(onsets, starts[bars], np.maximum(inside, rows[:, ONSET]))
    return with_velocity(out, rows[:, VELOCITY] + np.rint(spread[1] * velocity).astype(np.int32))


def legato(rows: NoteArray) -> NoteArray:
    """Each note held until the next chosen onset after it; the last ones stay as they are."""
    rows = in_order(rows)
    onsets = np.unique(rows[:, ONSET])
    following = np.searchsorted(onsets, rows[:, ONSET], side="right")
    out = rows.copy()
    has_next = following < len(onsets)
    out[has_next, DURATION] = onsets[following[has_next]] - rows[has_next, ONSET]
    return out


def staccato(rows: NoteArray, share: float = 0.5) -> NoteArray:
    """Every length cut to a share of itself."""
    out = rows.copy()
    out[:, DURATION] = np.maximum(1, np.rint(rows[:, DURATION] * share)).astype(np.int32)
    return out


def split(rows: NoteArray, tick: int) -> NoteArray:
    """Notes that sound across `tick` cut in two there; the others as they are."""
    crossing = (rows[:, ONSET] < tick) & (rows[:, ONSET] + rows[:, DURATION] > tick)
    left, right = rows[crossing].copy(), rows[crossing].copy()
    left[:, DURATION] = tick - left[:, ONSET]
    right[:, DURATION] = right[:, ONSET] + right[:, DURATION] - tick
    right[:, ONSET] = tick
    return in_order(np.concatenate((rows[~crossing], left, right)))


def joined(rows: NoteArray) -> NoteArray:
    """Per pitch, one note from the first onset to the last end, with the first note's velocity."""
    rows = in_order(rows)
    out = []
    for pitch in np.unique(rows[:, PITCH]):
        part = rows[rows[:, PITCH] == pitch]
        whole = part[:1].copy()
        whole[:, DURATION] = (part[:, ONSET] + part[:, DURATION]).max() - part[0, ONSET]
        out.append(whole)
    return in_order(np.concatenate(out))


def reversed_in_time(rows: NoteArray) -> NoteArray:
    """The group played backwards within the time it takes."""
    first, last = rows[:, ONSET].min(), (rows[:, ONSET] + rows[:, DURATION]).max()
    out = rows.copy()
    out[:, ONSET] = first + last - (rows[:, ONSET] + rows[:, DURATION])
    return in_order(out)


def inverted(rows: NoteArray) -> NoteArray:
    """Pitches mirrored between the lowest and the highest of the group."""
    low, high = rows[:, PITCH].min(), rows[:, PITCH].max()
    return with_pitches(rows, low + high - rows[:, PITCH])
