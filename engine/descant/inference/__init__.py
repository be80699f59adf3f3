"""The names callers of `midigpt.inference` know, over Descant's own rooms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from descant.encoder_config import EncoderConfig
from descant.engine import InferenceEngine
from descant.errors import RequestValidationError
from descant.generation import GenerationCancelled, SamplingSession
from descant.request import (
    Abilities,
    GenerationRequest,
    InferenceConfig,
    TrackPrompt,
    check_request,
)
from descant.score import Score

__all__ = [
    "GenerationCancelled",
    "GenerationRequest",
    "InferenceConfig",
    "InferenceEngine",
    "RequestValidationError",
    "SamplingSession",
    "TrackPrompt",
    "validate_request",
]


def validate_request(
    request: GenerationRequest,
    score: Score,
    encoder_config: EncoderConfig | Mapping[str, Any],
    analyzer: object = None,
) -> GenerationRequest:
    """`check_request` with upstream's arguments; the vocabulary says all that `analyzer` did.

    Raises RequestValidationError, and EncoderError when `encoder_config` makes no vocabulary.
    """
    if not isinstance(encoder_config, EncoderConfig):
        encoder_config = EncoderConfig.from_dict(dict(encoder_config))
    return check_request(score, request, Abilities.from_encoder(encoder_config))
