"""Edits of tracks, bars, meter and tempo: Piece in, Piece out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from descant.score.events import Event, Events, TempoChange
from descant.score.notes import NoteArray
from descant.score.types import Bar, Score, Track
from descant_app.document.bar_ids import fitted, fresh_ids
from descant_app.document.flat import (
    ONSET,
    Starts,
    bar_at,
    bar_starts,
    flatten,
    in_order,
    with_rows,
)
from descant_app.document.piece import COLOURS, NEW_PIECE_BARS, Lane, Piece, TrackId

Meter = tuple[int, int]


# -- tracks --------------------------------------------------------------------------------------


def with_new_track(piece: Piece, lane: Lane, at: int, track: Track | None = None) -> Piece:
    """A track put in at position `at`; without `track`, an empty piano with the piece's bars."""
    tracks = piece.score.tracks
    if track is None:
        bars = (
            tuple(Bar((), b.ts_numerator, b.ts_denominator, b.beat_length) for b in tracks[0].bars)
            if tracks
            else tuple(Bar() for _ in range(NEW_PIECE_BARS))
        )
        track = Track(bars=bars)
    score = replace(piece.score, tracks=(*tracks[:at], track, *tracks[at:]))
    return replace(piece, score=score, lanes=(*piece.lanes[:at], lane, *piece.lanes[at:]))


def without_tracks(piece: Piece, indices: set[int]) -> Piece:
    """The piece without some of its tracks."""
    kept = [i for i in range(len(piece.lanes)) if i not in indices]
    return reordered(piece, kept)


def reordered(piece: Piece, order: list[int]) -> Piece:
    """Tracks picked by index, in the given order."""
    score = replace(piece.score, tracks=tuple(piece.score.tracks[i] for i in order))
    lanes = tuple(piece.lanes[i] for i in order)
    wishes = piece.composition.within((lane.id for lane in lanes), piece.bar_count)
    return replace(piece, score=score, lanes=lanes, composition=wishes)


def free_colour(piece: Piece) -> int:
    """The first colour used least."""
    used = [lane.colour for lane in piece.lanes]
    return min(range(COLOURS), key=lambda c: (used.count(c), c))


def appended(piece: Piece, score: Score, next_id: int) -> Piece:
    """The tracks of another score put after this piece's, in this piece's time.

    Ticks are scaled to this piece's resolution, meters are this piece's, bars are added as needed.
    """
    scale = piece.score.resolution / score.resolution
    for number, (track, rows) in enumerate(_scaled(score, scale)):
        events = Events(Event(round(e.tick * scale), e.data) for e in track.events)
        lane = Lane(TrackId(next_id + number), free_colour(piece))
        piece = with_new_track(piece, lane, len(piece.lanes))
        blank = piece.score.tracks[-1]
        header = replace(track, bars=blank.bars, events=events, chunk=None)
        piece = piece.with_track(len(piece.lanes) - 1, header)
        piece = with_rows(piece, len(piece.lanes) - 1, None, rows)
    return piece


def merged(piece: Piece, score: Score, next_id: int) -> Piece:
    """The notes of another score laid over this piece's tracks, first over first and so on; the
    tracks there are no more places for are appended."""
    places = len(piece.lanes)
    for index, (_, rows) in enumerate(_scaled(score, piece.score.resolution / score.resolution)):
        if index < places:
            piece = with_rows(piece, index, None, rows)
    return appended(piece, replace(score, tracks=score.tracks[places:]), next_id)


def _scaled(score: Score, scale: float) -> list[tuple[Track, NoteArray]]:
    """Each track with its notes on one line of time, ticks multiplied."""
    starts = bar_starts(score)
    found = []
    for track in score.tracks:
        rows = flatten(track, starts).rows.astype(np.float64)
        rows[:, 2:4] = np.rint(rows[:, 2:4] * scale)
        rows[:, 3] = np.maximum(rows[:, 3], 1)
        found.append((track, rows.astype(np.int32)))
    return found


# -- bars ----------------------------------------------------------------------------------------


def cleared(piece: Piece, cells: dict[int, list[int]]) -> Piece:
    """Notes removed from bars, given as track index -> bar indices; time stays."""
    for index, chosen in cells.items():
        track = piece.score.tracks[index]
        gone = set(chosen)
        bars = tuple(
            bar.with_notes(()) if i in gone and len(bar.notes) else bar
            for i, bar in enumerate(track.bars)
        )
        piece = piece.with_track(index, replace(track, bars=bars))
    return piece


def with_bars_inserted(piece: Piece, at: int, count: int) -> Piece:
    """Empty bars put in before bar `at` in every track; everything after moves later."""
    score, starts = piece.score, bar_starts(piece.score)
    if not score.tracks:
        return piece
    like = score.tracks[0].bars[min(at, piece.bar_count - 1)]
    fresh = (Bar((), like.ts_numerator, like.ts_denominator),) * count
    tracks = tuple(replace(t, bars=(*t.bars[:at], *fresh, *t.bars[at:])) for t in score.tracks)
    tick, width = int(starts[at]), count * fresh[0].length_ticks(score.resolution)
    ids = piece.bar_ids
    piece = piece.with_score(_shifted(replace(score, tracks=tracks), tick, tick, width))
    return piece.with_bar_ids((*ids[:at], *fresh_ids(count), *ids[at:]))


def without_bars(piece: Piece, first: int, last: int) -> Piece:
    """Bars first..last (inclusive) cut out of every track; everything after moves earlier."""
    score, starts = piece.score, bar_starts(piece.score)
    tracks = tuple(replace(t, bars=t.bars[:first] + t.bars[last + 1 :]) for t in score.tracks)
    begin, end = int(starts[first]), int(starts[last + 1])
    ids = piece.bar_ids
    piece = piece.with_score(_shifted(replace(score, tracks=tracks), begin, end, begin - end))
    return piece.with_bar_ids(ids[:first] + ids[last + 1 :])


def excerpt(piece: Piece, tracks: list[int], first: int, last: int) -> Score:
    """Bars first..last (inclusive) of some tracks as a piece of their own, with the meters, tempi
    and controllers in force there."""
    piece = reordered(piece, tracks)
    end = int(bar_starts(piece.score)[last + 1])
    kept = tuple(
        replace(t, bars=t.bars[: last + 1], events=_before(t.events, end))
        for t in piece.score.tracks
    )
    tempi = tuple(c for c in piece.score.tempo_changes if c.tick < end)
    events = _before(piece.score.events, end)
    piece = piece.with_score(replace(piece.score, tracks=kept, tempo_changes=tempi, events=events))
    return without_bars(piece, 0, first - 1).score if first else piece.score


def _before(events: Events, end: int) -> Events:
    return Events(e for e in events if e.tick < end)


def _shifted(score: Score, begin: int, end: int, by: int) -> Score:
    """Events from `end` on moved by `by`.

    What lies in begin..end is cut: its last tempo holds from `begin`, its controllers and programs
    still count where the music goes on.
    """

    def place(tick: int) -> int:
        if tick == 0 and by > 0:
            return 0
        return tick if tick < begin else max(begin, tick + by) if tick >= end else begin

    changes: dict[int, TempoChange] = {}
    for change in score.tempo_changes:
        changes[place(change.tick)] = TempoChange(place(change.tick), change.tempo)
    tempo = score.tempo
    if 0 in changes:
        tempo = changes.pop(0).tempo
    tracks = tuple(
        replace(t, events=_placed(t.events, place)) if t.events else t for t in score.tracks
    )
    events = _placed(score.events, place)
    ordered = tuple(changes[tick] for tick in sorted(changes))
    return replace(score, tempo=tempo, tempo_changes=ordered, tracks=tracks, events=events)


def _placed(events: Events, place: Callable[[int], int]) -> Events:
    return Events(replace(e, tick=place(e.tick)) for e in events)


# -- meter and tempo -----------------------------------------------------------------------------


def with_meter(piece: Piece, bar: int, meter: Meter) -> Piece:
    """The meter from `bar` up to the next change of meter.  Notes stay at their ticks; the last bar
    before that next change is cut short when the new bars do not fill the time."""
    score, starts = piece.score, bar_starts(piece.score)
    if not score.tracks or score.tracks[0].bars[bar].meter == meter:
        return piece
    bars = score.tracks[0].bars
    stop = bar
    while stop < len(bars) and bars[stop].meter == bars[bar].meter:
        stop += 1
    span = int(starts[stop] - starts[bar])
    lengths = _division(span, meter, score.resolution, open_end=stop == len(bars))
    fresh = [Bar((), *meter, beat_length=beats) for beats in lengths]
    tracks = []
    for track in score.tracks:
        empty = [b.with_notes(()) for b in (*track.bars[:bar], *fresh, *track.bars[stop:])]
        tracks.append(replace(track, bars=_poured(flatten(track, starts).rows, empty, score)))
    ids = piece.bar_ids
    within = fitted(ids[bar:stop], len(fresh))
    piece = piece.with_score(replace(score, tracks=tuple(tracks)))
    return piece.with_bar_ids((*ids[:bar], *within, *ids[stop:]))


def _division(span: int, meter: Meter, resolution: int, open_end: bool) -> list[float | None]:
    width = Bar((), *meter).length_ticks(resolution)
    whole, rest = divmod(span, width)
    if rest and open_end:
        return [None] * (whole + 1)
    return [None] * whole + ([rest / resolution] if rest else [])


def _poured(rows: NoteArray, empty: list[Bar], score: Score) -> tuple[Bar, ...]:
    lengths = [b.length_ticks(score.resolution) for b in empty]
    starts: Starts = np.concatenate(([0], np.cumsum(lengths))).astype(np.int64)
    rows = in_order(rows)
    edges = np.searchsorted(rows[:, ONSET], starts)
    edges[-1] = len(rows)
    bars = []
    for i, bar in enumerate(empty):
        inside = rows[edges[i] : edges[i + 1]].copy()
        inside[:, ONSET] -= starts[i]
        bars.append(bar.with_notes(inside))
    return tuple(bars)


def tempo_at(score: Score, tick: int) -> int:
    """Microseconds a quarter in force at `tick`."""
    tempo = score.tempo
    for change in score.tempo_changes:
        if change.tick > tick:
            break
        tempo = change.tempo
    return tempo


def with_tempo(piece: Piece, tick: int, tempo: int) -> Piece:
    """The tempo in force at `tick` set to another: the change that made it, or the first tempo."""
    score = piece.score
    past = [c for c in score.tempo_changes if c.tick <= tick]
    if not past:
        return piece.with_score(replace(score, tempo=tempo))
    changes = tuple(replace(c, tempo=tempo) if c is past[-1] else c for c in score.tempo_changes)
    return piece.with_score(replace(score, tempo_changes=changes))


def with_tempo_change(piece: Piece, tick: int, tempo: int) -> Piece:
    """A change of tempo put in at `tick`, replacing one that is there."""
    score = piece.score
    if tick == 0:
        return piece.with_score(replace(score, tempo=tempo))
    others = [c for c in score.tempo_changes if c.tick != tick]
    changes = tuple(sorted([*others, TempoChange(tick, tempo)], key=lambda c: c.tick))
    return piece.with_score(replace(score, tempo_changes=changes))


def without_tempo_change(piece: Piece, tick: int) -> Piece:
    """The change of tempo at `tick` taken out."""
    score = piece.score
    return piece.with_score(
        replace(score, tempo_changes=tuple(c for c in score.tempo_changes if c.tick != tick))
    )


def meter_at(score: Score, starts: Starts, tick: int) -> Meter:
    """The meter of the bar at `tick`; 4/4 when there are no bars."""
    if not score.tracks or not score.tracks[0].bars:
        return 4, 4
    return score.tracks[0].bars[bar_at(starts, tick)].meter
