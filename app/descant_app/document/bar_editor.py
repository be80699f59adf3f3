"""What a user does to tracks, bars and the clipboard, each as one labelled step."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtGui import QGuiApplication

from descant.score.types import Score, Track
from descant_app.document import structure
from descant_app.document.clip import Clip, bars_clip, from_mime, notes_clip, notes_score, to_mime
from descant_app.document.document import Document
from descant_app.document.flat import ONSET, bar_at, bar_starts, extended, flatten, with_rows
from descant_app.document.piece import Lane, Piece
from descant_app.settings.translation import tr

TRACK_LIMIT = 512


class BarEditor:
    """Edits of whole tracks and bars, and copy and paste of bars and notes."""

    def __init__(self, document: Document) -> None:
        self.document = document

    # -- tracks ----------------------------------------------------------------------------------

    def add_track(self, drum: bool = False) -> bool:
        """An empty track below the current one, which becomes the current one."""
        document = self.document
        at = len(document.lanes) if document.current is None else document.current + 1
        lane = Lane(document.new_id(), structure.free_colour(document.piece))
        piece = structure.with_new_track(document.piece, lane, at)
        kind = "drum" if drum else "melodic"
        track = replace(
            piece.score.tracks[at],
            track_type=kind,
            name=tr("Drums") if drum else tr("Track {}").format(len(piece.lanes)),
            channel=9 if drum else None,
        )
        piece = piece.with_track(at, track)
        return document.do(tr("Add track"), piece, np.zeros((0, 6), np.int32), track=lane.id)

    def duplicate_track(self) -> bool:
        """A copy of the current track below it."""
        document = self.document
        index = document.current
        if index is None:
            return False
        lane = replace(document.lanes[index], id=document.new_id(), solo=False)
        lane = replace(lane, colour=structure.free_colour(document.piece))
        track = document.score.tracks[index]
        piece = structure.with_new_track(document.piece, lane, index + 1, track)
        return document.do(tr("Duplicate track"), piece, track=lane.id)

    def remove_track(self) -> bool:
        """The current track goes."""
        document = self.document
        index = document.current
        if index is None or self._locked(index):
            return False
        return document.do(tr("Remove track"), structure.without_tracks(document.piece, {index}))

    def move_track(self, source: int, target: int) -> bool:
        """A track to another place in the list."""
        order = list(range(len(self.document.lanes)))
        order.insert(target, order.pop(source))
        return self.document.do(tr("Move track"), structure.reordered(self.document.piece, order))

    def set_track(self, index: int, label: str, **fields: object) -> bool:
        """Name, instrument, channel or kind of a track."""
        track: Track = replace(self.document.score.tracks[index], **fields)  # type: ignore[arg-type]
        piece = self.document.piece.with_track(index, track)
        return self.document.do(label, piece, merge=f"track{index}{sorted(fields)}")

    def set_lane(self, index: int, label: str, **fields: object) -> bool:
        """Colour or lock of a track."""
        return self.document.do(label, self.document.piece.with_lane(index, **fields))

    def merge_score(self, score: Score, label: str) -> bool:
        """The notes of another piece laid over this one's tracks, in order."""
        document = self.document
        places = len(document.lanes)
        if any(self._locked(i) for i in range(min(places, len(score.tracks)))):
            return False
        first = document.new_id()
        for _ in score.tracks[places + 1 :]:
            document.new_id()
        return document.do(label, structure.merged(document.piece, score, first))

    def append_score(self, score: Score, label: str) -> bool:
        """The tracks of another piece after this one's."""
        document = self.document
        if len(document.lanes) + len(score.tracks) > TRACK_LIMIT:
            document.refuse(tr("A piece holds at most {} tracks.").format(TRACK_LIMIT))
            return False
        first = document.new_id()
        for _ in score.tracks[1:]:
            document.new_id()
        return document.do(label, structure.appended(document.piece, score, first))

    # -- bars ------------------------------------------------------------------------------------

    def chosen(self) -> dict[int, list[int]]:
        """Chosen bars as track index -> bar indices."""
        document = self.document
        found = {}
        for track, bars in document.selection.bars_by_track().items():
            index = document.piece.index_of(track)
            if index is not None:
                found[index] = bars
        return found

    def span(self) -> tuple[int, int] | None:
        """First and last chosen bar over all tracks."""
        bars = [bar for _, bar in self.document.selection.bars]
        return (min(bars), max(bars)) if bars else None

    def clear_bars(self, label: str | None = None) -> bool:
        """Notes out of the chosen bars of unlocked tracks."""
        cells = {i: b for i, b in self.chosen().items() if not self._locked(i)}
        piece = structure.cleared(self.document.piece, cells)
        return self.document.do(label or tr("Clear bars"), piece)

    def insert_bars(self) -> bool:
        """As many empty bars as are chosen (or one at the end), before them, in every track."""
        document = self.document
        span = self.span() or (document.piece.bar_count, document.piece.bar_count)
        piece = structure.with_bars_inserted(document.piece, span[0], span[1] - span[0] + 1)
        return document.do(tr("Insert bars"), piece)

    def delete_bars(self) -> bool:
        """The chosen bars cut out of the time of every track."""
        document = self.document
        span = self.span()
        if span is None:
            return False
        if any(self._locked(i) for i in range(len(document.lanes))):
            return False
        if span[1] - span[0] + 1 >= document.piece.bar_count:
            document.refuse(tr("A piece needs at least one bar."))
            return False
        return document.do(tr("Delete bars"), structure.without_bars(document.piece, *span))

    def duplicate_bars(self) -> bool:
        """The chosen bars copied over the bars after them."""
        span = self.span()
        if span is None:
            return False
        clip, tracks = self._bars_clip()
        if not self._paste_bars(clip, tracks, span[1] + 1, tr("Duplicate bars")):
            return False
        width = span[1] - span[0] + 1
        cells = self.document.selection.bars
        self.document.selection.set_bars((t, b + width) for t, b in cells)
        return True

    def set_meter(self, bar: int, numerator: int, denominator: int) -> bool:
        """The meter from a bar to the next change of meter."""
        piece = structure.with_meter(self.document.piece, bar, (numerator, denominator))
        return self.document.do(tr("Set meter {}/{}").format(numerator, denominator), piece)

    def set_tempo(self, tick: int, bpm: float) -> bool:
        """The tempo in force at a tick."""
        piece = structure.with_tempo(self.document.piece, tick, tempo_of(bpm))
        return self.document.do(tr("Set tempo"), piece, merge="tempo")

    def add_tempo_change(self, tick: int, bpm: float) -> bool:
        """Another tempo from a tick on."""
        piece = structure.with_tempo_change(self.document.piece, tick, tempo_of(bpm))
        return self.document.do(tr("Change tempo"), piece)

    def remove_tempo_change(self, tick: int) -> bool:
        """The tempo before goes on."""
        piece = structure.without_tempo_change(self.document.piece, tick)
        return self.document.do(tr("Remove tempo change"), piece)

    # -- clipboard -------------------------------------------------------------------------------

    def clip(self) -> tuple[Clip, list[int]] | None:
        """What copying would take: chosen notes first, else chosen bars, with their tracks."""
        document = self.document
        rows, index = document.selection.rows, document.current
        if len(rows) and index is not None:
            return notes_clip(rows, document.score.resolution), [index]
        return self._bars_clip() if document.selection.bars else None

    def copy(self) -> bool:
        """The choice to the clipboard, for us and as MIDI for others."""
        found = self.clip()
        if found is None:
            self.document.refuse(tr("Choose notes or bars to copy first."))
            return False
        score = self.chosen_score()
        assert score is not None
        QGuiApplication.clipboard().setMimeData(to_mime(found[0], score))
        return True

    def chosen_score(self) -> Score | None:
        """The chosen notes, else the chosen bars, as a piece of their own; None without a choice.

        Bars keep their meters, tempi and controllers; they are those from the first chosen to the
        last, of the tracks with a chosen one.
        """
        document = self.document
        rows, index = document.selection.rows, document.current
        if len(rows) and index is not None:
            tempo = structure.tempo_at(document.score, int(rows[0, ONSET]))
            clip = notes_clip(rows, document.score.resolution)
            return notes_score(clip, document.score.tracks[index], tempo)
        span = self.span()
        if span is None:
            return None
        return structure.excerpt(document.piece, sorted(self.chosen()), *span)

    def track_score(self, index: int) -> Score:
        """One track as a piece of its own."""
        return structure.excerpt(self.document.piece, [index], 0, self.document.piece.bar_count - 1)

    def paste(self, tick: int) -> bool:
        """The clipboard at a tick of the current track (bars: into chosen bars, or its bar)."""
        document = self.document
        clip = from_mime(QGuiApplication.clipboard().mimeData())
        index = document.current
        if clip is None or index is None:
            document.refuse(tr("There is no music on the clipboard."))
            return False
        clip = clip.scaled(document.score.resolution)
        if not clip.bars:
            return self._paste_notes(clip, index, tick)
        span = self.span()
        bar = span[0] if span else bar_at(document.starts, tick)
        tracks = [index + i for i in range(len(clip.parts)) if index + i < len(document.lanes)]
        return self._paste_bars(clip, tracks, bar, tr("Paste bars"))

    def _paste_notes(self, clip: Clip, index: int, tick: int) -> bool:
        if self._locked(index):
            return False
        rows = clip.parts[0].copy()
        rows[:, ONSET] += tick
        piece = with_rows(self.document.piece, index, None, rows)
        return self.document.do(tr("Paste {} notes").format(len(rows)), piece, rows)

    def _bars_clip(self) -> tuple[Clip, list[int]]:
        span = self.span()
        assert span is not None
        tracks = sorted(self.chosen())
        return bars_clip(self.document.piece, tracks, *span), tracks

    def _paste_bars(self, clip: Clip, tracks: list[int], bar: int, label: str) -> bool:
        if any(self._locked(i) for i in tracks):
            return False
        piece = _with_room(self.document.piece, bar, clip.length)
        starts = bar_starts(piece.score)
        begin, end = int(starts[bar]), int(starts[bar]) + clip.length
        for index, rows in zip(tracks, clip.parts, strict=False):
            placed = rows.copy()
            placed[:, ONSET] += begin
            flat = flatten(piece.score.tracks[index], starts).rows
            gone = (flat[:, ONSET] >= begin) & (flat[:, ONSET] < end)
            piece = with_rows(piece, index, gone, placed)
        return self.document.do(label, piece)

    def _locked(self, index: int) -> bool:
        if not self.document.lanes[index].locked:
            return False
        name = self.document.score.tracks[index].name or tr("Track {}").format(index + 1)
        self.document.refuse(tr("{} is locked. Unlock it to edit it.").format(name))
        return True


def _with_room(piece: Piece, bar: int, length: int) -> Piece:
    starts = bar_starts(piece.score)
    begin = int(starts[min(bar, len(starts) - 1)])
    return extended(piece, begin + length)


def tempo_of(bpm: float) -> int:
    """Microseconds a quarter of a tempo in quarters a minute."""
    return max(1, min(0xFFFFFF, round(60e6 / bpm)))
