"""Download a model from the hub: its licence first, then the file, off the window's thread."""

from __future__ import annotations

import os
import re
import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QProcess, QProcessEnvironment, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from descant.model.pretrained import (
    DEFAULT_REPOSITORY,
    KNOWN_NAMES,
    Licence,
    LicenceNotAcceptedError,
    fetch_pretrained,
)
from descant_app.jobs.runner import Runner

_PERCENT = re.compile(r"(\d{1,3})%\|")


class DownloadDialog(QDialog):
    """`path` is the downloaded file once the dialog was accepted.

    The file comes through `descant models get` in a process of its own, so that stopping it stops
    at once and leaves what was fetched to go on from.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Download a model from the hub"))
        self.path: Path | None = None
        self.runner = Runner(self)
        self.process: QProcess | None = None
        self.name, self.repository = QComboBox(), QComboBox()
        self.about, self.progress = QLabel(), QProgressBar()
        self.go = QPushButton(self.tr("Show licence"))
        self._licence: Licence | None = None
        self._errors = ""
        self._arrange()

    def _arrange(self) -> None:
        self.setMinimumWidth(440)
        for box, entries in ((self.name, KNOWN_NAMES), (self.repository, (DEFAULT_REPOSITORY,))):
            box.setEditable(True)
            box.addItems(list(entries))
            box.editTextChanged.connect(self._changed)
        form = QFormLayout()
        form.addRow(self.tr("Model"), self.name)
        form.addRow(self.tr("From"), self.repository)
        self.about.setWordWrap(True)
        self.about.setOpenExternalLinks(True)
        self.about.setTextFormat(Qt.TextFormat.RichText)
        self.about.setMinimumHeight(52)
        self.about.setText(
            self.tr("Models of others come under their own licence, which is shown first.")
        )
        self.progress.hide()
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self.go, QDialogButtonBox.ButtonRole.ActionRole)
        buttons.rejected.connect(self.reject)
        self.go.setDefault(True)
        self.go.clicked.connect(self._go)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 18, 18, 14)
        column.setSpacing(12)
        column.addLayout(form)
        column.addWidget(self.about)
        column.addWidget(self.progress)
        column.addWidget(buttons)

    # -- steps -----------------------------------------------------------------------------------

    def _go(self) -> None:
        if self._licence is None:
            self._ask_licence()
        else:
            self._fetch()

    def _ask_licence(self) -> None:
        self._busy(self.tr("Asking the hub…"))
        name, repository = self.name.currentText().strip(), self.repository.currentText().strip()
        self.runner.start(partial(_licence_of, name, repository), self._asked, self._failed)

    def _asked(self, found: Licence | Path) -> None:
        if isinstance(found, Path):
            self.path = found
            self.accept()
            return
        self._licence = found
        text = self.tr(
            "<b>{}</b> belongs to {}. Licence: <b>{}</b>, <a href='{}'>read it here</a>. "
            "By downloading you accept it."
        )
        self.about.setText(
            text.format(self.name.currentText(), found.repository, found.name, found.url)
        )
        self.progress.hide()
        self.go.setText(self.tr("Accept and download"))
        self.go.setEnabled(True)

    def _fetch(self) -> None:
        self._busy(self.tr("Downloading…"))
        process = self.process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        environment.insert("TQDM_POSITION", "-1")  # the hub's client shows progress to no pipe else
        environment.insert("COLUMNS", "4096")
        process.setProcessEnvironment(environment)
        process.readyReadStandardError.connect(self._progressed)
        process.finished.connect(self._fetched)
        words = ["models", "get", self.name.currentText().strip()]
        words += ["--repository", self.repository.currentText().strip(), "--accept-licence"]
        module = [] if getattr(sys, "frozen", False) else ["-m", "descant"]
        process.start(sys.executable, [*module, *words])

    def _progressed(self) -> None:
        assert self.process is not None
        self._errors = bytes(self.process.readAllStandardError().data()).decode(errors="replace")
        found = _PERCENT.findall(self._errors)
        if found:
            self.progress.setRange(0, 100)
            self.progress.setValue(int(found[-1]))

    def _fetched(self, code: int, _: QProcess.ExitStatus) -> None:
        process, self.process = self.process, None
        if process is None:
            return
        answer = bytes(process.readAllStandardOutput().data()).decode(errors="replace")
        path = Path(answer.strip().splitlines()[-1]) if code == 0 and answer.strip() else None
        if path is not None and os.path.isfile(path):
            self.path = path
            self.accept()
        else:
            lines = [line for line in self._errors.splitlines() if line.strip()]
            self._failed(lines[-1] if lines else self.tr("The download did not finish."))

    # -- states ----------------------------------------------------------------------------------

    def _busy(self, text: str) -> None:
        self.about.setText(text)
        self.progress.setRange(0, 0)
        self.progress.show()
        self.go.setEnabled(False)

    def _failed(self, sentence: str) -> None:
        self.about.setText(sentence)
        self.progress.hide()
        self.go.setEnabled(True)

    def _changed(self) -> None:
        self._licence = None
        self.go.setText(self.tr("Show licence"))

    def done(self, result: int) -> None:
        """However it ends, nothing goes on behind it."""
        process, self.process = self.process, None
        if process is not None:
            process.kill()
            process.waitForFinished(2000)
        for job in self.runner.jobs:
            job.cancel()
        super().done(result)


def _licence_of(name: str, repository: str) -> Licence | Path:
    """The licence to be accepted, or the file when it is here already."""
    try:
        return fetch_pretrained(name, repository)
    except LicenceNotAcceptedError as error:
        return error.licence
