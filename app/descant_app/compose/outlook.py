"""What pressing Infill would do, worked out before it is pressed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from descant_app.document.composition import BarCell, TrackId

TARGET, CONTEXT, HIDDEN, LEFT_OUT, LOCKED = "target", "context", "hidden", "left out", "locked"


@dataclass(frozen=True)
class StepOutlook:
    """One pass of the model: bars `first` to `last` (inclusive), and what it writes."""

    first: int
    last: int
    autoregressive: bool
    targets: frozenset[BarCell]
    prompt_tokens: int
    expected_tokens: int


@dataclass(frozen=True)
class Outlook:
    """The plan of the next press.

    Attributes:
        roles: what each bar that the model sees or writes is to it; others are out of its sight.
        steps: in the order they run.
        dropped: tracks left out because the prompt would not fit.
        seconds: expected time of all takes, from the speed seen last; 0 while unknown.
        problems: why nothing can be done, each naming track, bar and what is allowed; empty when
            it can.
    """

    roles: Mapping[BarCell, str] = field(default_factory=dict)
    steps: tuple[StepOutlook, ...] = ()
    dropped: tuple[TrackId, ...] = ()
    seconds: float = 0.0
    problems: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether a press would write something."""
        return bool(self.steps) and not self.problems
