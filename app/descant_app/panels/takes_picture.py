"""A take as a small picture: its notes over time, one band a track."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter

from descant.score.types import Bar
from descant_app.document.composition import TrackId
from descant_app.document.document import Document
from descant_app.document.flat import DURATION, ONSET, PITCH
from descant_app.document.takes import Batch, Take
from descant_app.settings.theme import faded, themes

GAP_PX = 2


def paint_take(
    painter: QPainter, box: QRectF, take: Take, batch: Batch, document: Document
) -> None:
    """Draw the bars of a take beside one another; a bar not written yet stays empty."""
    cells = batch.targets
    take = take.placed(document.piece.bar_ids, batch.bar_ids)
    bars = sorted({bar for _, bar in cells})
    tracks = list(dict.fromkeys(track for track, _ in cells))
    if not bars or not tracks:
        return
    height = (box.height() - GAP_PX * (len(tracks) - 1)) / len(tracks)
    width = (box.width() - GAP_PX * (len(bars) - 1)) / len(bars)
    for row, track in enumerate(tracks):
        low, high = _range(take, track)
        colour = _colour(document, track)
        for column, bar in enumerate(bars):
            place = QRectF(
                box.left() + column * (width + GAP_PX), box.top() + row * (height + GAP_PX),
                width, height,
            )  # fmt: skip
            if (track, bar) not in cells:
                continue
            written = take.bars.get((track, bar))
            painter.fillRect(place, faded(colour, 0.16 if written else 0.06))
            if written is not None:
                ticks = written.length_ticks(document.score.resolution)
                _notes(painter, place, written, ticks, low, high, colour)


def _notes(
    painter: QPainter, place: QRectF, bar: Bar, ticks: int, low: int, high: int, colour: QColor
) -> None:
    thick = max(1.5, min(3.0, place.height() / 9))
    room = place.height() - thick - 3
    for row in bar.notes.array:
        x = place.left() + place.width() * min(1.0, int(row[ONSET]) / ticks)
        right = place.left() + place.width() * min(
            1.0, (int(row[ONSET]) + int(row[DURATION])) / ticks
        )
        y = place.top() + 1.5 + room * (high - int(row[PITCH])) / max(1, high - low)
        painter.fillRect(QRectF(x, y, max(1.5, right - x - 0.5), thick), colour)


def _range(take: Take, track: TrackId) -> tuple[int, int]:
    pitches = [
        int(pitch)
        for (of, _), bar in take.bars.items()
        if of == track
        for pitch in bar.notes.array[:, PITCH]
    ]
    if not pitches:
        return 48, 72
    low, high = min(pitches), max(pitches)
    spare = max(0, 7 - (high - low)) // 2
    return low - spare, high + spare


def _colour(document: Document, track: TrackId) -> QColor:
    index = document.piece.index_of(track)
    theme = themes.now
    return theme.track(document.lanes[index].colour) if index is not None else theme["faint"]
