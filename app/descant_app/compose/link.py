"""The window's end of the model's process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject

from descant_app.document.piece import Piece
from descant_app.playback.child_process import ChildProcess, command

PART = 500
"""Bars packed at a time."""


class Link(ChildProcess):
    """Knows how to start the process, and how to send it a piece."""

    def __init__(
        self, starts_with: Sequence[str] | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(starts_with or command("descant_app.compose.process", "--model"), parent)

    def send_piece(self, piece: Piece) -> None:
        """Send a whole piece in parts, as packing one value holds all threads until it is done."""
        tracks = piece.score.tracks
        headers = tuple(replace(track, bars=()) for track in tracks)
        self.send("piece", piece.with_score(replace(piece.score, tracks=headers)))
        for index, track in enumerate(tracks):
            for first in range(0, len(track.bars), PART):
                self.send("bars", index, track.bars[first : first + PART])
