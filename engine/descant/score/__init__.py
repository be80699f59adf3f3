"""What music is.  Imports only `descant.errors`."""

from descant.score.types import Bar, Event, Note, Notes, Score, TempoChange, Track

__all__ = ["Bar", "Event", "Note", "Notes", "Score", "TempoChange", "Track"]
