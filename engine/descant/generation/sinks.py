"""What a session tells while it runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from descant.score import Notes

NoteSink = Callable[[list[dict[str, int]]], object]
BarSink = Callable[[int, int, int, Notes], object]
PROGRESS_TOKENS = 32


@dataclass
class Sinks:
    """Called on the thread that runs the session; all are optional.

    Attributes:
        note: new notes of a finished bar as dicts, with track and bar as in the request.
        bar: (take, track, bar, notes) of each finished bar, times in the score's ticks.
        progress: every 32 tokens.
        prompt_state: once, what the first step shows the model.
    """

    note: NoteSink | None = None
    bar: BarSink | None = None
    progress: Callable[[], object] | None = None
    prompt_state: Callable[[Mapping[str, Any]], object] | None = None

    def bar_finished(self, take: int, track: int, bar: int, notes: Notes) -> None:
        """Tell of a bar; numbers as in the request."""
        if self.bar is not None:
            self.bar(take, track, bar, notes)
        if self.note is not None:
            self.note([_as_dict(track, bar, row) for row in notes.array.tolist()])


def _as_dict(track: int, bar: int, row: list[int]) -> dict[str, int]:
    pitch, velocity, onset, duration = row[:4]
    return {
        "track": track,
        "bar": bar,
        "pitch": pitch,
        "onset_ticks": onset,
        "duration_ticks": duration,
        "velocity": velocity,
    }
