"""How far the model is, in the status line: step, bar, speed, and a way to stop."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QToolButton, QWidget

from descant_app.actions import Actions
from descant_app.compose.composer import Composer
from descant_app.compose.job_view import JobView


class JobBar(QWidget):
    """There only while a job runs."""

    def __init__(self, composer: Composer, actions: Actions) -> None:
        super().__init__()
        self.composer = composer
        self.progress = QProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setFixedSize(110, 6)
        self.progress.setProperty("take", True)
        self.progress.setAccessibleName(self.tr("Progress"))
        self.label = QLabel()
        self.stop = QToolButton()
        self.stop.setDefaultAction(actions["stop"])
        self.stop.setIconSize(QSize(12, 12))
        self.stop.setFixedSize(20, 18)
        self.stop.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        row = QHBoxLayout(self)
        row.setContentsMargins(10, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.progress, 0, Qt.AlignmentFlag.AlignVCenter)
        row.addWidget(self.label)
        row.addWidget(self.stop)
        composer.job_changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show the job that runs."""
        job = self.composer.job
        if job is not None and job.live:  # it comes and goes with every move of a knob
            job = None
        self.setVisible(job is not None)
        if job is not None:
            self._show_share(job.share)
            self.label.setText(self._words(job))

    def _show_share(self, share: float) -> None:
        """Qt's bar would have the whole window painted before it returns; later is soon enough."""
        self.progress.setUpdatesEnabled(False)
        self.progress.setValue(round(share * 1000))
        self.progress.setUpdatesEnabled(True)

    def _words(self, job: JobView) -> str:
        parts = [job.label] if job.label else []
        if job.steps > 1:
            parts.append(self.tr("step {}/{}").format(min(job.step + 1, job.steps), job.steps))
        parts.append(self.tr("bar {} of {}").format(min(job.bars + 1, job.all_bars), job.all_bars))
        if job.tokens_per_second:
            parts.append(self.tr("{} tokens/s").format(f"{job.tokens_per_second:,.0f}"))
        return " · ".join(parts)
