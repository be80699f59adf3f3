"""The whole wish: one prompt per track, one configuration, controls of the piece."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from descant.errors import RequestValidationError
from descant.request.config import InferenceConfig
from descant.request.fields import known_fields
from descant.request.prompt import TrackPrompt

_FIELDS = ("tracks", "config", "controls")


@dataclass
class GenerationRequest:
    """A request as upstream names it (spec/generation.md 1.2).

    Attributes:
        tracks: exactly one prompt for each track of the score, in any order.
        config: how to generate.
        controls: for the piece: `velocity` and `microtiming` (bool), `genre` (name).
    """

    tracks: list[TrackPrompt]
    config: InferenceConfig = field(default_factory=InferenceConfig)
    controls: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> GenerationRequest:
        """Read the JSON form; RequestValidationError names everything that cannot be read."""
        values = known_fields(form, _FIELDS, "a request")
        problems: list[str] = []
        tracks = _prompts(values.get("tracks"), problems)
        config = _config(values.get("config", {}), problems)
        controls = values.get("controls", {})
        if not isinstance(controls, Mapping):
            problems.append(f"controls must be an object, not {type(controls).__name__}")
        if problems:
            raise RequestValidationError(problems)
        return cls(tracks, config, dict(controls))

    def to_dict(self) -> dict[str, Any]:
        """The JSON form with every field."""
        return {
            "tracks": [prompt.to_dict() for prompt in self.tracks],
            "config": self.config.to_dict(),
            "controls": deepcopy(self.controls),
        }


def _prompts(forms: object, problems: list[str]) -> list[TrackPrompt]:
    if not isinstance(forms, (list, tuple)):
        problems.append(f"a request needs 'tracks', a list of track prompts, not {forms!r:.60}")
        return []
    prompts = [_prompt(form, f"tracks[{place}]", problems) for place, form in enumerate(forms)]
    return [prompt for prompt in prompts if prompt is not None]


def _prompt(form: Any, where: str, problems: list[str]) -> TrackPrompt | None:
    try:
        return TrackPrompt.from_dict(form)
    except RequestValidationError as error:
        problems.extend(f"{where}: {problem}" for problem in error.problems)
        return None


def _config(form: Any, problems: list[str]) -> InferenceConfig:
    try:
        return InferenceConfig.from_dict(form)
    except RequestValidationError as error:
        problems.extend(error.problems)
        return InferenceConfig()
