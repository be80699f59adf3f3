"""Notes of one key that overlap: what a file cannot say of them is not compared, all else is."""

from __future__ import annotations

from dataclasses import replace

import pytest
from strokes import strokes

from descant.midi_file import midi_bytes, parse_midi
from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.document.flat import bar_starts

R = 480
OVERLAPS = {
    "together": [Note(60, 80, 0, 2 * R), Note(60, 80, 0, R)],
    "together, other velocities": [Note(60, 80, 0, 2 * R), Note(60, 90, 0, R)],
    "one within the other": [Note(60, 80, 0, 2 * R), Note(60, 90, R, R // 2)],
    "into the next bar": [Note(60, 80, 3 * R, 4 * R), Note(60, 90, 3 * R + 60, R)],
}


def music(notes: list[Note]) -> Score:
    return Score((Track((Bar(notes), Bar([Note(60, 70, R, R)])), channel=0),), R, 500_000)


@pytest.mark.parametrize("notes", OVERLAPS.values(), ids=OVERLAPS)
def test_a_file_says_the_same_strokes_though_rows_differ(notes: list[Note]):
    score = music(notes)
    back = parse_midi(midi_bytes(score))
    old, new = (s.tracks[0].bars[0].notes.array.tolist() for s in (score, back))
    assert [row[:4] for row in new] != [row[:4] for row in old]
    starts = bar_starts(score)
    assert strokes(back.tracks[0], starts) == strokes(score.tracks[0], starts)


@pytest.mark.parametrize("field", ["pitch", "velocity", "onset_ticks", "duration_ticks"])
def test_any_other_difference_is_seen(field: str):
    notes = OVERLAPS["one within the other"]
    changed = [notes[0], replace(notes[1], **{field: getattr(notes[1], field) + 1})]
    one, two = music(notes), music(changed)
    starts = bar_starts(one)
    assert strokes(one.tracks[0], starts) != strokes(two.tracks[0], starts)
