"""A choice of bars being made in the arrangement, by mouse or keys."""

from __future__ import annotations

from descant_app.document.composition import BarCell
from descant_app.document.document import Document

Place = tuple[int, int]
"""Index of a track, and a bar."""


class BarChoice:
    """A rectangle from where it began to where it reaches, alone, added to what was chosen before,
    or toggling it.  Locked tracks are chosen by themselves only."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.reached: Place | None = None
        self._from: Place | None = None
        self._before: frozenset[BarCell] = frozenset()
        self._toggles = self._all_tracks = False

    @property
    def has_begun(self) -> bool:
        """Whether there is a place to reach from."""
        return self._from is not None

    def begin(
        self, at: Place, extend: bool = False, toggle: bool = False, all_tracks: bool = False
    ) -> None:
        """A press: from here, or with `extend` on from where the last choice began."""
        self._toggles, self._all_tracks = toggle, all_tracks
        goes_on = extend and self._from is not None and not toggle
        keeps = (extend or toggle) and not goes_on
        self._before = self.document.selection.bars if keeps else frozenset()
        if not goes_on:
            self._from = at
        self.reach(at)

    def step(self, at: Place, extend: bool) -> None:
        """A key: this bar; `extend` keeps those from where the choice began."""
        if not extend or self._from is None:
            self._from = at if not extend else self.reached or at
            self.document.selection.set_track(self.document.lanes[at[0]].id)
        self._before, self._toggles, self._all_tracks = frozenset(), False, False
        self.reach(at)

    def reach(self, at: Place) -> None:
        """The choice goes as far as here."""
        assert self._from is not None
        self.reached = at
        lanes = self.document.lanes
        tracks = range(len(lanes)) if self._all_tracks else _between(self._from[0], at[0])
        many = len(tracks) > 1
        cells = frozenset(
            (lanes[track].id, bar)
            for track in tracks
            for bar in _between(self._from[1], at[1])
            if not (many and lanes[track].locked)
        )
        chosen = self._before ^ cells if self._toggles else self._before | cells
        self.document.selection.set_bars(chosen)


def _between(one: int, two: int) -> range:
    return range(min(one, two), max(one, two) + 1)
