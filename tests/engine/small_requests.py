"""A small piece, wishes for it, and what a model can do with them."""

from __future__ import annotations

from typing import Any

import pytest

from descant.errors import RequestValidationError
from descant.request import (
    Abilities,
    AttributeAbility,
    CheckedRequest,
    GenerationRequest,
    InferenceConfig,
    TrackPrompt,
    check_request,
)
from descant.score import Bar, Score, Track

BARS = 8
ABILITIES = Abilities(
    num_bars_map=(4, 8),
    meters=((4, 4), (3, 4)),
    position_count=48,
    attributes={
        a.name: a
        for a in (
            AttributeAbility("note_density", per_bar=False, melodic=False, drum=True, size=10),
            AttributeAbility("min_polyphony", per_bar=False, melodic=True, drum=False, size=10),
            AttributeAbility("bar_density", per_bar=True, melodic=False, drum=True, size=10),
            AttributeAbility("bar_polyphony", per_bar=True, melodic=True, drum=False, size=10),
        )
    },
    velocity_levels=32,
    genres={"jazz": "jazz", "swing": "jazz"},
)


def piece(bars: int = BARS, **first_bar: Any) -> Score:
    """A melodic track and a drum track of empty 4/4 bars."""
    plain = (Bar(),) * (bars - 1)
    return Score((Track((Bar(**first_bar), *plain)), Track((Bar(), *plain), track_type="drum")))


def wish(config: dict[str, Any] | None = None, **first: Any) -> GenerationRequest:
    """Write bar 1 of the first track, with changes to that prompt and to the configuration."""
    prompt = TrackPrompt(**{"id": 0, "bars": [1], **first})
    return GenerationRequest([prompt, TrackPrompt(1, [])], InferenceConfig(**(config or {})))


def problems(
    request: GenerationRequest, score: Score | None = None, abilities: Abilities = ABILITIES
) -> dict[str, str]:
    """Sentence by code."""
    with pytest.raises(RequestValidationError) as caught:
        check_request(piece() if score is None else score, request, abilities)
    assert len(caught.value.codes) == len(caught.value.problems)
    return dict(zip(caught.value.codes, caught.value.problems, strict=True))


def checked(request: GenerationRequest, abilities: Abilities = ABILITIES) -> CheckedRequest:
    return check_request(piece(), request, abilities)
