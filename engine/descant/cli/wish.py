"""From command-line options to a request: what to write, what to hide, how."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from descant.cli.numbers import Level, bars_from
from descant.defaults import NATURAL_TOP_P
from descant.errors import RequestValidationError
from descant.request import Abilities, GenerationRequest, InferenceConfig, TrackPrompt
from descant.score import Score

SHORT_NAMES = {
    "density": ("note_density", "bar_note_density"),
    "polyphony": ("max_polyphony", "bar_max_polyphony"),
    "min_polyphony": ("min_polyphony", "bar_min_polyphony"),
    "max_polyphony": ("max_polyphony", "bar_max_polyphony"),
    "length": ("max_note_duration", "bar_max_note_duration"),
    "min_length": ("min_note_duration", "bar_min_note_duration"),
    "max_length": ("max_note_duration", "bar_max_note_duration"),
}
"""Short name -> attribute for a track, attribute for a bar."""
USUAL = InferenceConfig(model_dim=0, bars_per_step=0, tracks_per_step=0, top_p=NATURAL_TOP_P)
"""What options say that are left out: one step for all bars: the fastest, and takes share it."""


@dataclass(frozen=True)
class Wish:
    """Options of `infill` and `plan`; tracks count from 1, as typed."""

    tracks: Sequence[int] = ()
    bars: Sequence[str] = ()
    hide: Sequence[str] = ()
    leave_out: Sequence[int] = ()
    from_scratch: bool = False
    levels: Sequence[str] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    request: Path | None = None

    def to_request(self, score: Score, abilities: Abilities) -> GenerationRequest:
        """The request for a score; RequestValidationError names what cannot be read."""
        if self.request is not None:
            return self._from_file(self.request)
        prompts = {i: TrackPrompt(i, []) for i in range(len(score.tracks))}
        for track, bars in self._targets():
            prompt = _prompt(prompts, track)
            prompt.bars = sorted({*prompt.bars, *bars})
            prompt.autoregressive = self.from_scratch
        for track in self.leave_out:
            _prompt(prompts, track).ignore = True
        for text in self.hide:
            self._hide(prompts, text)
        for level in map(Level.parse, self.levels):
            self._ask(prompts, level, abilities, score)
        return GenerationRequest(list(prompts.values()), self._config())

    def _from_file(self, path: Path) -> GenerationRequest:
        try:
            form = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise RequestValidationError([f"request file {path} cannot be read: {error}"]) from None
        if not isinstance(form, dict):
            raise RequestValidationError([f"request file {path} must hold a JSON object"])
        config = {**form.get("config", {}), **self.settings}
        return GenerationRequest.from_dict({**form, "config": config})

    def _config(self) -> InferenceConfig:
        return InferenceConfig(**{**USUAL.to_dict(), **self.settings})

    def _targets(self) -> list[tuple[int, list[int]]]:
        """Each --track with its --bars; a single --bars holds for all tracks."""
        if not self.tracks or not self.bars:
            raise RequestValidationError(
                ["say what to write with --track and --bars, or --request"]
            )
        bars = list(self.bars) * (len(self.tracks) if len(self.bars) == 1 else 1)
        if len(bars) != len(self.tracks):
            raise RequestValidationError(
                [f"{len(self.tracks)} --track and {len(self.bars)} --bars do not pair up"]
            )
        return [(track, bars_from(text)) for track, text in zip(self.tracks, bars, strict=True)]

    @staticmethod
    def _hide(prompts: dict[int, TrackPrompt], text: str) -> None:
        track, colon, bars = text.partition(":")
        if not colon or not track.strip().isdigit():
            raise RequestValidationError(
                [f"--hide {text!r} cannot be read; write TRACK:BARS, like 2:5-8"]
            )
        prompt = _prompt(prompts, int(track))
        prompt.mask_bars = sorted({*prompt.mask_bars, *bars_from(bars)})

    @staticmethod
    def _ask(
        prompts: dict[int, TrackPrompt], level: Level, abilities: Abilities, score: Score
    ) -> None:
        """Put a level on every track that is written and has the attribute: on the bars named, or
        on all that are written where the attribute is one of bars.
        """
        written = [prompt for prompt in prompts.values() if prompt.bars]
        name = _attribute(level, abilities)
        ability = abilities.attributes.get(name)
        fitting = [
            prompt
            for prompt in written
            if ability is None or ability.fits(score.tracks[prompt.id].is_drum) or len(written) == 1
        ]
        of_bars = ability is not None and ability.per_bar
        for prompt in fitting or written:
            for bar in level.bars or (prompt.bars if of_bars else ()):
                prompt.bar_attributes.setdefault(bar, {})[name] = level.value
            if not level.bars and not of_bars:
                prompt.attributes[name] = level.value


def _attribute(level: Level, abilities: Abilities) -> str:
    """The model's attribute for a name; a full name is taken as it is and checked later.

    A short name means bars where the model knows levels of bars.
    """
    track, bar = SHORT_NAMES.get(level.name, (level.name, f"bar_{level.name}"))
    of_bars = level.name in SHORT_NAMES and bar in abilities.attributes
    wanted = bar if level.bars or of_bars else track
    if wanted in abilities.attributes or level.name in abilities.attributes:
        return wanted if wanted in abilities.attributes else level.name
    if level.bars and track in abilities.attributes:
        raise RequestValidationError(
            [f"this model has {level.name} for whole tracks only: {level.name}={level.value}"]
        )
    return wanted


def _prompt(prompts: Mapping[int, TrackPrompt], track: int) -> TrackPrompt:
    if track - 1 not in prompts:
        raise RequestValidationError(
            [f"track {track} does not exist; the piece has tracks 1 to {len(prompts)}"]
        )
    return prompts[track - 1]
