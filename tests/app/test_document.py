"""The piece and its history: values there and back, merged, labelled, selected."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hands import R, small_score
from hypothesis import given, settings
from hypothesis import strategies as st

from descant.score.events import Event, Events, TempoChange
from descant.score.notes import Note
from descant.score.types import Bar, Score, Track
from descant_app.document import note_edits as edits
from descant_app.document import structure
from descant_app.document.bar_editor import BarEditor
from descant_app.document.change import difference
from descant_app.document.editor import Editor
from descant_app.document.flat import (
    DURATION,
    ONSET,
    PITCH,
    FlatTrack,
    bar_starts,
    flatten,
    in_order,
    make_rows,
    with_rows,
)
from descant_app.document.grid import GRIDS, OFF, Grid, adaptive, snap_all
from descant_app.document.piece import piece_of
from descant_app.document.scales import SCALES, Scale

rows_of = st.lists(
    st.tuples(
        st.integers(0, 127), st.integers(1, 127), st.integers(0, 20000), st.integers(1, 4000)
    ),
    min_size=1,
    max_size=30,
).map(lambda ts: np.array([(*t, 0, 64) for t in ts], dtype=np.int32))


# -- flat ----------------------------------------------------------------------------------------


def test_flat_and_back_is_the_same():
    piece = piece_of(small_score())
    rows = flatten(piece.score.tracks[0], bar_starts(piece.score)).rows
    emptied = with_rows(piece, 0, np.ones(len(rows), dtype=bool), rows[:0])
    assert sum(len(b.notes) for b in emptied.score.tracks[0].bars) == 0
    assert with_rows(emptied, 0, None, rows).score == piece.score


def test_an_edit_leaves_other_bars_the_same_objects():
    piece = piece_of(small_score())
    after = with_rows(piece, 0, None, make_rows(80, 90, 4 * R, 10))
    old, new = piece.score.tracks[0].bars, after.score.tracks[0].bars
    same = [a is b for a, b in zip(old, new, strict=True)]
    assert same == [True, False] + [True] * 6
    assert after.score.tracks[1] is piece.score.tracks[1]


def test_notes_under_a_long_one_are_found():
    piece = piece_of(Score((Track((Bar([Note(60, 90, 0, 4000), Note(64, 90, 10, 5)]),) * 1),), R))
    flat = flatten(piece.score.tracks[0], bar_starts(piece.score))
    assert flat.at(1500, 60) == 0
    assert flat.at(12, 64) == 1
    assert flat.at(1500, 64) is None
    assert flat.inside(1500, 1600, 0, 127).tolist() == [0]


@given(rows_of, st.lists(st.integers(0, 99)), rows_of)
def test_notes_are_found_again_by_their_values(rows, picked, others):
    flat = FlatTrack(in_order(rows))
    mine = [flat.rows[n % len(rows)] for n in picked if len(rows)]
    wanted = np.concatenate((np.array(mine, np.int32).reshape(-1, 6), others))
    values = set(map(tuple, wanted.tolist()))
    assert flat.mask_of(wanted).tolist() == [tuple(row) in values for row in flat.rows.tolist()]


@given(rows_of)
def test_the_span_misses_nothing(rows):
    flat = FlatTrack(in_order(rows))
    left, right = 3000, 9000
    part = set(range(*flat.span(left, right).indices(len(rows))))
    touching = np.flatnonzero((flat.rows[:, ONSET] < right) & (flat.ends > left))
    assert set(touching.tolist()) <= part


# -- history -------------------------------------------------------------------------------------


def test_an_edit_is_one_labelled_step(document):
    editor, before = Editor(document), document.score
    document.selection.set_notes(document.flat(0).rows[:12])
    assert editor.transpose(2)
    assert document.undo_stack.undoText() == "Transpose 12 notes"
    document.undo_stack.undo()
    assert document.score == before
    assert len(document.selection.rows) == 12


def test_quick_repetitions_merge_and_slow_ones_do_not(document):
    editor, now = Editor(document), [0.0]
    document.clock = lambda: now[0]
    document.selection.set_notes(document.flat(0).rows[:1])
    before = document.score
    for _ in range(5):
        now[0] += 0.1
        editor.nudge(10)
    assert document.undo_stack.count() == 1
    now[0] += 5
    editor.nudge(10)
    assert document.undo_stack.count() == 2
    document.undo_stack.undo()
    document.undo_stack.undo()
    assert document.score == before


def test_there_and_back_within_one_step_leaves_no_step(document):
    editor = Editor(document)
    document.clock = lambda: 0.0
    document.selection.set_notes(document.flat(0).rows[:1])
    piece = document.piece
    editor.transpose(1)
    changed = document.piece
    document.do("x", piece, merge="pitch1")
    assert document.undo_stack.count() == 0
    assert document.piece == piece != changed


def test_a_group_that_does_not_fit_is_refused_and_said(document, qtbot):
    document.selection.set_notes(document.flat(0).rows)
    before = document.score
    with qtbot.waitSignal(document.refused) as told:
        assert not Editor(document).transpose(100)
    assert "range of MIDI" in told.args[0]
    assert document.score == before


def test_a_locked_track_refuses(document, qtbot):
    BarEditor(document).set_lane(0, "Lock", locked=True)
    with qtbot.waitSignal(document.refused) as told:
        assert not Editor(document).add(make_rows(60, 90, 0, 10))
    assert told.args[0].startswith("Lead is locked")


EDITS = {
    "transpose": lambda e, b, n: e.transpose(n % 25 - 12),
    "scale": lambda e, b, n: e.transpose_in_scale(n % 9 - 4, Scale(n % 12, "Minor")),
    "fit": lambda e, b, n: e.fit_to_scale(Scale(n % 12, "Blues")),
    "nudge": lambda e, b, n: e.nudge(n - 500),
    "length": lambda e, b, n: e.lengthen(n - 500, 30),
    "velocity": lambda e, b, n: e.set_velocity(n % 127 + 1),
    "quantize": lambda e, b, n: e.quantize(GRIDS[n % len(GRIDS)], 0.7, 0.5, bool(n % 2)),
    "humanize": lambda e, b, n: e.humanize(20, 9, n),
    "legato": lambda e, b, n: e.legato(),
    "staccato": lambda e, b, n: e.staccato(),
    "join": lambda e, b, n: e.join(),
    "split": lambda e, b, n: e.split_at(n * 13),
    "reverse": lambda e, b, n: e.reverse(),
    "invert": lambda e, b, n: e.invert(),
    "stretch": lambda e, b, n: e.stretch(0.5 if n % 2 else 2.0),
    "duplicate": lambda e, b, n: e.duplicate(n + 1),
    "delete": lambda e, b, n: e.delete(),
    "add": lambda e, b, n: e.add(make_rows(n % 128, 90, n * 17, n + 1)),
    "add_track": lambda e, b, n: b.add_track(bool(n % 2)),
    "duplicate_track": lambda e, b, n: b.duplicate_track(),
    "remove_track": lambda e, b, n: b.remove_track(),
    "move_track": lambda e, b, n: b.move_track(0, n % max(1, len(b.document.lanes))),
    "insert_bars": lambda e, b, n: b.insert_bars(),
    "delete_bars": lambda e, b, n: b.delete_bars(),
    "clear_bars": lambda e, b, n: b.clear_bars(),
    "duplicate_bars": lambda e, b, n: b.duplicate_bars(),
    "meter": lambda e, b, n: b.set_meter(n % b.document.piece.bar_count, n % 7 + 1, 8),
    "tempo": lambda e, b, n: b.set_tempo(n, 60 + n % 200),
    "tempo_change": lambda e, b, n: b.add_tempo_change(n * 9, 60 + n % 200),
}


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(sorted(EDITS)), st.integers(0, 999)), max_size=14))
def test_any_edits_undone_are_the_start_and_redone_the_end(qapp, steps):
    from descant_app.document.document import Document

    document = Document()
    document.open_score(small_score(), None)
    editor, bars = Editor(document), BarEditor(document)
    start = document.piece
    for name, number in steps:
        index = document.current
        if index is None:
            bars.add_track()
            continue
        rows = document.flat(index).rows
        if not len(document.selection.rows):
            document.selection.set_notes(rows[number % 3 :: 3])
        cells = [(document.selection.track, number % document.piece.bar_count)]
        document.selection.set_bars(cells)
        EDITS[name](editor, bars, number)
        assert all(len(t.bars) == document.piece.bar_count for t in document.score.tracks)
    end = document.piece
    stack = document.undo_stack
    while stack.canUndo():
        stack.undo()
    assert (document.piece.score, document.piece.lanes) == (start.score, start.lanes)
    while stack.canRedo():
        stack.redo()
    assert (document.piece.score, document.piece.lanes) == (end.score, end.lanes)


def test_a_difference_holds_only_what_changed():
    piece = piece_of(small_score())
    change = difference(piece, with_rows(piece, 0, None, make_rows(80, 90, 0, 10)))
    assert list(change.bars) == [(0, 0)]
    assert change.tracks is None
    assert not change.headers


# -- notes ---------------------------------------------------------------------------------------


@given(rows_of, st.integers(-40, 40), st.integers(-500, 500))
def test_a_move_keeps_intervals_or_refuses(rows, pitch, ticks):
    moved = edits.moved(rows, ticks, pitch)
    if moved is None:
        low, high = rows[:, PITCH].min(), rows[:, PITCH].max()
        assert low + pitch < 0 or high + pitch > 127 or rows[:, ONSET].min() + ticks < 0
    else:
        assert set((moved[:, PITCH] - rows[:, PITCH]).tolist()) == {pitch}
        assert edits.moved(moved, -ticks, -pitch).tolist() == rows.tolist()


@given(rows_of, st.integers(-5000, 5000))
def test_resizing_left_never_moves_an_end(rows, by):
    new = edits.resized_left(rows, by, 30)
    assert (new[:, ONSET] + new[:, DURATION] == rows[:, ONSET] + rows[:, DURATION]).all()
    assert (new[:, DURATION] >= 1).all()
    assert (new[:, ONSET] >= 0).all()


@given(rows_of)
def test_full_quantize_lands_on_lines_and_twice_is_once(rows):
    starts = np.arange(0, 40000, 4 * R, dtype=np.int64)
    once = edits.quantized(rows, Grid(), starts, R)
    assert (once[:, ONSET] % (R // 4) == 0).all()
    assert edits.quantized(once, Grid(), starts, R).tolist() == once.tolist()
    assert (once[:, DURATION] == rows[:, DURATION]).all()


@given(rows_of, st.sampled_from(sorted(SCALES)), st.integers(0, 11), st.integers(-3, 3))
def test_scale_steps_come_back(rows, kind, root, by):
    scale = Scale(root, kind)
    pitches = scale.nearest(rows[:, PITCH])
    moved = scale.steps(pitches, by)
    if moved is not None:
        assert set((moved % 12).tolist()) <= scale.classes
        assert scale.steps(moved, -by).tolist() == pitches.tolist()


@given(rows_of, st.integers(0, 99))
def test_humanize_is_repeatable_and_stays_in_its_bar(rows, seed):
    starts = np.arange(0, 40000, 4 * R, dtype=np.int64)
    one = edits.humanized(rows, 30, 10, seed, starts)
    assert one.tolist() == edits.humanized(rows, 30, 10, seed, starts).tolist()
    assert (one[:, ONSET] // (4 * R) == rows[:, ONSET] // (4 * R)).all()


def test_legato_holds_to_the_next_onset():
    rows = np.concatenate(
        [make_rows(60, 90, 0, 10), make_rows(64, 90, 0, 10), make_rows(62, 9, 100, 5)]
    )
    assert edits.legato(rows)[:, DURATION].tolist() == [100, 100, 5]


def test_split_and_join_are_inverse():
    rows = make_rows(60, 90, 0, 100)
    parts = edits.split(rows, 30)
    assert parts[:, [ONSET, DURATION]].tolist() == [[0, 30], [30, 70]]
    assert edits.joined(parts).tolist() == rows.tolist()


# -- grid ----------------------------------------------------------------------------------------


def test_the_grid_counts_from_the_bar_and_takes_the_next_bar_as_a_line():
    starts = np.array([0, 1680, 3360])  # 7/8
    grid = Grid(GRIDS[2].step)  # quarters
    assert grid.nearest(1600, starts, R) == 1680
    assert grid.nearest(1690, starts, R) == 1680
    assert grid.floor(1679, starts, R) == 1440
    assert grid.nearest(2150, starts, R) == 2160


def test_triplets_and_dotted_have_names():
    assert [g.name for g in GRIDS[7:]] == [
        "1/4T",
        "1/8T",
        "1/16T",
        "1/32T",
        "1/4.",
        "1/8.",
        "1/16.",
    ]
    assert Grid(GRIDS[8].step).ticks(R) == 160


@given(st.lists(st.integers(0, 9000), min_size=1, max_size=20), st.sampled_from(GRIDS))
def test_snapping_many_is_snapping_each(ticks, grid):
    starts = np.array([0, 1680, 3360, 5280, 7200])
    many = snap_all(np.array(ticks), grid, starts, R).tolist()
    assert many == [grid.nearest(t, starts, R) for t in ticks]


def test_no_grid_snaps_nothing_and_the_adaptive_one_gets_finer():
    assert OFF.nearest(123.4, np.array([0, 1920]), R) == 123
    assert adaptive(20).step > adaptive(200).step


# -- structure -----------------------------------------------------------------------------------


def test_cutting_time_moves_events_and_keeps_the_tempo():
    track = Track(tuple(Bar() for _ in range(4)), events=[Event(3 * 4 * R, b"\xb0\x07\x10")])
    score = Score((track,), R, 500_000, (TempoChange(4 * R, 400_000), TempoChange(8 * R, 300_000)))
    after = structure.without_bars(piece_of(score), 1, 1).score
    assert [e.tick for e in after.tracks[0].events] == [8 * R]
    assert [(c.tick, c.tempo) for c in after.tempo_changes] == [(4 * R, 300_000)]


def test_a_meter_change_keeps_notes_at_their_ticks():
    piece = piece_of(small_score())
    before = flatten(piece.score.tracks[0], bar_starts(piece.score)).rows
    after = structure.with_meter(piece, 2, (3, 4))
    assert flatten(after.score.tracks[0], bar_starts(after.score)).rows.tolist() == before.tolist()
    assert after.score.tracks[0].bars[1].meter == (4, 4)
    assert after.score.tracks[0].bars[2].meter == (3, 4)


def test_tracks_of_another_resolution_are_scaled_in():
    other = Score((Track((Bar([Note(60, 90, 96, 48)]),), name="New"),), 96)
    after = structure.appended(piece_of(small_score()), other, 50)
    rows = flatten(after.score.tracks[3], bar_starts(after.score)).rows
    assert rows[0, [ONSET, DURATION]].tolist() == [R, R // 2]
    assert len(after.score.tracks[3].bars) == 8


def test_merging_lays_notes_over_tracks_in_order_and_appends_the_rest():
    piece = piece_of(small_score())
    new = Track((Bar([Note(90, 80, 0, 48)]),), name="New")
    after = structure.merged(piece, Score((new,) * 5, 96), 50)
    assert [t.name for t in after.score.tracks] == ["Lead", "Bass", "Drums", "New", "New"]
    for old, track in zip(piece.score.tracks, after.score.tracks, strict=False):
        assert len(track.bars[0].notes) == len(old.bars[0].notes) + 1
    assert len({lane.id for lane in after.lanes}) == 5


def test_an_excerpt_keeps_meter_tempo_and_controllers():
    piece = structure.with_meter(piece_of(small_score()), 2, (3, 4))
    piece = structure.with_tempo_change(piece, 4 * R, 400_000)
    events = Events([Event(0, b"\xb0\x07\x40"), Event(20 * R, b"\xb0\x07\x01")])
    piece = piece.with_track(1, replace(piece.score.tracks[1], events=events))
    score = structure.excerpt(piece, [1], 2, 3)
    assert [bar.meter for bar in score.tracks[0].bars] == [(3, 4), (3, 4)]
    assert (score.tempo, score.tempo_changes) == (400_000, ())
    assert [(e.tick, e.data[2]) for e in score.tracks[0].events] == [(0, 0x40)]
    whole = flatten(piece.score.tracks[1], bar_starts(piece.score)).rows
    part = flatten(score.tracks[0], bar_starts(score)).rows
    inside = whole[(whole[:, ONSET] >= 8 * R) & (whole[:, ONSET] < 14 * R)]
    assert (part[:, ONSET] + 8 * R).tolist() == inside[:, ONSET].tolist()


@pytest.mark.parametrize("count", [0, 1, 3])
def test_solo_wins_over_mute(count):
    piece = piece_of(small_score())
    for index in range(count):
        piece = piece.with_lane(index, solo=True, mute=True)
    heard = piece.heard()
    assert sum(heard) == (count or 3)
