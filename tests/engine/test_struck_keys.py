"""New notes on keys that old ones hold: a saved file keeps the old ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from descant.midi_file import parse_midi
from descant.midi_file.writing import midi_bytes
from descant.score import Bar, Note, Score, Track
from descant.score.edits import with_bars
from descant.score.struck_keys import HeldKeys

RESOLUTION = 12
BAR = 4 * RESOLUTION
TARGETS = {1, 2}

notes = st.lists(
    st.builds(
        Note,
        st.integers(60, 62),
        st.integers(1, 127),
        st.integers(0, BAR - 1),
        st.integers(1, 2 * BAR),
    ),
    max_size=5,
)


def as_saved(score: Score) -> list[list[tuple[int, ...]]]:
    bars = parse_midi(midi_bytes(score)).tracks[0].bars
    return [sorted(map(tuple, bar.notes.array.tolist())) for bar in bars]


def piece(bars: list[list[Note]]) -> Score:
    return Score((Track(tuple(map(Bar, bars)), channel=0),), RESOLUTION)


@settings(max_examples=300, deadline=None)
@given(st.lists(notes, min_size=4, max_size=4), st.lists(notes, min_size=2, max_size=2))
def test_a_file_keeps_every_old_note(old: list[list[Note]], written: list[list[Note]]) -> None:
    end = [[Note(20, 64, BAR - 1, 1)]]  # keeps both files as long
    before = piece([[] if bar in TARGETS else n for bar, n in enumerate(old)] + end)
    before = parse_midi(midi_bytes(before))  # as a file can say it
    new = {bar: Bar(notes) for bar, notes in zip(sorted(TARGETS), written, strict=True)}
    held = HeldKeys(before.tracks[0], TARGETS, RESOLUTION)
    fitted = {index: held.fitted(index, bar) for index, bar in new.items()}
    after = as_saved(with_bars(before, 0, fitted))
    for bar, rows in enumerate(as_saved(before)):
        if bar not in TARGETS:
            assert after[bar] == rows
    for bar in TARGETS:
        assert [row[:3] for row in after[bar]] == sorted(
            (n.pitch, n.velocity, n.onset_ticks) for n in new[bar].notes
        )


def test_only_what_must_is_cut_or_held() -> None:
    track = piece([[Note(60, 80, 0, BAR + 10)], [], [Note(60, 80, 0, 10), Note(61, 80, 0, 5)]])
    new = Bar([Note(60, 80, 5, 2), Note(60, 80, 20, 100), Note(61, 80, 20, 30), Note(62, 1, 0, 99)])
    bar = HeldKeys(track.tracks[0], {1}, RESOLUTION).fitted(1, new)
    assert [n.duration_ticks for n in bar.notes] == [5, BAR - 20, 30, 99]
