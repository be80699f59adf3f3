"""midigpt 0.4.2 to the letter, where Descant does otherwise: for comparing them token by token.

A replayed session measures levels on whole tracks at the resolution the score happens to have,
labels the bars of a window with the levels of the first bars of the piece, requantises everything a
window touched, and empties hidden bars.  Nothing but the comparison should want this.
Source: spec/generation.md 5.3, 7.2, 8 and 10.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from descant.generation.checks import Rows
from descant.generation.piece import Piece, bar_key, is_full_ar
from descant.generation.prompt import Prompt
from descant.native import from_core, to_core
from descant.plan import Cell, Step
from descant.request import TrackPrompt
from descant.score import Bar, Score, Track
from descant.tokens import Codec

if TYPE_CHECKING:
    from descant.native import CoreScore

SKIP_GAP = 1
"""Positions that mode "attention_skip" leaves unused before the first generated token."""

FORCED_ATTRIBUTES = frozenset(
    (
        "note_density",
        "onset_polyphony",
        "pitch_range",
        "key_signature",
        "note_duration_dist",
        "silence_proportion",
        "pitch_class_set",
        "min_note_duration",
        "max_note_duration",
        "min_polyphony",
        "max_polyphony",
    )
)
"""Levels that a track written from its beginning is held to; others are ignored."""


class ReplayPiece(Piece):
    """A piece whose working copy goes through upstream's grids after every step."""

    def __init__(self, score: Score, tracks: Sequence[int], codec: Codec) -> None:
        super().__init__(score, tracks, codec)
        self._input = score
        self._working = replace(score, tracks=tuple(score.tracks[track] for track in tracks))

    def track(self, track: int) -> Track:
        return self._working.tracks[track]

    def bars_of(
        self, track: int, rows: Mapping[int, Rows], replaced: Collection[int]
    ) -> dict[int, Bar]:
        own = self.score.tracks[self.tracks[track]].bars
        return {bar: self._bar(own[bar], notes) for bar, notes in rows.items()}

    def window(
        self,
        step: Step,
        order: Sequence[int],
        prompts: Sequence[TrackPrompt],
        hidden: Collection[Cell],
    ) -> CoreScore:
        measured = to_core(self._working)
        self.codec.annotate(measured)
        window = self.grid.windowed(tracks=list(order), first_bar=step.start_bar, bars=step.bars)
        for track, bar in hidden:
            window.set_future(track=order.index(track), bar=bar - step.start_bar, future=True)
        for place, track in enumerate(order):
            levels = dict(self._working.tracks[track].attributes)
            if not is_full_ar(prompts[track]):
                levels |= measured.attributes[track]
                levels |= self._asked(prompts[track])
            window.set_attributes(track=place, attributes=levels)
        return window

    def _asked(self, prompt: TrackPrompt) -> dict[str, int]:
        """Wishes for bar b of the piece, which the encoder takes for bar b of the window."""
        keys = {spec.name: spec for spec in self.codec.vocabulary.attributes}
        by_bar = {
            bar_key(keys[name], bar): level
            for bar, levels in prompt.bar_attributes.items()
            for name, level in levels.items()
        }
        return {**prompt.attributes, **by_bar}

    def accept(self, prompt: Prompt, tokens: Sequence[int], bars: Mapping[Cell, Rows]) -> None:
        self._working = self._merged(prompt, tokens)
        self.grid = self.codec.on_model_grid(self._working)
        tracks = list(self._rescaled(self._input).tracks)
        for track, place in enumerate(self.tracks):
            tracks[place] = self._working.tracks[track]
        resolution = self.codec.config.decode_resolution
        self.score = replace(self._input, tracks=tuple(tracks), resolution=resolution)

    def is_copy(
        self,
        prompt: Prompt,
        tokens: Sequence[int],
        bars: Mapping[Cell, Rows],
        wanted: Collection[Cell],
        threshold: float,
    ) -> bool:
        """Compares onsets as stored, whatever the two resolutions are."""
        after = self._merged(prompt, tokens)
        if threshold >= 1.0:
            return all(
                _pitches_and_onsets(self._working, [cell]) == _pitches_and_onsets(after, [cell])
                for cell in wanted
            )
        old = _pitches_and_onsets(self._working, prompt.step.targets)
        new = _pitches_and_onsets(after, prompt.step.targets)
        together = (old | new).total()
        return ((old & new).total() / together if together else 1.0) >= threshold

    def _merged(self, prompt: Prompt, tokens: Sequence[int]) -> Score:
        step = prompt.step
        ids = np.concatenate([prompt.ids, np.array(tokens, dtype=np.int32)])
        decoded = from_core(self.codec.decode_on_grid(ids))
        grid = self.codec.normalize_input(self._working)
        window = {track: place for place, track in enumerate(prompt.order)}
        tracks = []
        for track, old in enumerate(grid.tracks):
            new = decoded.tracks[window[track]]
            bars = (*old.bars[: step.start_bar], *new.bars, *old.bars[step.end_bar :])
            tracks.append(replace(new, bars=bars))
        merged = self._rescaled(replace(grid, tracks=tuple(tracks)))
        return self._repaired(merged, step)

    def _repaired(self, merged: Score, step: Step) -> Score:
        """Bars that came back short, and history that an autoregressive step rewrote."""
        before = self._rescaled(self._working)
        tracks = [
            self._padded(track, before.tracks[index], step)
            for index, track in enumerate(merged.tracks)
        ]
        if step.autoregressive:
            written = step.targets[0][0]
            wanted = {bar for _, bar in step.targets}
            bars = list(tracks[written].bars)
            for bar in range(step.start_bar, step.end_bar):
                if bar not in wanted:
                    bars[bar] = before.tracks[written].bars[bar]
            tracks[written] = replace(tracks[written], bars=tuple(bars))
        return replace(merged, tracks=tuple(tracks))

    def _padded(self, track: Track, before: Track, step: Step) -> Track:
        missing = len(before.bars) - len(track.bars)
        if missing <= 0:
            return track
        end = step.end_bar - missing
        empty = [
            Bar(ts_numerator=bar.ts_numerator, ts_denominator=bar.ts_denominator)
            for bar in before.bars[end : step.end_bar]
        ]
        return replace(track, bars=(*track.bars[:end], *empty, *track.bars[end:]))

    def _rescaled(self, score: Score) -> Score:
        """To the output grid by way of the model grid, as upstream goes."""
        if score.resolution == self.codec.config.decode_resolution:
            return score
        return self.codec.normalize_output(self.codec.normalize_input(score))


def _pitches_and_onsets(score: Score, cells: Collection[Cell]) -> Counter[tuple[Cell, int, int]]:
    return Counter(
        (cell, note.pitch, note.onset_ticks)
        for cell in cells
        if cell[1] < len(score.tracks[cell[0]].bars)
        for note in score.tracks[cell[0]].bars[cell[1]].notes
    )
