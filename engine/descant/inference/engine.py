"""The module path some published scripts import the engine from."""

from descant.engine import InferenceEngine

__all__ = ["InferenceEngine"]
