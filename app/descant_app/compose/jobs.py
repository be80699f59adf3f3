"""The job that runs: started, followed, stopped; its takes put beside the piece."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer

import descant
from descant.score.types import Bar
from descant_app.compose.answer import Answer
from descant_app.compose.ask import Ask
from descant_app.compose.job_view import JobView
from descant_app.compose.running_job import RunningJob
from descant_app.compose.words import bars_text
from descant_app.document.bar_ids import named, numbered
from descant_app.document.change import difference
from descant_app.document.composition import BarCell, TrackId
from descant_app.document.piece import Lane, Piece
from descant_app.document.takes import KEPT, Batch, Take
from descant_app.settings.translation import tr

if TYPE_CHECKING:
    from descant_app.compose.composer import Composer

TELL_MS = 80
FIRST = 0
"""The take of a job that is seen and heard while it is written."""


class Jobs:
    """One job at a time; the newest wins, and reports of older ones are not heard."""

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.document = composer.document
        self.running: RunningJob | None = None
        self._number = 0
        self._live_batches: set[int] = set()
        self._timer = QTimer(composer, interval=TELL_MS, singleShot=True)
        self._timer.timeout.connect(composer.job_changed)

    # -- starting ----------------------------------------------------------------------------------

    def write(self, ask: Ask, live: bool = False) -> None:
        """Write the bars of an ask; the process knows the piece already."""
        piece, settings = self.document.piece, ask.composition.settings
        count = len(ask.bars) * (1 if ask.compare else settings.takes)
        label = tr("Writing {}").format(bars_text(bar for _, bar in ask.bars))
        job = RunningJob(
            ask.about(piece),
            JobView(label, all_bars=count, live=live),
            self.document.takes.shown,
            carried=ask.carried,
            under=_bars_of(piece, ask.carried),
            shown=dict(ask.heard) if live else ask.carried,
        )
        self._begin(job)
        self.composer.link.send("write", job.number, ask)

    def again(self, batch: Batch, take: Take) -> None:
        """Make a take again, from the score it was made from."""
        request = {**batch.request, "config": {**batch.request["config"], **single(take)}}
        piece, targets = self.document.piece, set(batch.targets)
        bars = take.placed(piece.bar_ids, batch.bar_ids).bars
        carried = {cell: bar for cell, bar in bars.items() if cell not in targets}
        label = tr("Making the take again")
        job = RunningJob(
            Piece(batch.score, _lanes(piece, batch.tracks), bar_ids=batch.bar_ids),
            JobView(label, all_bars=len(bars) - len(carried)),
            batch.parent,
            carried=carried,
            under=batch.under,
            shown=carried,
        )
        self._begin(job)
        change = difference(piece, job.about)
        self.composer.link.send("again", job.number, change, request)

    def _begin(self, job: RunningJob) -> None:
        self._number += 1
        job.number = self._number
        self.running = job
        if not job.view.live:
            self.document.takes.show(None)
            self.redraw()
        self.composer.job_changed.emit()

    def redraw(self) -> None:
        """Show what the job that runs has written, where its bars stand in the piece now."""
        job = self.running
        if job is not None:
            bars = {**job.shown, **job.bars.get(FIRST, {})}
            self.document.set_preview(self._now(job, bars))

    def _now(self, job: RunningJob, bars: Mapping[BarCell, Bar]) -> dict[BarCell, Bar]:
        """Bars as the job numbers them, as the piece does now."""
        return numbered(named(bars, job.about.bar_ids), self.document.piece.bar_ids)

    # -- ending ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the process to stop; what is finished comes as incomplete takes."""
        if self.running is not None:
            self.running.is_stopping = True
            self.composer.link.send("stop", self.running.number)

    def give_up(self) -> None:
        """Another job begins, or the process died: what is finished stays offered."""
        job, self.running = self.running, None
        if job is None:
            return
        if not job.view.live:
            for number, bars in job.unfinished().items():
                seed, mode = job.made[number]
                self._offer(job, Answer(number, bars, seed, mode, complete=False))
        self._close(job)

    def drop(self) -> None:
        """Another piece was opened: nothing of the job is wanted any more."""
        self.stop()
        self.running = None
        self._live_batches.clear()
        self.composer.job_changed.emit()

    def _close(self, job: RunningJob) -> None:
        """The job is over: show again what it began from when it made nothing."""
        takes = self.document.takes
        if not job.takes:
            takes.remove(())  # its batch, which stays without takes
            if job.follows:
                self.composer.offers.display(job.parent if job.parent in takes.takes else None)
        self.composer.job_changed.emit()

    # -- hearing -----------------------------------------------------------------------------------

    def hear(self, name: str, number: int, *values: Any) -> None:
        """A report of the process."""
        job = self.running
        if job is not None and number == job.number:
            getattr(self, "_on_" + name)(job, *values)

    def _on_begun(
        self,
        job: RunningJob,
        request: dict[str, Any],
        made: list[tuple[int, str]],
        steps: int,
        bars: int,
    ) -> None:
        model = self.composer.model
        job.made = made
        job.batch = Batch(
            self.document.takes.new_id(),
            request,
            job.about.score,
            tuple(lane.id for lane in job.about.lanes),
            job.about.bar_ids,
            model.name if model else "",
            model.content_hash if model else "",
            model.backend if model else "",
            descant.__version__,
            job.parent,
            time.time(),
            under=job.under,
        )
        self.document.takes.add_batch(job.batch)
        job.advance(steps=steps, all_bars=bars)
        self.composer.job_changed.emit()

    def _on_restarted(self, job: RunningJob, take: int) -> None:
        job.bars.pop(take, None)

    def _on_bar(self, job: RunningJob, take: int, cell: BarCell, rows: Any) -> None:
        bar = job.put_bar(take, cell, rows)
        if bar is None:
            return
        job.advance()
        if take == FIRST and job.follows:
            self.redraw()
            for place in self._now(job, {cell: bar}):
                self.composer.bar_written.emit(place)
        self._went_on()

    def _on_progress(self, job: RunningJob, steps: int, tokens: int, rate: float) -> None:
        job.advance(step=steps, tokens=tokens, tokens_per_second=rate)
        self._went_on()

    def _went_on(self) -> None:
        """Tell how far it is, as often as eyes can follow: views paint whenever they are told."""
        if not self._timer.isActive():
            self._timer.start()

    def _on_take(self, job: RunningJob, answer: Answer) -> None:
        self._offer(job, answer)

    def _offer(self, job: RunningJob, answer: Answer) -> None:
        if job.batch is None:
            return
        number = self.document.takes.new_id()
        take = Take(
            number,
            job.batch.id,
            {**job.carried, **answer.bars},
            answer.seed,
            answer.mask_mode,
            complete=answer.complete,
            scores=answer.scores,
            violations=answer.violations,
        )
        self.document.takes.put(take.placed(job.about.bar_ids, self.document.piece.bar_ids))
        first, job.takes[answer.number] = not job.takes, number
        if first and job.follows:
            self.composer.offers.display(number)
        if first and job.view.live:
            self._forget_older_repaints(job.batch.id)

    def _forget_older_repaints(self, batch: int) -> None:
        """A repaint replaces the one before unless the user did something with it."""
        takes = self.document.takes
        old = [
            take.id
            for take in takes.takes.values()
            if take.batch in self._live_batches and not take.starred and take.state != KEPT
        ]
        self._live_batches = {batch}
        takes.remove(old)

    def _on_ended(
        self, job: RunningJob, stopped: bool, seconds: float, tokens: int, failures: int
    ) -> None:
        if job.batch is not None and job.takes:
            self.document.takes.add_batch(replace(job.batch, seconds=seconds, tokens=tokens))
        self.running = None
        self._close(job)
        if not job.view.live:
            self.composer.told.emit(self._summary(job, stopped, seconds, failures))

    def _summary(self, job: RunningJob, stopped: bool, seconds: float, failures: int) -> str:
        count = len(job.takes)
        if stopped:
            return tr("Stopped; finished bars are offered.") if count else tr("Stopped.")
        made = tr("1 take") if count == 1 else tr("{} takes").format(count)
        text = tr("{} in {:.1f} s.").format(made, seconds)
        if len({mode for _, mode in job.made}) > 1 and not _hides(job):
            text += " " + tr("No bars are hidden, so all ways write the same.")
        if failures:
            text += " " + tr("{} found no acceptable answer.").format(failures)
        return text

    def _on_failed(self, job: RunningJob, reason: str) -> None:
        self.running = None
        self._close(job)
        self.composer.refused.emit(reason)


def _lanes(piece: Piece, tracks: tuple[TrackId, ...]) -> tuple[Lane, ...]:
    known = {lane.id: lane for lane in piece.lanes}
    return tuple(known.get(track, Lane(track)) for track in tracks)


def single(take: Take) -> dict[str, Any]:
    """Settings that make a take of a batch alone."""
    return {"seed": take.seed, "num_candidates": 1, "mask_mode": take.mask_mode}


def _hides(job: RunningJob) -> bool:
    prompts = job.batch.request["tracks"] if job.batch else ()
    return any(prompt["mask_bars"] for prompt in prompts)


def _bars_of(piece: Piece, cells: Mapping[BarCell, Bar]) -> dict[BarCell, Bar]:
    found = {}
    for track, bar in cells:
        index = piece.index_of(track)
        if index is not None and bar < piece.bar_count:
            found[track, bar] = piece.score.tracks[index].bars[bar]
    return found
