"""The music of a session, twice: as the caller keeps it, and on the model grid for the core.

A session writes bars into both.  Bars that were not asked for are never touched, so they come back
exactly as they were; the core's copy is changed bar by bar, so that the cost of a step does not
depend on the length of the piece.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from statistics import median_low
from typing import TYPE_CHECKING

import numpy as np

from descant.generation.checks import Rows, is_copy
from descant.plan import Cell, Step
from descant.request import TrackPrompt
from descant.score import Bar, Notes, Score, Track
from descant.score.edits import with_bars
from descant.score.struck_keys import HeldKeys
from descant.score.types import DEFAULT_RELEASE
from descant.tokens import Codec

if TYPE_CHECKING:
    from descant.generation.prompt import Prompt
    from descant.native import AttributeSpec, CoreScore

Attributes = dict[str, int]
_NO_NOTES = np.zeros((0, 5), dtype=np.int32)


class Piece:
    """A score and the tracks of it that a session works on, numbered from 0 in session order."""

    def __init__(self, score: Score, tracks: Sequence[int], codec: Codec) -> None:
        self.score = score
        self.tracks = tuple(tracks)
        self.codec = codec
        chosen = replace(score, tracks=tuple(score.tracks[track] for track in tracks))
        self.grid: CoreScore = codec.on_model_grid(chosen)
        self._held_in = score
        self._held: dict[tuple[int, frozenset[int]], HeldKeys] = {}
        self.meters = frozenset(bar.meter for track in chosen.tracks for bar in track.bars)

    def track(self, track: int) -> Track:
        """The caller's track behind a session track."""
        return self.score.tracks[self.tracks[track]]

    @property
    def bar_count(self) -> int:
        return len(self.score.tracks[0].bars)

    def rows(self, cells: Iterable[Cell]) -> dict[Cell, Rows]:
        """Notes of the cells on the model grid."""
        return {cell: self.grid.bar(track=cell[0], bar=cell[1]) for cell in cells}

    def window(
        self,
        step: Step,
        order: Sequence[int],
        prompts: Sequence[TrackPrompt],
        hidden: Collection[Cell],
    ) -> CoreScore:
        """The bars a step sees, with the levels to be written into its prompt.

        Hidden bars are emptied before anything is measured, so that nothing of them can reach the
        model by way of a level.
        """
        window = self.grid.windowed(tracks=list(order), first_bar=step.start_bar, bars=step.bars)
        for track, bar in hidden:
            cell = {"track": order.index(track), "bar": bar - step.start_bar}
            window.set_bar(**cell, notes=_NO_NOTES)
            window.set_future(**cell, future=True)
        self.codec.annotate(window)
        for place, measured in enumerate(window.attributes):
            levels = self._levels(step, order[place], prompts[order[place]], measured, hidden)
            window.set_attributes(track=place, attributes=levels)
        return window

    def _levels(
        self,
        step: Step,
        track: int,
        prompt: TrackPrompt,
        measured: Attributes,
        hidden: Collection[Cell],
    ) -> Attributes:
        if is_full_ar(prompt):
            return dict(prompt.attributes)
        targets = {bar for cell_track, bar in step.targets if cell_track == track}
        if targets and self.codec.config.levels_may_be_absent:
            measured = {name: level for name, level in measured.items() if name.startswith("bar_")}
        levels = {**measured, **prompt.attributes}
        own_hidden = {bar for cell_track, bar in hidden if cell_track == track}
        is_drum = self.track(track).is_drum
        for spec in self.codec.vocabulary.attributes if targets or own_hidden else ():
            if spec.per_bar and (spec.drum if is_drum else spec.melodic):
                for bar in own_hidden:
                    levels.pop(bar_key(spec, bar - step.start_bar), None)
                for bar in sorted(targets):
                    self._set_target_level(levels, spec, step, track, bar, prompt, targets)
        return levels

    def _set_target_level(
        self,
        levels: Attributes,
        spec: AttributeSpec,
        step: Step,
        track: int,
        bar: int,
        prompt: TrackPrompt,
        targets: Collection[int],
    ) -> None:
        """What the prompt says of a bar to be written: the wish; else what the encoder expects.

        An encoder that may leave levels out gets none, and of the track wishes only.  One that
        always has them gets the level of the notes being replaced, or, where there are none, that
        of the bars around: the level of an empty bar would ask for silence.
        """
        key = bar_key(spec, bar - step.start_bar)
        wish = prompt.bar_attributes.get(bar, {}).get(spec.name)
        if wish is not None:
            levels[key] = wish
        elif self.codec.config.levels_may_be_absent:
            levels.pop(key, None)
        elif not len(self.grid.bar(track=track, bar=bar)):
            around = [
                levels[bar_key(spec, other - step.start_bar)]
                for other in range(step.start_bar, step.end_bar)
                if other not in targets
                and bar_key(spec, other - step.start_bar) in levels
                and len(self.grid.bar(track=track, bar=other))
            ]
            if around:
                levels[key] = median_low(around)

    def with_written(self, bars: Mapping[Cell, Rows]) -> Score:
        """The caller's score with other notes in the cells; rows are on the model grid."""
        score = self.score
        for track in {track for track, _ in bars}:
            new = {bar: rows for (t, bar), rows in bars.items() if t == track}
            score = with_bars(score, self.tracks[track], self.bars_of(track, new, set(new)))
        return score

    def bars_of(
        self, track: int, rows: Mapping[int, Rows], replaced: Collection[int]
    ) -> dict[int, Bar]:
        """Bars of a session track as the caller will have them, from rows on the model grid.

        No note of them changes, once saved, one outside the bars that are `replaced`.
        """
        old, held = self.track(track).bars, self._held_keys(track, frozenset(replaced))
        return {bar: held.fitted(bar, self._bar(old[bar], new)) for bar, new in rows.items()}

    def _held_keys(self, track: int, replaced: frozenset[int]) -> HeldKeys:
        """Kept until the music changes: every bar of every take of a step asks for the same."""
        if self._held_in is not self.score:
            self._held_in, self._held = self.score, {}
        if (track, replaced) not in self._held:
            held = HeldKeys(self.track(track), replaced, self.score.resolution)
            self._held[track, replaced] = held
        return self._held[track, replaced]

    def accept(self, prompt: Prompt, tokens: Sequence[int], bars: Mapping[Cell, Rows]) -> None:
        """Keep what a step wrote: later steps read it."""
        for (track, bar), rows in bars.items():
            self.grid.set_bar(track=track, bar=bar, notes=rows)
        self.score = self.with_written(bars)

    def is_copy(
        self,
        prompt: Prompt,
        tokens: Sequence[int],
        bars: Mapping[Cell, Rows],
        wanted: Collection[Cell],
        threshold: float,
    ) -> bool:
        """Whether the bars a step wrote are too much like those that stood there."""
        return is_copy(self.rows(prompt.step.targets), bars, threshold)

    def _bar(self, old: Bar, rows: Rows) -> Bar:
        return replace(
            old,
            notes=scaled_notes(rows, self.codec.config.resolution, self.score.resolution),
            future=False,
        )


def bar_key(spec: AttributeSpec, bar: int) -> str:
    """The name a track keeps the level of one bar under."""
    return f"bar_{spec.token_type}_{bar}"


def is_full_ar(prompt: TrackPrompt) -> bool:
    """Whether the whole track is written from its first bar on."""
    return prompt.autoregressive and 0 in prompt.bars


def scaled_notes(rows: Rows, source: int, target: int) -> Notes:
    """Notes (n, 5) on another grid: exact where the grids divide, else rounded up.

    Rounding up, because going back to the model grid rounds down and so finds the same notes.
    """
    onset = rows[:, 2].astype(np.int64) * source + rows[:, 4]  # in 1/source of a tick
    start, rest = np.divmod(onset * target, source * source)
    start += (rest > 0) & (rows[:, 4] == 0)
    notes = np.empty((len(rows), 6), dtype=np.int32)
    notes[:, :2] = rows[:, :2]
    notes[:, 2] = np.maximum(start, 0)
    notes[:, 3] = np.maximum(1, -(-rows[:, 3].astype(np.int64) * target // source))
    notes[:, 4] = np.where(rows[:, 4] != 0, np.rint(rest * target / (source * source)), 0)
    notes[:, 5] = DEFAULT_RELEASE
    return Notes(notes)
