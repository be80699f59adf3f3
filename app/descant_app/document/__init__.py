"""The open piece: its value, how it changes, what is chosen in it.  Qt signals, no widgets."""

from descant_app.document.document import Document
from descant_app.document.piece import Lane, Piece, TrackId
from descant_app.document.selection import Selection

__all__ = ["Document", "Lane", "Piece", "Selection", "TrackId"]
