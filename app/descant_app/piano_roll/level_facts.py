"""What a lane shows: wishes painted, levels measured, and which bars the model was asked for."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from descant_app.compose.composer import Composer, Measured
from descant_app.document.composition import Composition, TrackId
from descant_app.document.takes import KEPT
from descant_app.piano_roll.lane_spec import LaneSpec, family_of, lane_specs
from descant_app.piano_roll.level_stroke import Wish, wish_at
from descant_app.piano_roll.roll import Roll


class LevelFacts(QObject):
    """The current track as all lanes see it; `changed` when they should be drawn again."""

    changed = Signal()

    def __init__(self, roll: Roll, composer: Composer, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.roll, self.composer = roll, composer
        self.document = roll.document
        self._written: set[int] | None = None
        self._targets: set[int] | None = None
        self._levels: Measured | None = None
        self._family: str | None = None
        document = self.document
        for signal in (
            document.changed,
            document.selection.bars_changed,
            document.selection.track_changed,
            document.takes.changed,
            roll.shown_take.changed,
            composer.model_changed,
            composer.outlook_changed,
            composer.measured_changed,
        ):
            signal.connect(self._renew)

    def _renew(self, _: object = None) -> None:
        self._written = self._targets = self._levels = self._family = None
        self.changed.emit()

    # -- the track and its lanes -------------------------------------------------------------------

    @property
    def track(self) -> TrackId:
        return self.document.selection.track

    @property
    def specs(self) -> list[LaneSpec]:
        """Lanes of the current track; none without a model or a track."""
        model, index = self.composer.model, self.document.current
        if model is None or index is None:
            return []
        return lane_specs(model.lanes, self.document.score.tracks[index].is_drum)

    @property
    def family(self) -> str:
        """Whose level names the current track uses."""
        index = self.document.current
        assert index is not None, "lanes are shown for a track only"
        if self._family is None:
            track = self.document.score.tracks[index]
            self._family = family_of(track, self.document.flat(index))
        return self._family

    # -- wishes and facts --------------------------------------------------------------------------

    @property
    def composition(self) -> Composition:
        """What is asked, with what is being painted."""
        return self.composer.wishes

    def wish(self, spec: LaneSpec, bar: int | None) -> Wish:
        """What is painted for a bar of the current track; None for all its other bars."""
        return wish_at(self.composition, spec, self.track, bar)

    def measured(self, spec: LaneSpec, bar: int | None) -> Wish:
        """The level of the notes shown in a bar; None where it is not known."""
        if self._levels is None:
            self._levels = self.composer.measured(self.track) or {}
        return tuple(_of_bar(self._levels.get(name, ()), bar) for name in spec.names)

    def painted(self, spec: LaneSpec) -> set[int]:
        """Bars of the current track with a level of their own."""
        levels = self.composition.levels
        curves = [levels.get((self.track, name), {}) for name in spec.names]
        return {bar for curve in curves for bar in curve if bar is not None}

    @property
    def targets(self) -> set[int]:
        """Bars of the current track that a press of the button would write."""
        if self._targets is None:
            here = self.track
            self._targets = {bar for track, bar in self.document.selection.bars if track == here}
        return self._targets

    @property
    def written(self) -> set[int]:
        """Bars of the current track that show what the model wrote."""
        if self._written is None:
            self._written = self._find_written()
        return self._written

    def _find_written(self) -> set[int]:
        document, index = self.document, self.document.current
        if index is None:
            return set()
        bars, track = document.score.tracks[index].bars, self.track
        kept = {
            bar
            for take in document.takes.takes.values()
            if take.state == KEPT
            for (of, bar), value in take.bars.items()
            if of == track and bar < len(bars) and bars[bar] == value
        }
        return kept | set(self.roll.shown_take.bars(track))


def _of_bar(levels: Sequence[int | None], bar: int | None) -> int | None:
    if bar is None:
        return next((level for level in levels if level is not None), None)
    return levels[bar] if bar < len(levels) else None
