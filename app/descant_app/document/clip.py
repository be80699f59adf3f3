"""A piece of music on the clipboard: notes of one track, or bars of several."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QByteArray, QMimeData

from descant.errors import DescantError
from descant.score.notes import NoteArray
from descant.score.types import Bar, Score, Track
from descant_app.document.flat import ONSET, bar_starts, flatten, with_rows
from descant_app.document.piece import Piece, piece_of

CLIP_MIME = "application/x-descant-clip"
MIDI_MIME = "audio/midi"


@dataclass(frozen=True, eq=False)
class Clip:
    """Copied music.  Onsets count from the start of the clip, ticks are of `resolution`.

    `length` is the time the clip takes.  `bars` is the number of whole bars copied, or 0 for loose
    notes; bars replace what they are pasted over, loose notes are added.
    """

    parts: tuple[NoteArray, ...]
    resolution: int
    length: int
    bars: int = 0

    def scaled(self, resolution: int) -> Clip:
        """This clip in another resolution."""
        if resolution == self.resolution:
            return self
        factor = resolution / self.resolution
        parts = []
        for rows in self.parts:
            wide = rows.astype(np.float64)
            wide[:, 2:4] = np.rint(wide[:, 2:4] * factor)
            wide[:, 3] = np.maximum(wide[:, 3], 1)
            parts.append(wide.astype(np.int32))
        return Clip(tuple(parts), resolution, round(self.length * factor), self.bars)


def notes_clip(rows: NoteArray, resolution: int) -> Clip:
    """Loose notes; the clip starts at the first onset."""
    first = int(rows[:, ONSET].min())
    out = rows.copy()
    out[:, ONSET] -= first
    length = int((out[:, 2] + out[:, 3]).max())
    return Clip((out,), resolution, length)


def bars_clip(piece: Piece, tracks: list[int], first: int, last: int) -> Clip:
    """Bars first..last (inclusive) of some tracks."""
    starts = bar_starts(piece.score)
    begin, end = int(starts[first]), int(starts[last + 1])
    parts = []
    for index in tracks:
        rows = flatten(piece.score.tracks[index], starts).rows
        inside = rows[(rows[:, ONSET] >= begin) & (rows[:, ONSET] < end)].copy()
        inside[:, ONSET] -= begin
        parts.append(inside)
    return Clip(tuple(parts), piece.score.resolution, end - begin, last - first + 1)


def notes_score(clip: Clip, like: Track, tempo: int) -> Score:
    """Loose notes as a score of its own in 4/4, its one track set up like `like`."""
    beats = max(1.0, clip.length / clip.resolution)
    bars = tuple(Bar() for _ in range(int(-(-beats // 4))))
    track = Track(bars, like.instrument, like.track_type, name=like.name, channel=like.channel)
    piece = piece_of(Score((track,), clip.resolution, tempo))
    return with_rows(piece, 0, None, clip.parts[0]).score


def to_mime(clip: Clip, score: Score) -> QMimeData:
    """The clip for other windows of ours and, as a MIDI file of `score`, for other programs."""
    from descant.midi_file import midi_bytes  # kept out of the start of the program

    form = {
        "parts": [rows.tolist() for rows in clip.parts],
        "resolution": clip.resolution,
        "length": clip.length,
        "bars": clip.bars,
    }
    mime = QMimeData()
    mime.setData(CLIP_MIME, QByteArray(json.dumps(form).encode()))
    mime.setData(MIDI_MIME, QByteArray(midi_bytes(score)))
    return mime


def from_mime(mime: QMimeData) -> Clip | None:
    """The clip on a clipboard: ours, or MIDI of another program; None when there is neither."""
    if mime.hasFormat(CLIP_MIME):
        return _from_form(bytes(mime.data(CLIP_MIME).data()))
    for name in (MIDI_MIME, "audio/x-midi", "application/x-midi"):
        if mime.hasFormat(name):
            return _from_midi(bytes(mime.data(name).data()))
    return None


def _from_form(data: bytes) -> Clip | None:
    try:
        form = json.loads(data)
        parts = tuple(np.array(p, dtype=np.int32).reshape(-1, 6) for p in form["parts"])
        return Clip(parts, int(form["resolution"]), int(form["length"]), int(form["bars"]))
    except (ValueError, KeyError, TypeError):
        return None


def _from_midi(data: bytes) -> Clip | None:
    from descant.midi_file import parse_midi

    try:
        score = parse_midi(data)
    except DescantError:
        return None
    starts = bar_starts(score)
    parts = [flatten(t, starts).rows for t in score.tracks]
    parts = [rows for rows in parts if len(rows)]
    if not parts:
        return None
    if len(parts) == 1:
        return notes_clip(parts[0], score.resolution)
    return Clip(tuple(parts), score.resolution, int(starts[-1]), len(starts) - 1)
