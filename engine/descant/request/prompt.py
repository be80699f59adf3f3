"""What is wanted of one track."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field, fields
from typing import Any

from descant.errors import RequestValidationError
from descant.request.fields import known_fields

_BY_BAR = ("bar_attributes", "bar_controls")


@dataclass
class TrackPrompt:
    """The wish for one track, named and ordered as upstream does (spec/generation.md 1.3).

    Attributes:
        id: index of the track in the score, from 0.
        bars: indexes of the bars to write.
        autoregressive: write to the right, to the end, instead of filling in; no `bars` means all.
        ignore: keep the track out of every prompt; it comes back as it is.
        mask_bars: indexes of bars hidden from the model.
        attributes: levels by name for the whole track.
        controls: `time_signature`, `pitch_mask`, `rhythm_mask`, `remix`.
        bar_attributes: levels by name for one bar, by bar index.
        bar_controls: `time_signature` for one bar, by bar index.
    """

    id: int
    bars: list[int]
    autoregressive: bool = False
    ignore: bool = False
    mask_bars: list[int] = field(default_factory=list)
    attributes: dict[str, int] = field(default_factory=dict)
    controls: dict[str, Any] = field(default_factory=dict)
    bar_attributes: dict[int, dict[str, int]] = field(default_factory=dict)
    bar_controls: dict[int, dict[str, Any]] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, form: Mapping[str, Any]) -> TrackPrompt:
        """Read the JSON form, where bar indexes used as keys are strings.

        Raises RequestValidationError without `id` or `bars`, or for a key that is no bar index.
        """
        values = known_fields(form, (f.name for f in fields(cls)), "a track prompt")
        missing = [name for name in ("id", "bars") if name not in values]
        if missing:
            raise RequestValidationError([f"a track prompt has no {name!r}" for name in missing])
        for name in _BY_BAR:
            if name in values:
                values[name] = _by_bar(values[name], f"track id {values['id']}: {name}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """The JSON form; bar indexes used as keys become strings."""
        form = {f.name: deepcopy(getattr(self, f.name)) for f in fields(self)}
        for name in _BY_BAR:
            form[name] = {str(bar): entry for bar, entry in form[name].items()}
        return form


def _by_bar(form: object, where: str) -> dict[int, Any]:
    if not isinstance(form, Mapping):
        raise RequestValidationError([f"{where} must be an object, not {type(form).__name__}"])
    try:
        return {int(bar): entry for bar, entry in form.items()}
    except (TypeError, ValueError):
        raise RequestValidationError(
            [f"{where} has the keys {list(form)}; each must be the index of a bar"]
        ) from None
