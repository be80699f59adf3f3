"""Room: what a caller wants, and every check of it in one place.

`GenerationRequest` holds a `TrackPrompt` for each track and one `InferenceConfig`; `check_request`
compares it with a score and with the `Abilities` of a model.  Source: spec/generation.md 1 and 3.
"""

from descant.request.abilities import Abilities, AttributeAbility
from descant.request.check import CheckedRequest, check_request
from descant.request.config import MASK_MODES, InferenceConfig
from descant.request.generation_request import GenerationRequest
from descant.request.prompt import TrackPrompt

__all__ = [
    "MASK_MODES",
    "Abilities",
    "AttributeAbility",
    "CheckedRequest",
    "GenerationRequest",
    "InferenceConfig",
    "TrackPrompt",
    "check_request",
]
