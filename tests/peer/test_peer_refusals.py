"""A request that midigpt refuses is refused here, and one it takes is taken."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from music import piece, score_form
from networks import ENCODERS, save_network
from rival_process import Rival

from descant.engine import InferenceEngine
from descant.errors import RequestValidationError
from descant.request import GenerationRequest

pytestmark = pytest.mark.peer

VALUES: dict[str, tuple[Any, ...]] = {
    "temperature": (0, -1.0, 0.01, 5.0),
    "top_p": (0.0, 0.001, 1.0, 1.1),
    "top_k": (-1, 0, 10_000),
    "mask_p": (-0.1, 0.0, 0.99, 1.0),
    "mask_k": (-1, 3),
    "model_dim": (-1, 3, 4, 8, 12, 64),
    "bars_per_step": (-1, 0, 4, 5, "auto"),
    "tracks_per_step": (-1, 0, 9),
    "max_attempts": (0, 1),
    "num_candidates": (0, 1, 16, 17),
    "novelty_threshold": (0.0, 0.5, 1.5),
    "infill_probability": (0.0, 0.01, 1.0, 2.0),
    "ar_overlap": (-0.1, 0.99, 1.0),
    "min_overlap_bars": (-1, 100),
    "budget_margin": (0.9, 1.0),
    "context": ("auto", "none", "listed"),
    "context_drop": ([0], [7]),
    "temperature_escalation": (0.5, 1.0, 9.0),
    "mask_mode": ("attention", "token", "remove"),
}
PROMPTS: tuple[dict[str, Any], ...] = (
    {"bars": []},
    {"bars": [-1]},
    {"bars": [0, 0, 3]},
    {"bars": [99]},
    {"bars": [2], "mask_bars": [2]},
    {"bars": [2], "mask_bars": [50]},
    {"bars": [2], "ignore": True},
    {"bars": [2], "autoregressive": True},
    {"bars": [7, 6], "autoregressive": True},
    {"bars": [], "autoregressive": True},
    {"bars": [2], "attributes": {"note_density": 3}},
    {"bars": [2], "attributes": {"loudness": 3}},
    {"bars": [2], "attributes": {"min_polyphony": 99}},
    {"bars": [2], "bar_attributes": {"2": {"bar_onset_density": 1}}},
    {"bars": [2], "bar_attributes": {"3": {"bar_onset_density": 1}}},
    {"bars": [2], "controls": {"time_signature": 0}},
    {"bars": [2], "controls": {"time_signature": 999}},
    {"bars": [2], "controls": {"swing": 1}},
    {"bars": [2], "controls": {"pitch_mask": {"scale": "major", "pitch_classes": [0]}}},
    {"bars": [2], "controls": {"pitch_mask": {"pitches": [128]}}},
    {"bars": [2], "controls": {"rhythm_mask": {"positions": [{"pos": 0}, {"pos": 95}]}}},
    {"bars": [2], "controls": {"rhythm_mask": {"positions": [{"pos": 6}]}}},
    {"bars": [2], "controls": {"rhythm_mask": {"grid": {"unit": "fifth"}}}},
    {"bars": [2], "controls": {"remix": {"amount": 0}}},
    {"bars": [2], "controls": {"remix": {"amount": 1.0, "mode": "half"}}},
)
PIECE_CONTROLS: tuple[dict[str, Any], ...] = (
    {"velocity": True},
    {"velocity": False},
    {"velocity": 1},
    {"microtiming": True},
    {"microtiming": False},
    {"genre": "rock"},
    {"genre": 3},
    {"swing": True},
)
REQUESTS = [
    *({"config": {name: value}} for name, values in VALUES.items() for value in values),
    *({"prompt": prompt} for prompt in PROMPTS),
    *({"controls": controls} for controls in PIECE_CONTROLS),
]


def request_of(change: dict[str, Any]) -> dict[str, Any]:
    prompts = [{"id": track, "bars": []} for track in range(3)]
    prompts[1] |= deepcopy(change.get("prompt", {"bars": [2, 3]}))
    config = {"plan_only": False, **change.get("config", {})}
    return {"tracks": prompts, "config": config, "controls": change.get("controls", {})}


@pytest.mark.parametrize("encoder", ENCODERS)
def test_both_refuse_or_neither(
    encoder: str, rival: Rival, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = save_network(tmp_path_factory.mktemp("network"), encoder, 64, seed=1)
    engine = InferenceEngine.from_checkpoint(path, precision="fp32", threads=1)
    score = piece("random on the model grid")
    differing = []
    for change in REQUESTS:
        form = request_of(change)
        case = {"checkpoint": str(path), "score": score_form(score), "request": form}
        rival.ask({**case, "check": True})
        ours = None
        try:
            engine.session(score, GenerationRequest.from_dict(form))
        except RequestValidationError as error:
            ours = str(error)
        theirs = rival.answer().get("refused")
        if (ours is None) != (theirs is None):
            differing.append((change, ours, theirs))
    assert not differing
