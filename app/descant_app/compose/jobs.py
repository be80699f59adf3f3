"""The job that runs: started, followed, stopped; its takes put beside the piece."""

from __future__ import annotations

import time
from dataclasses import replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from descant_app.compose.answer import Answer
from descant_app.compose.ask import Ask
from descant_app.compose.job_view import JobView
from descant_app.compose.running_job import RunningJob
from descant_app.compose.words import bars_text
from descant_app.document.composition import BarCell
from descant_app.document.takes import KEPT, Batch, Take

if TYPE_CHECKING:
    from descant_app.compose.composer import Composer


class Jobs:
    """One job at a time; the newest wins, and reports of older ones are not heard."""

    def __init__(self, composer: Composer) -> None:
        self.composer = composer
        self.running: RunningJob | None = None
        self._number = 0
        self._live: set[int] = set()

    # -- starting ----------------------------------------------------------------------------------

    def write(self, ask: Ask, live: bool = False) -> None:
        """Write the bars of an ask; the piece was sent before."""
        document = self.composer.document
        takes = 1 if ask.compare else ask.composition.settings.takes
        label = self.composer.tr("Writing {}").format(bars_text(bar for _, bar in ask.bars))
        view = JobView(label, all_bars=len(ask.bars) * takes, live=live)
        self._begin(RunningJob(0, ask.about(document.piece), view, document.takes.shown))
        self.composer.link.send("write", self._number, ask)

    def again(self, batch: Batch, take: Take) -> None:
        """Make a take again, from the score it was made from."""
        request = {**batch.request, "config": {**batch.request["config"], **single(take)}}
        about = replace(self.composer.document.piece)
        view = JobView(self.composer.tr("Making the take again"), all_bars=len(take.bars))
        self._begin(RunningJob(0, about, view, batch.parent, batch))
        self.composer.link.send("again", self._number, batch.score, batch.tracks, request)

    def _begin(self, job: RunningJob) -> None:
        self._give_up()
        self._number += 1
        job.number = self._number
        self.running = job
        self.composer.job_changed.emit()

    # -- ending ------------------------------------------------------------------------------------

    def stop(self) -> None:
        """Ask the process to stop; what is finished comes as incomplete takes."""
        if self.running is not None:
            self.composer.link.send("stop", self.running.number)

    def lost(self) -> None:
        """The process is gone."""
        self._give_up()

    def _give_up(self) -> None:
        """Another job begins, or the process died: what is finished stays offered."""
        job, self.running = self.running, None
        if job is None:
            return
        if not job.view.live:
            for number, bars in job.unfinished().items():
                self._offer(job, Answer(number, bars, _seed(job, number), "auto", complete=False))
        self.composer.job_changed.emit()

    # -- hearing -----------------------------------------------------------------------------------

    def hear(self, name: str, number: int, *values: Any) -> None:
        """A report of the process."""
        job = self.running
        if job is not None and number == job.number:
            getattr(self, "_on_" + name)(job, *values)

    def _on_begun(
        self, job: RunningJob, request: dict[str, Any], takes: int, steps: int, bars: int
    ) -> None:
        composer = self.composer
        model = composer.model
        batch = job.batch
        job.batch = Batch(
            composer.document.takes.new_id(),
            request,
            batch.score if batch else job.about.score,
            batch.tracks if batch else tuple(lane.id for lane in job.about.lanes),
            model.name if model else "",
            model.content_hash if model else "",
            model.backend if model else "",
            _version(),
            job.parent,
            time.time(),
        )
        composer.document.takes.add_batch(job.batch)
        job.advance(steps=steps, all_bars=bars)
        composer.job_changed.emit()

    def _on_restarted(self, job: RunningJob, take: int) -> None:
        job.bars.pop(take, None)

    def _on_bar(self, job: RunningJob, take: int, cell: BarCell, rows: Any) -> None:
        if job.put_bar(take, cell, rows) is None:
            return
        job.advance()
        if take == min(job.bars):
            self.composer.document.set_preview(dict(job.bars[take]))
            self.composer.bar_written.emit(cell)
        self.composer.job_changed.emit()

    def _on_progress(self, job: RunningJob, steps: int, tokens: int, rate: float) -> None:
        job.advance(step=steps, tokens=tokens, tokens_per_second=rate)
        self.composer.job_changed.emit()

    def _on_take(self, job: RunningJob, answer: Answer) -> None:
        self._offer(job, answer)

    def _offer(self, job: RunningJob, answer: Answer) -> None:
        if job.batch is None:
            return
        takes = self.composer.document.takes
        first = not job.takes
        number = takes.new_id()
        job.takes[answer.number] = number
        take = Take(
            number,
            job.batch.id,
            answer.bars,
            answer.seed,
            answer.mask_mode,
            complete=answer.complete,
            scores=answer.scores,
            violations=answer.violations,
        )
        takes.put(take)
        if first:
            if job.view.live:
                self._forget_live(job)
            self.composer.show(number)

    def _forget_live(self, job: RunningJob) -> None:
        """A repaint replaces the one before unless the user did something with it."""
        takes = self.composer.document.takes
        old = [
            take.id
            for take in takes.takes.values()
            if take.batch in self._live and not take.starred and take.state != KEPT
        ]
        self._live = {job.batch.id} if job.batch else set()
        takes.remove(old)

    def _on_ended(
        self, job: RunningJob, stopped: bool, seconds: float, tokens: int, failures: int
    ) -> None:
        takes = self.composer.document.takes
        if job.batch is not None:
            job.batch = replace(job.batch, seconds=seconds, tokens=tokens)
            takes.add_batch(job.batch)
        self.running = None
        if not job.takes:
            self.composer.show(takes.shown)
        self.composer.job_changed.emit()
        self.composer.told.emit(self._summary(job, stopped, seconds, failures))

    def _summary(self, job: RunningJob, stopped: bool, seconds: float, failures: int) -> str:
        tr, count = self.composer.tr, len(job.takes)
        if stopped:
            return tr("Stopped; finished bars are offered.") if count else tr("Stopped.")
        made = tr("1 take") if count == 1 else tr("{} takes").format(count)
        text = tr("{} in {:.1f} s.").format(made, seconds)
        if failures:
            text += " " + tr("{} found no acceptable answer.").format(failures)
        return text

    def _on_failed(self, job: RunningJob, reason: str) -> None:
        self.running = None
        self.composer.show(self.composer.document.takes.shown)
        self.composer.job_changed.emit()
        self.composer.refused.emit(reason)


def single(take: Take) -> dict[str, Any]:
    """Settings that make a take of a batch alone."""
    return {"seed": take.seed, "num_candidates": 1, "mask_mode": take.mask_mode}


def _seed(job: RunningJob, number: int) -> int:
    return int(job.batch.request["config"]["seed"]) + number if job.batch else 0


def _version() -> str:
    try:
        return metadata.version("descant")
    except metadata.PackageNotFoundError:
        return "development"
