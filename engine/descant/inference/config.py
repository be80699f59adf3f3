"""The module path some published scripts import requests from."""

from descant.request import GenerationRequest, InferenceConfig, TrackPrompt

__all__ = ["GenerationRequest", "InferenceConfig", "TrackPrompt"]
