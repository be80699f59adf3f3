"""What differs between two pieces, kept as the values on both sides.

Scores share everything an edit did not touch, so the difference is found by identity and holds
only the bars, tracks and fields that changed; undoing thousands of edits costs their notes, not
thousands of pieces.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from descant.score.types import Bar, Score, Track
from descant_app.document.bar_ids import BarIds
from descant_app.document.composition import Composition
from descant_app.document.piece import Lane, Piece

Cell = tuple[int, int]
"""Track index and bar index."""


@dataclass(frozen=True)
class Kinds:
    """What sort of thing changed, so that each view can decide whether it cares."""

    notes: frozenset[int] = frozenset()
    """Indices of tracks whose notes changed."""
    tracks: bool = False
    """A track's name, instrument, channel, kind or events changed."""
    lanes: bool = False
    """Colours, mute, solo, visibility or locks changed."""
    time: bool = False
    """Tempo, meters, markers or the number of bars changed."""
    order: bool = False
    """Tracks came, went or moved; indices mean other tracks now."""
    composition: bool = False
    """Roles, painted levels or settings of generation changed."""

    @property
    def everything(self) -> bool:
        return self.order or self.time

    def __or__(self, other: Kinds) -> Kinds:
        return Kinds(
            self.notes | other.notes,
            self.tracks or other.tracks,
            self.lanes or other.lanes,
            self.time or other.time,
            self.order or other.order,
            self.composition or other.composition,
        )


ALL_KINDS = Kinds(tracks=True, lanes=True, time=True, order=True, composition=True)


@dataclass(frozen=True)
class PieceChange:
    """The difference between two pieces; `forward` and `backward` take one to the other.

    Either `bars` and `headers` hold single values before and after, or (when tracks came, went or
    the number of bars changed) `tracks` holds the two lists.
    """

    lanes: tuple[tuple[Lane, ...], tuple[Lane, ...]] | None = None
    tracks: tuple[tuple[Track, ...], tuple[Track, ...]] | None = None
    bars: dict[Cell, tuple[Bar, Bar]] = field(default_factory=dict)
    headers: dict[int, tuple[Track, Track]] = field(default_factory=dict)
    conductor: tuple[dict[str, object], dict[str, object]] | None = None
    composition: tuple[Composition, Composition] | None = None
    bar_ids: tuple[BarIds, BarIds] | None = None

    @property
    def is_empty(self) -> bool:
        return self == PieceChange()

    def forward(self, piece: Piece) -> Piece:
        """The piece after the change, given the piece before it."""
        return self._apply(piece, 1)

    def backward(self, piece: Piece) -> Piece:
        """The piece before the change, given the piece after it."""
        return self._apply(piece, 0)

    def kinds(self) -> Kinds:
        """What sort of thing this changes."""
        order = self.lanes is not None and [x.id for x in self.lanes[0]] != [
            x.id for x in self.lanes[1]
        ]
        meters = any(
            a.beat_length != b.beat_length or a.meter != b.meter for a, b in self.bars.values()
        )
        return Kinds(
            notes=frozenset(track for track, _ in self.bars),
            tracks=bool(self.headers) or self.tracks is not None,
            lanes=self.lanes is not None,
            time=meters or any((self.conductor, self.tracks, self.bar_ids)),
            order=order,
            composition=self.composition is not None,
        )

    def _apply(self, piece: Piece, side: int) -> Piece:
        tracks = list(piece.score.tracks if self.tracks is None else self.tracks[side])
        for index, pair in self.headers.items():
            tracks[index] = replace(pair[side], bars=tracks[index].bars)
        for index in {track for track, _ in self.bars}:
            bars = list(tracks[index].bars)
            for (track, bar), values in self.bars.items():
                if track == index:
                    bars[bar] = values[side]
            tracks[index] = replace(tracks[index], bars=tuple(bars))
        other = self.conductor[side] if self.conductor else {}
        score = replace(piece.score, tracks=tuple(tracks), **other)  # type: ignore[arg-type]
        lanes = self.lanes[side] if self.lanes else piece.lanes
        wishes = self.composition[side] if self.composition else piece.composition
        ids = self.bar_ids[side] if self.bar_ids else piece.bar_ids
        return Piece(score, lanes, wishes, ids)


CONDUCTOR = tuple(f.name for f in fields(Score) if f.name != "tracks")
HEADER = tuple(f.name for f in fields(Track) if f.name != "bars")


def difference(before: Piece, after: Piece) -> PieceChange:
    """The change that leads from one piece to the other."""
    lanes = None if before.lanes == after.lanes else (before.lanes, after.lanes)
    old, new = before.score, after.score
    names = [n for n in CONDUCTOR if _differ(old, new, n)]
    changed = ({n: getattr(old, n) for n in names}, {n: getattr(new, n) for n in names})
    conductor = changed if names else None
    same = before.composition == after.composition
    composition = None if same else (before.composition, after.composition)
    named = before.bar_ids == after.bar_ids
    bar_ids = None if named else (before.bar_ids, after.bar_ids)
    if [x.id for x in before.lanes] != [x.id for x in after.lanes] or (
        before.bar_count != after.bar_count
    ):
        return PieceChange(
            lanes,
            tracks=(old.tracks, new.tracks),
            conductor=conductor,
            composition=composition,
            bar_ids=bar_ids,
        )
    bars: dict[Cell, tuple[Bar, Bar]] = {}
    headers: dict[int, tuple[Track, Track]] = {}
    for index, (a, b) in enumerate(zip(old.tracks, new.tracks, strict=True)):
        if a is b:
            continue
        if any(_differ(a, b, n) for n in HEADER):
            headers[index] = (replace(a, bars=()), replace(b, bars=()))
        pairs = enumerate(zip(a.bars, b.bars, strict=True))
        bars.update({(index, i): (x, y) for i, (x, y) in pairs if x is not y and x != y})
    return PieceChange(lanes, None, bars, headers, conductor, composition, bar_ids)


def _differ(a: object, b: object, name: str) -> bool:
    x, y = getattr(a, name), getattr(b, name)
    return x is not y and x != y
