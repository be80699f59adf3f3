"""The one kind of step in the history: a change of the piece, with the choice before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QUndoCommand

from descant.score.notes import NoteArray
from descant_app.document.change import PieceChange, difference
from descant_app.document.piece import TrackId

if TYPE_CHECKING:
    from descant_app.document.document import Document

MERGE_WITHIN_S = 0.8
"""Repetitions of one key closer than this become one step."""

_MERGEABLE = 1
Chosen = tuple[TrackId, NoteArray]


class EditCommand(QUndoCommand):
    """Goes from one value of the piece to another and back, and restores the choice of notes.

    Equal non-empty `merge` keys in quick succession join: holding an arrow key is one step.
    """

    def __init__(
        self, document: Document, label: str, change: PieceChange, after: Chosen, merge: str
    ) -> None:
        super().__init__(label)
        self._document = document
        self._change = change
        self._chosen = ((document.selection.track, document.selection.rows), after)
        self._merge = merge
        self._when = document.clock()

    def id(self) -> int:
        return _MERGEABLE if self._merge else -1

    def redo(self) -> None:
        document = self._document
        document.take(self._change.forward(document.piece), self._change.kinds(), self._chosen[1])

    def undo(self) -> None:
        document = self._document
        document.take(self._change.backward(document.piece), self._change.kinds(), self._chosen[0])

    def mergeWith(self, other: QUndoCommand) -> bool:  # noqa: N802 (Qt's name)
        if not isinstance(other, EditCommand) or other._merge != self._merge:
            return False
        if other._when - self._when > MERGE_WITHIN_S:
            return False
        now = self._document.piece
        before = self._change.backward(other._change.backward(now))
        self._change = difference(before, now)
        self._chosen = (self._chosen[0], other._chosen[1])
        self._when = other._when
        self.setObsolete(self._change.is_empty)
        return True
