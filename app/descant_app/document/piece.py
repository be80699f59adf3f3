"""The value that is edited: a Score and, beside each track, what the window knows about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from descant.score.types import Bar, Score, Track
from descant_app.document.bar_ids import BarIds, first_ids, fitted
from descant_app.document.composition import BarCell, Composition, TrackId

COLOURS = 12
"""Track colours are indices into the theme's palette of this many hues."""

NEW_PIECE_BARS = 16


@dataclass(frozen=True)
class Lane:
    """What the window keeps about a track besides its music."""

    id: TrackId
    colour: int = 0
    mute: bool = False
    solo: bool = False
    visible: bool = True
    locked: bool = False


@dataclass(frozen=True)
class Piece:
    """A score with one lane to each of its tracks, in the same order, what is asked of the model,
    and the names of its bars.

    While a piece is put together bars at its end may lack names; `settled` gives them some.
    """

    score: Score
    lanes: tuple[Lane, ...]
    composition: Composition = field(default_factory=Composition)
    bar_ids: BarIds = ()

    def __post_init__(self) -> None:
        assert len(self.lanes) == len(self.score.tracks), "one lane to a track"

    @property
    def bar_count(self) -> int:
        return len(self.score.tracks[0].bars) if self.score.tracks else 0

    def index_of(self, track: TrackId) -> int | None:
        """Where the track stands in the list; None when it is gone."""
        for index, lane in enumerate(self.lanes):
            if lane.id == track:
                return index
        return None

    def with_track(self, index: int, track: Track) -> Piece:
        """This piece with another track at `index`, its lane unchanged."""
        tracks = self.score.tracks
        score = replace(self.score, tracks=(*tracks[:index], track, *tracks[index + 1 :]))
        return replace(self, score=score)

    def with_bars(self, bars: Mapping[BarCell, Bar]) -> Piece:
        """This piece with other bars; those of tracks or places that are gone are left out."""
        tracks = list(self.score.tracks)
        changed: dict[int, dict[int, Bar]] = {}
        for (track, bar), value in bars.items():
            index = self.index_of(track)
            if index is not None and bar < self.bar_count:
                changed.setdefault(index, {})[bar] = value
        for index, others in changed.items():
            old = tracks[index].bars
            new = tuple(others.get(number, bar) for number, bar in enumerate(old))
            tracks[index] = replace(tracks[index], bars=new)
        return replace(self, score=replace(self.score, tracks=tuple(tracks))) if changed else self

    def with_lane(self, index: int, **fields: object) -> Piece:
        """This piece with fields of one lane changed."""
        lane = replace(self.lanes[index], **fields)  # type: ignore[arg-type]
        return replace(self, lanes=(*self.lanes[:index], lane, *self.lanes[index + 1 :]))

    def with_score(self, score: Score) -> Piece:
        """Another score with the same number of tracks."""
        return replace(self, score=score)

    def with_composition(self, composition: Composition) -> Piece:
        """Other wishes for the same notes."""
        return replace(self, composition=composition)

    def with_bar_ids(self, ids: BarIds) -> Piece:
        """Bars came, went or moved: the names of those there are now.  Wishes move with them."""
        places = {name: number for number, name in enumerate(ids)}
        moves = {number: places.get(name) for number, name in enumerate(self.bar_ids)}
        return replace(self, bar_ids=ids, composition=self.composition.moved(moves.get))

    def settled(self) -> Piece:
        """This piece with a name for each bar."""
        ids = fitted(self.bar_ids, self.bar_count)
        return self if ids is self.bar_ids else replace(self, bar_ids=ids)

    def heard(self) -> tuple[bool, ...]:
        """For each track, whether it sounds: solo wins over mute."""
        any_solo = any(lane.solo for lane in self.lanes)
        return tuple(lane.solo if any_solo else not lane.mute for lane in self.lanes)


def piece_of(score: Score, first_id: int = 1) -> Piece:
    """A piece around a score just read: colours in turn, nothing muted."""
    lanes = tuple(Lane(TrackId(first_id + i), colour=i % COLOURS) for i in range(len(score.tracks)))
    return Piece(score, lanes, bar_ids=first_ids(len(score.tracks[0].bars) if lanes else 0))


def new_piece() -> Piece:
    """The empty piece: one piano track of sixteen bars in 4/4."""
    bars = tuple(Bar() for _ in range(NEW_PIECE_BARS))
    return piece_of(Score(tracks=(Track(bars=bars, name="Piano"),)))
