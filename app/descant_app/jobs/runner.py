"""Runs a function on a thread of the pool; the result comes back on the window's thread."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QRunnable, QThreadPool, Signal

from descant.errors import DescantError

log = logging.getLogger("descant.app")


class Job(QObject):
    """Work under way.  One of `done(result)` and `failed(sentence)` comes."""

    done = Signal(object)
    failed = Signal(str)
    progressed = Signal(float)

    cancelled = False

    def cancel(self) -> None:
        """Stop caring; work that asks `report` stops working."""
        self.cancelled = True

    def report(self, share: float) -> bool:
        """Called by the work: how much is done; False asks it to stop."""
        self.progressed.emit(share)
        return not self.cancelled


class _Task(QRunnable):
    def __init__(self, job: Job, work: Callable[[], Any]) -> None:
        super().__init__()
        self.job, self.work = job, work

    def run(self) -> None:
        try:
            result = self.work()
        except (DescantError, OSError) as error:
            self.job.failed.emit(sentence_of(error))
        except MemoryError:
            self.job.failed.emit("There is not enough memory for this.")
        except Exception as error:
            log.exception("a job failed")
            self.job.failed.emit(f"Something went wrong: {error}")
        else:
            self.job.done.emit(result)


class Runner(QObject):
    """The pool of the window.  Jobs are kept alive until they have reported."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.pool = QThreadPool(self)
        self.pool.setMaxThreadCount(2)
        self.jobs: set[Job] = set()

    def start(
        self,
        work: Callable[[], Any],
        done: Callable[[Any], None],
        failed: Callable[[str], None],
    ) -> Job:
        """Run `work`; then call `done(result)` or `failed(sentence)` on the window's thread."""
        job = Job(self)
        self.jobs.add(job)
        job.done.connect(lambda result: self._finish(job, done, result))
        job.failed.connect(lambda sentence: self._finish(job, failed, sentence))
        self.pool.start(_Task(job, work))
        return job

    def _finish(self, job: Job, call: Callable[[Any], None], value: Any) -> None:
        self.jobs.discard(job)
        job.deleteLater()
        if not job.cancelled:
            call(value)

    def close(self) -> None:
        """Wait for what is under way; nothing is reported any more."""
        for job in self.jobs:
            job.cancel()
        self.pool.waitForDone(3000)


def sentence_of(error: Exception) -> str:
    """One line for the user."""
    if isinstance(error, OSError) and error.strerror:
        name = f" ({error.filename})" if error.filename else ""
        return f"{error.strerror}{name}."
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return text[0].upper() + text[1:]
