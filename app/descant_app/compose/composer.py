"""The window's side of composing: keeps a process with a model, and asks it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from descant.model.registry import bundled_models
from descant_app.compose import recipes
from descant_app.compose.ask import Ask
from descant_app.compose.forecast import Forecast
from descant_app.compose.job_view import JobView
from descant_app.compose.jobs import Jobs
from descant_app.compose.link import Link
from descant_app.compose.measures import Measured, Measures
from descant_app.compose.model_info import ModelInfo
from descant_app.compose.offers import Offers
from descant_app.compose.outlook import Outlook
from descant_app.compose.repaint import Repaint
from descant_app.document.change import Kinds, difference
from descant_app.document.composition import BarCell, Composition, TrackId
from descant_app.document.document import Document
from descant_app.document.piece import Piece

DEAF_MS = 3000
"""So long a process may take to heed a stop."""
LOADING = "The model is being loaded."


class Composer(QObject):
    """Chosen bars and painted levels in, takes out.

    The network runs in a process of its own: nothing it does, not even a crash, holds or harms the
    window.  Nothing changes the document but `offers.keep`.

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

    def __init__(
        self,
        document: Document,
        parent: QObject | None = None,
        starts_with: Sequence[str] | None = None,
    ) -> None:
        """`starts_with` is the command of another process than the usual one; tests have some."""
        super().__init__(parent)
        self.document = document
        self.model: ModelInfo | None = None
        self.outlook = Outlook()
        self.live = False
        self.draft: Composition | None = None
        self.link = Link(starts_with, self)
        self.forecast = Forecast(self)
        self.measures = Measures(self)
        self.jobs = Jobs(self)
        self.offers = Offers(self)
        self.repaint = Repaint(self)
        self._asked_model: str | None = None
        self.trouble = LOADING
        self._sent: Piece | None = None
        self._stop_timer = QTimer(self, interval=DEAF_MS, singleShot=True)
        self._stop_timer.timeout.connect(self._end_if_deaf)
        self._connect()

    def _connect(self) -> None:
        self.link.heard.connect(self._on_message)
        self.link.lost.connect(self._on_lost)
        self.document.changed.connect(self._document_changed)
        self.document.selection.bars_changed.connect(self._wish_changed)
        self.document.takes.replaced.connect(self._piece_opened)

    # -- the process and its model -----------------------------------------------------------------

    def start(self) -> None:
        """Start the process and load the model of the settings, after the first paint."""
        self.open()
        self.forecast.soon()

    def close(self) -> None:
        """End the process, whatever it is doing."""
        self.forecast.end()
        self._stop_timer.stop()
        self.repaint.end()
        self.link.close()

    @property
    def models(self) -> dict[str, str]:
        """Names of bundled models and what to call them."""
        return {name: model.card.title for name, model in bundled_models().items()}

    @property
    def job(self) -> JobView | None:
        """How far the job that runs is; None when none does."""
        return self.jobs.running.view if self.jobs.running else None

    def open(self) -> bool:
        """Make sure that a process runs and has, or is loading, the model of the settings."""
        if not self.link.is_open:
            try:
                self.link.open()
            except OSError as error:
                self.trouble = f"The model's process cannot be started: {error.strerror}."
                self.forecast.refuse(self.trouble)
                return False
            self._asked_model = self._sent = None
        model = self.document.composition.settings.model
        if model != self._asked_model:
            self._asked_model = model
            self.trouble = self.trouble or LOADING
            self.link.send("load", model)
        return True

    def send_piece(self) -> None:
        """Let the process know the piece as it is: what differs, or all of it."""
        piece = self.document.piece
        if piece is self._sent:
            return
        change = difference(self._sent, piece) if self._sent is not None else None
        if change is None or change.tracks is not None:
            self.link.send_piece(piece)
        elif not change.is_empty:
            self.link.send("change", change)
        self._sent = piece

    # -- asking ------------------------------------------------------------------------------------

    def generate(self) -> None:
        """Write the chosen bars: as many takes as the settings say.  Stops what runs."""
        self.ask(self.document.selection.bars, self.wishes)

    def compare_modes(self) -> None:
        """One take for each mask mode the model has."""
        self.ask(self.document.selection.bars, self.wishes, compare=True)

    def infill_bar(self, cell: BarCell) -> None:
        """Choose this bar and write it, now."""
        self.document.selection.set_bars([cell])
        self.generate()

    def make_again(self, take: int) -> None:
        """The same take from its batch's score, request and seed."""
        takes = self.document.takes
        made = takes.takes[take]
        batch = takes.batches[made.batch]
        if not self._may_start():
            return
        if self.model is not None and self.model.content_hash != batch.model_hash:
            self.told.emit(self.tr("Another model is loaded than the one that made this take."))
        self.jobs.give_up()
        self.send_piece()
        self.jobs.again(batch, made)

    def stop(self) -> None:
        """Stop at once; finished bars stay offered.  A process that does not answer is ended."""
        if self.jobs.running is not None:
            self.jobs.stop()
            self._stop_timer.start()

    def _end_if_deaf(self) -> None:
        if self.jobs.running is not None and self.jobs.running.is_stopping:
            self.link.close()
            self._on_lost()

    def set_live(self, on: bool) -> None:
        """Regenerate whenever a level, a setting or the choice changes; the latest wins."""
        self.live = on
        if on:
            self.repaint.begin()
        else:
            self.repaint.end()

    def set_draft(self, composition: Composition | None) -> None:
        """While a knob is held: plan, and in live mode generate, as if this were set."""
        if composition != self.draft:
            self.draft = composition
            self._wish_changed()

    @property
    def wishes(self) -> Composition:
        """The composition that holds now: a draft's while a knob is held."""
        return self.draft or self.document.composition

    def ask(
        self,
        bars: frozenset[BarCell],
        composition: Composition,
        compare: bool = False,
        live: bool = False,
    ) -> None:
        """Write bars as a composition says, in the context of what is heard."""
        if not bars:
            self.refused.emit(self.tr("Choose the bars to write first."))
        elif self._may_start():
            self.jobs.give_up()
            self.send_piece()
            self.jobs.write(Ask(bars, composition, dict(self.document.preview), compare), live)

    def _may_start(self) -> bool:
        if not self.open():
            self.refused.emit(self.trouble)
            return False
        if self.model is None and self.trouble != LOADING:
            self.refused.emit(self.trouble)
            return False
        return True

    # -- what changes ------------------------------------------------------------------------------

    def _document_changed(self, kinds: Kinds) -> None:
        if kinds.composition and self.link.is_open:
            self.open()
        if kinds.notes or kinds.everything or kinds.tracks or kinds.lanes or kinds.composition:
            self.forecast.soon()
        if kinds.composition:
            self.repaint.wish_changed()

    def _piece_opened(self) -> None:
        self.draft = None
        self.repaint.forget()
        self.jobs.drop()

    def _wish_changed(self) -> None:
        self.forecast.soon()
        self.repaint.wish_changed()

    # -- words -------------------------------------------------------------------------------------

    def as_command_line(self, take: int) -> str:
        """The `descant infill` command that makes it from the saved file."""
        return recipes.command_line(self.document, take, self.model)

    def as_python(self, take: int) -> str:
        """A script that makes it."""
        return recipes.python_script(self.document, take)

    def measured(self, track: TrackId) -> Measured | None:
        """Levels of the notes as shown; None until measured (then `measured_changed` comes)."""
        return self.measures.of(track)

    # -- reports -----------------------------------------------------------------------------------

    def _on_message(self, message: tuple[Any, ...]) -> None:
        name, values = message[0], message[1:]
        if name in ("model", "no_model"):
            getattr(self, "_on_" + name)(*values)
        elif name == "planned":
            self.forecast.hear(*values)
        elif name == "measured":
            self.measures.put(*values)
        else:
            self.jobs.hear(name, *values)

    def _on_model(self, asked: str, model: ModelInfo) -> None:
        self.model, self.trouble = model, ""
        self.measures.forget()
        self.model_changed.emit()
        self.forecast.soon()

    def _on_no_model(self, asked: str, reason: str) -> None:
        """The model that was loaded before stays."""
        self.trouble = reason
        kept = self.tr("{} stays loaded.").format(self.model.title) if self.model else ""
        self.refused.emit(" ".join(filter(None, (reason, kept))))
        self.model_changed.emit()
        self.forecast.soon()

    def _on_lost(self) -> None:
        """The process died: its finished bars stay offered; another starts at the next need."""
        self._asked_model = self._sent = None
        self.measures.forget()
        self.jobs.give_up()
        self.refused.emit(self.tr("The model stopped unexpectedly; it starts again when needed."))
