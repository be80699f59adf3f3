"""What music is.  Imports only `descant.errors`."""

from descant.score.events import Event, Events, FileForm, TempoChange
from descant.score.notes import Note, Notes
from descant.score.types import Bar, Score, Track

__all__ = [
    "Bar",
    "Event",
    "Events",
    "FileForm",
    "Note",
    "Notes",
    "Score",
    "TempoChange",
    "Track",
]
