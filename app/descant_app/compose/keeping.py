"""Putting bars of takes into the piece, and knowing which of them were edited meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from descant.score.types import Bar
from descant_app.compose.words import bars_text, cells_text
from descant_app.document.bar_ids import named, numbered
from descant_app.document.composition import BarCell
from descant_app.document.piece import Piece
from descant_app.document.takes import OFFERED, Batch, Take, TakeList


def edited_since(takes: TakeList, piece: Piece, take: Take) -> frozenset[BarCell]:
    """Bars of a take where the piece holds neither what the model was asked about nor a take's."""
    batch = takes.batches[take.batch]
    asked = numbered(named(_asked_about(batch), batch.bar_ids), piece.bar_ids)
    answers: dict[BarCell, list[Bar]] = {}
    for other in takes.takes.values():
        for cell, bar in other.bars.items():
            answers.setdefault(cell, []).append(bar)
    return frozenset(
        cell
        for cell in take.bars
        if not _is_known(_now(piece, cell), asked.get(cell), answers[cell])
    )


def _is_known(now: Bar | None, asked: Bar | None, answers: Iterable[Bar]) -> bool:
    return now is None or now is asked or now == asked or now in answers


def _asked_about(batch: Batch) -> dict[BarCell, Bar]:
    """What stood in the bars of the piece when the model was asked."""
    tracks = zip(batch.tracks, batch.score.tracks, strict=True)
    bars = {(name, bar): value for name, track in tracks for bar, value in enumerate(track.bars)}
    return {**bars, **batch.under}


def _now(piece: Piece, cell: BarCell) -> Bar | None:
    index = piece.index_of(cell[0])
    return (
        None
        if index is None or cell[1] >= piece.bar_count
        else piece.score.tracks[index].bars[cell[1]]
    )


def refusal(piece: Piece, take: Take, bars: Mapping[BarCell, Bar]) -> str:
    """Why these bars cannot be put into the piece, in one sentence; "" when they can."""
    if take.violations:
        return f"This take is not what was asked for, so it cannot be kept: {take.violations[0]}"
    locked = {lane.id for lane in piece.lanes if lane.locked}
    for cell, bar in bars.items():
        now = _now(piece, cell)
        if now is None:
            return "The piece no longer has all the tracks and bars of this take."
        if cell[0] in locked:
            return f"{cells_text(piece, [cell]).capitalize()} is locked; unlock it to keep this."
        if (now.meter, now.beat_length) != (bar.meter, bar.beat_length):
            return f"The meter of {cells_text(piece, [cell])} changed since this take was made."
    if not bars and take.away:
        return "The bars of this take were deleted; undo that to keep it."
    return "" if bars else "This take has no bars to keep."


def with_kept(piece: Piece, bars: Mapping[BarCell, Bar]) -> Piece:
    """The piece with the bars in it."""
    return piece.with_bars({cell: replace(bar, future=False) for cell, bar in bars.items()})


def keep_label(number: int, bars: Mapping[BarCell, Bar]) -> str:
    """The step's name in the history."""
    return f"Keep take {number} ({bars_text(bar for _, bar in bars)})"


def merged(takes: TakeList, cells: frozenset[BarCell], source: int, target: int) -> Take:
    """A new take: `target` with these bars of `source`."""
    one, two = takes.takes[source], takes.takes[target]
    bars = {**two.bars, **{cell: bar for cell, bar in one.bars.items() if cell in cells}}
    return replace(
        two,
        id=takes.new_id(),
        bars=bars,
        state=OFFERED,
        starred=False,
        scores={},
        violations=tuple(dict.fromkeys((*two.violations, *one.violations))),
    )
