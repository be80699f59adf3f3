"""What a user does to the chosen notes and bars, each as one labelled step.

Gestures and menu commands both end here.  A locked track refuses; an edit that cannot be made as a
whole is not made, and the reason is told through `Document.refused`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from descant.score.notes import NoteArray
from descant_app.document import note_edits as edits
from descant_app.document.document import Document
from descant_app.document.flat import DURATION, ONSET, PITCH, VELOCITY, empty_rows, with_rows
from descant_app.document.grid import Grid
from descant_app.document.scales import Scale
from descant_app.settings.translation import tr


def counted(verb: str, rows: NoteArray) -> str:
    """A label for the history, such as "Move 12 notes"."""
    form = tr("{} note") if len(rows) == 1 else tr("{} {} notes")
    return form.format(verb, len(rows))


class Editor:
    """Edits of a document's current track and its chosen notes."""

    def __init__(self, document: Document) -> None:
        self.document = document

    # -- what is chosen --------------------------------------------------------------------------

    @property
    def rows(self) -> NoteArray:
        """The chosen notes."""
        return self.document.selection.rows

    def writable(self) -> int | None:
        """Index of the current track when it may be edited; else the reason is told."""
        document = self.document
        index = document.current
        if index is None:
            document.refuse(tr("Add a track first: there is none to write into."))
        elif document.lanes[index].locked:
            name = document.score.tracks[index].name or tr("This track")
            document.refuse(tr("{} is locked. Unlock it to edit it.").format(name))
        else:
            return index
        return None

    # -- the one way in --------------------------------------------------------------------------

    def replace(
        self,
        label: str,
        old: NoteArray,
        new: NoteArray | None,
        merge: str = "",
        select: NoteArray | None = None,
    ) -> bool:
        """Notes `old` of the current track become `new`, which are then chosen (or `select`).

        None as `new` stands for "does not fit" and is refused.
        """
        index = self.writable()
        if index is None:
            return False
        if new is None:
            self.document.refuse(
                tr("There is no room: a note of the group would leave the range of MIDI.")
            )
            return False
        document = self.document
        removed = document.flat(index).mask_of(old)
        piece = with_rows(document.piece, index, removed, new)
        return document.do(label, piece, new if select is None else select, merge)

    def add(self, rows: NoteArray, label: str | None = None, select: bool = True) -> bool:
        """New notes in the current track."""
        label = label or counted(tr("Draw"), rows)
        return self.replace(label, empty_rows(), rows, select=rows if select else empty_rows())

    def erase(self, rows: NoteArray) -> bool:
        """Take notes out; others that are chosen stay chosen."""
        if not len(rows):
            return False
        index = self.document.current
        kept = self.rows
        if index is not None and len(kept):
            keys, gone = {tuple(r) for r in rows.tolist()}, kept.tolist()
            kept = kept[[tuple(r) not in keys for r in gone]]
        return self.replace(counted(tr("Erase"), rows), rows, empty_rows(), select=kept)

    def delete(self) -> bool:
        """Take out the chosen notes."""
        return self.erase(self.rows)

    def change(
        self, verb: str, edit: Callable[[NoteArray], NoteArray | None], merge: str = ""
    ) -> bool:
        """Run an edit of `note_edits` over the chosen notes."""
        if not len(self.rows):
            self.document.refuse(tr("Choose some notes first."))
            return False
        return self.replace(counted(verb, self.rows), self.rows, edit(self.rows), merge)

    # -- commands --------------------------------------------------------------------------------

    def transpose(self, by: int) -> bool:
        """All chosen notes up or down by semitones, or none of them."""
        return self.change(tr("Transpose"), lambda r: edits.moved(r, pitch=by), f"pitch{by}")

    def transpose_in_scale(self, by: int, scale: Scale) -> bool:
        """Up or down by steps of a scale."""

        def edit(rows: NoteArray) -> NoteArray | None:
            pitches = scale.steps(rows[:, PITCH], by)
            return None if pitches is None else edits.with_pitches(rows, pitches)

        return self.change(tr("Transpose in scale"), edit, f"scale{by}")

    def fit_to_scale(self, scale: Scale) -> bool:
        """Each note to the nearest tone of a scale."""
        return self.change(
            tr("Fit to scale"),
            lambda r: edits.with_pitches(r, scale.nearest(r[:, PITCH])),
        )

    def nudge(self, ticks: int) -> bool:
        """Earlier or later, as far as the start of the piece allows."""
        by = edits.time_room(self.rows, ticks)
        return self.change(tr("Nudge"), lambda r: edits.moved(r, by), f"nudge{ticks}")

    def lengthen(self, ticks: int, least: int) -> bool:
        """Longer or shorter at the right edge."""
        return self.change(
            tr("Lengthen") if ticks > 0 else tr("Shorten"),
            lambda r: edits.resized_right(r, ticks, least),
            f"length{ticks}",
        )

    def set_velocity(self, velocity: int) -> bool:
        """One velocity for all."""
        return self.change(
            tr("Set velocity of"), lambda r: edits.with_velocity(r, velocity), "velocity"
        )

    def add_velocity(self, by: int) -> bool:
        """Louder or softer; differences stay, at 1 and 127 the single note stops."""
        return self.change(
            tr("Change velocity of"),
            lambda r: edits.with_velocity(r, r[:, VELOCITY] + by),
            f"velocity{by}",
        )

    def set_pitch(self, pitch: int) -> bool:
        """Move the group so that its lowest note has this pitch."""
        low = int(self.rows[:, PITCH].min()) if len(self.rows) else pitch
        return self.transpose(pitch - low)

    def set_duration(self, ticks: int) -> bool:
        """One length for all."""

        def edit(rows: NoteArray) -> NoteArray:
            out = rows.copy()
            out[:, DURATION] = max(1, ticks)
            return out

        return self.change(tr("Set length of"), edit, "duration")

    def quantize(
        self, grid: Grid, strength: float = 1.0, swing: float = 0.0, ends: bool = False
    ) -> bool:
        """Pull onsets towards the grid; everything in the track when nothing is chosen."""
        document = self.document
        rows = self.rows
        if not len(rows) and document.current is not None:
            rows = document.flat(document.current).rows
        if not len(rows) or not grid.step:
            document.refuse(tr("There is nothing to quantize, or the grid is off."))
            return False
        new = edits.quantized(
            rows, grid, document.starts, document.score.resolution, strength, swing, ends
        )
        keep = new if len(self.rows) else empty_rows()
        return self.replace(counted(tr("Quantize"), rows), rows, new, select=keep)

    def humanize(self, time_ticks: float, velocity: float, seed: int) -> bool:
        """Loosen times and velocities."""
        starts = self.document.starts
        return self.change(
            tr("Humanize"), lambda r: edits.humanized(r, time_ticks, velocity, seed, starts)
        )

    def legato(self) -> bool:
        """Hold each note until the next one."""
        return self.change(tr("Legato"), edits.legato)

    def staccato(self) -> bool:
        """Halve the lengths."""
        return self.change(tr("Staccato"), edits.staccato)

    def join(self) -> bool:
        """Make one note of those at the same pitch."""
        return self.change(tr("Join"), edits.joined)

    def split_at(self, tick: int) -> bool:
        """Cut the chosen notes (or all that sound there) in two at a tick."""
        rows, index = self.rows, self.document.current
        if not len(rows) and index is not None:
            flat = self.document.flat(index)
            rows = flat.rows[flat.inside(tick, tick + 1, 0, 127)]
        new = edits.split(rows, tick)
        if len(new) == len(rows):
            self.document.refuse(tr("No note sounds across the playhead."))
            return False
        return self.replace(counted(tr("Split"), rows), rows, new)

    def reverse(self) -> bool:
        """Play the group backwards."""
        return self.change(tr("Reverse"), edits.reversed_in_time)

    def invert(self) -> bool:
        """Mirror the pitches."""
        return self.change(tr("Invert"), edits.inverted)

    def stretch(self, factor: float) -> bool:
        """Twice as long, half as long."""
        return self.change(tr("Stretch"), lambda r: edits.stretched(r, factor))

    def duplicate(self, step: int) -> bool:
        """A copy of the chosen notes right after them, rounded up to `step` ticks."""
        rows = self.rows
        if not len(rows):
            return self.change("", lambda r: r)
        width = int((rows[:, ONSET] + rows[:, DURATION]).max() - rows[:, ONSET].min())
        shift = -(-width // max(1, step)) * max(1, step)
        return self.add(edits.moved(rows, shift), counted(tr("Duplicate"), rows))  # type: ignore[arg-type]

    # -- choosing --------------------------------------------------------------------------------

    def select_all(self) -> None:
        """Every note of the current track."""
        index = self.document.current
        if index is not None:
            self.document.selection.set_notes(self.document.flat(index).rows)

    def select_inverse(self) -> None:
        """The notes that are not chosen now."""
        index = self.document.current
        if index is not None:
            flat = self.document.flat(index)
            self.document.selection.set_notes(flat.rows[~flat.mask_of(self.rows)])

    def select_where(self, wanted: Callable[[NoteArray], np.ndarray]) -> None:
        """The notes of the current track for which `wanted(rows)` is true."""
        index = self.document.current
        if index is not None:
            rows = self.document.flat(index).rows
            self.document.selection.set_notes(rows[wanted(rows)])
