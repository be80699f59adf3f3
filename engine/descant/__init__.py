"""Descant: bar-level composition with small transformers, from Python.

    from descant import Score
    from descant.inference import GenerationRequest, InferenceConfig, InferenceEngine, TrackPrompt

The rooms, in the order music walks through them: `midi_file` -> `score` -> `request` -> `plan` ->
`tokens` -> `model` -> `sampling` -> `generation` -> `engine`.
"""

from descant.score import Bar, Note, Score, Track

__version__ = "0.1.0"

__all__ = ["Bar", "Note", "Score", "Track", "__version__"]
