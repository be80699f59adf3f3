"""The one door to the C++ core.

No other module imports `descant._core`.  Core errors arrive as the class of `descant.errors` that
means the same, so that callers see one family.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from descant import _core, errors
from descant._core import (
    AttributeControl,
    AttributeSpec,
    EncoderConfig,
    Sampler,
    StepOptions,
    StepRules,
    Vocabulary,
    plan_grid,
    plan_windows,
    read_smf,
    uniform,
    write_smf,
)

__all__ = [
    "AttributeControl",
    "AttributeSpec",
    "EncoderConfig",
    "Sampler",
    "StepOptions",
    "StepRules",
    "Vocabulary",
    "core_errors",
    "plan_grid",
    "plan_windows",
    "read_smf",
    "uniform",
    "write_smf",
]

_MEANING: dict[type[Exception], type[errors.DescantError]] = {
    _core.BadFile: errors.MidiFileError,
    _core.BadScore: errors.ScoreError,
    _core.BadVocabulary: errors.EncoderError,
    _core.BadRequest: errors.GenerationError,
    _core.IllegalToken: errors.GenerationError,
    _core.NoLegalToken: errors.GenerationError,
}


@contextmanager
def core_errors() -> Iterator[None]:
    """Run core calls; raise their errors as the matching `DescantError`."""
    try:
        yield
    except _core.Error as error:
        raise _MEANING.get(type(error), errors.DescantError)(str(error)) from None
