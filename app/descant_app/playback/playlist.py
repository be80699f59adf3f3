"""What the player's process is to play: the whole piece, or some notes of it alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from descant.score.notes import NoteArray
from descant.score.timeline import Timeline
from descant.score.types import Score
from descant_app.document.document import Document
from descant_app.document.flat import DURATION, ONSET, with_rows
from descant_app.playback.event_list import EventList, event_list


class Playlist:
    """Knows whether the process has heard of the latest: `stale` until `listed` is asked for.

    `source` gives the score that is heard; `pulses` says whether MIDI clock goes with it.
    """

    def __init__(self, document: Document, source: Callable[[], Score]) -> None:
        self.document, self.source = document, source
        self.pulses = False
        self.stale = True
        self._only: tuple[int, NoteArray] | None = None
        self._voice_of: tuple[int, ...] = ()

    def play_whole(self) -> None:
        """The whole piece from now on."""
        if self._only is not None:
            self._only, self.stale = None, True

    def play_only(self, index: int, rows: NoteArray) -> None:
        """These notes of one track and nothing else."""
        self._only, self.stale = (index, rows), True

    def listed(self) -> EventList:
        """All events in order of time."""
        events = self._whole() if self._only is None else self._alone(*self._only)
        self.stale, self._voice_of = False, events.voice_of
        return events

    def voice_of(self, track: int | None) -> int:
        """The voice that plays a track; the first when it is not known yet."""
        known = track is not None and track < len(self._voice_of)
        return self._voice_of[track] if known else 0  # type: ignore[index]

    def _whole(self) -> EventList:
        return event_list(self.source(), self.document.piece.heard(), self.pulses)

    def _alone(self, index: int, rows: NoteArray) -> EventList:
        piece = self.document.piece
        others = ~self.document.flat(index).mask_of(rows)
        score = with_rows(piece, index, others, rows[:0]).score
        events = event_list(score, tuple(i == index for i in range(len(piece.lanes))))
        end = int((rows[:, ONSET] + rows[:, DURATION]).max())
        return replace(events, end_s=float(Timeline(self.document.score).seconds(end)))
