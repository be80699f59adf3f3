"""What a MIDI file says of notes: when keys go down and come up.

Which of a key's ends belongs to which of its beginnings a file does not say; readers give the first
end to the first beginning.  So notes of one key that overlap or begin together may come back with
each other's lengths, and in another order.
"""

from __future__ import annotations

from descant.score.types import Track
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, Starts, flatten

Stroke = tuple[int, ...]


def strokes(track: Track, starts: Starts) -> tuple[list[Stroke], list[Stroke]]:
    """All beginnings of a track as (tick, pitch, velocity), and all ends as (tick, pitch)."""
    rows = flatten(track, starts).rows
    ends = zip((rows[:, ONSET] + rows[:, DURATION]).tolist(), rows[:, PITCH].tolist(), strict=True)
    return sorted(map(tuple, rows[:, [ONSET, PITCH, VELOCITY]].tolist())), sorted(ends)
