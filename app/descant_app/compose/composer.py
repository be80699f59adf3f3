"""The window's side of composing: asks the model's process, offers takes, applies what is kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QObject, Signal

from descant_app.compose.job_view import JobView
from descant_app.compose.model_info import ModelInfo
from descant_app.compose.outlook import Outlook
from descant_app.document.composition import BarCell, Composition, TrackId
from descant_app.document.document import Document

Measured = Mapping[str, Sequence[int | None]]
"""Attribute -> level of each bar, None where a bar has none."""


class Composer(QObject):
    """Chosen bars and painted levels in, takes out.

    The network runs in a process of its own: nothing it does, not even a crash, holds or harms the
    window.  Nothing changes the document but `keep`.

    Signals: `model_changed()`; `outlook_changed()` when the plan of the next press differs;
    `job_changed()` when one starts, goes on or ends; `bar_written(BarCell)` as bars of the take
    shown are decoded; `measured_changed(TrackId)`; `refused(str)` with the reason in one sentence;
    `told(str)` what happened, in words.
    """

    model_changed = Signal()
    outlook_changed = Signal()
    job_changed = Signal()
    bar_written = Signal(object)
    measured_changed = Signal(object)
    refused = Signal(str)
    told = Signal(str)

    def __init__(self, document: Document, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.model: ModelInfo | None = None
        self.outlook = Outlook()
        self.job: JobView | None = None
        self.live = False
        self.draft: Composition | None = None

    # -- the process and its model -----------------------------------------------------------------

    def start(self) -> None:
        """Start the process and load the model of the settings, after the first paint."""
        raise NotImplementedError

    def close(self) -> None:
        """End the process, whatever it is doing."""
        raise NotImplementedError

    @property
    def models(self) -> dict[str, str]:
        """Names of bundled models and what to call them."""
        raise NotImplementedError

    # -- asking ------------------------------------------------------------------------------------

    def generate(self) -> None:
        """Write the chosen bars: as many takes as the settings say.  Stops what runs."""
        raise NotImplementedError

    def compare_modes(self) -> None:
        """One take for each mask mode the model has."""
        raise NotImplementedError

    def infill_bar(self, cell: BarCell) -> None:
        """Choose this bar and write it, now."""
        raise NotImplementedError

    def make_again(self, take: int) -> None:
        """The same take from its batch's score, request and seed."""
        raise NotImplementedError

    def stop(self) -> None:
        """Stop at once; finished bars stay offered."""
        raise NotImplementedError

    def set_live(self, on: bool) -> None:
        """Regenerate whenever a level, a setting or the choice changes; the latest wins."""
        raise NotImplementedError

    def set_draft(self, composition: Composition | None) -> None:
        """While a knob is held: plan, and in live mode generate, as if this were set."""
        raise NotImplementedError

    # -- takes -------------------------------------------------------------------------------------

    def show(self, take: int | None) -> None:
        """See and hear a take in place of the piece's bars."""
        raise NotImplementedError

    def step(self, by: int) -> None:
        """The next or previous take of the shown one's batch, around the end."""
        raise NotImplementedError

    def keep(self, take: int, cells: frozenset[BarCell] | None = None) -> bool:
        """Put a take's bars (or only some) into the piece: one undo step.  False when refused.

        Bars edited since the take was asked for are offered again, never written over without
        being named: the user keeps once more to confirm.
        """
        raise NotImplementedError

    def reject(self, take: int) -> None:
        """Put a take aside and show the next."""
        raise NotImplementedError

    def merge(self, cells: frozenset[BarCell], source: int, target: int) -> int:
        """A new take: `target` with these bars of `source`; its number."""
        raise NotImplementedError

    def edited_since(self, take: int) -> frozenset[BarCell]:
        """Bars of a take that the piece changed after it was asked for."""
        raise NotImplementedError

    # -- words -------------------------------------------------------------------------------------

    def as_command_line(self, take: int) -> str:
        """The `descant infill` command that makes it from the saved file."""
        raise NotImplementedError

    def as_python(self, take: int) -> str:
        """A script that makes it."""
        raise NotImplementedError

    def measured(self, track: TrackId) -> Measured | None:
        """Levels of the notes as shown; None until measured (then `measured_changed` comes)."""
        raise NotImplementedError
