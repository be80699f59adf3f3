"""Everything Descant raises on purpose: one root, and a class a caller may want to tell apart.

A message is one sentence that names the value given, what is allowed, and where (file, track, bar).
Tracks and bars in messages count from 1, as musicians do.
"""

from __future__ import annotations


class DescantError(Exception):
    """Root of all errors raised on purpose."""


class MidiFileError(DescantError):
    """A MIDI file cannot be read or written."""


class ScoreError(DescantError):
    """A note, bar, track or score holds a value that no MIDI file could."""


class EncoderError(DescantError):
    """Encoder settings do not describe a vocabulary."""


class CheckpointError(DescantError):
    """A checkpoint is missing, damaged, of an unknown kind, or unsafe to load."""


class BackendError(DescantError):
    """The chosen way of running the network is not available on this machine."""


class RequestValidationError(DescantError, ValueError):
    """A request cannot be met; `problems` holds every reason, not only the first.

    `codes` names the violated rule of each problem (spec/generation.md 3), where there is one.
    """

    def __init__(self, problems: list[str], codes: list[str] | None = None) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.codes = codes or []


class GenerationError(DescantError, RuntimeError):
    """Generation started but could not be finished."""


class NothingFitsError(GenerationError):
    """No window the model knows leaves room for the prompt and an answer."""


class AttemptsExhaustedError(GenerationError):
    """Every attempt at a step was rejected."""
