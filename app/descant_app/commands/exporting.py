"""Music that leaves the window without being saved: MIDI, audio, and drags into other programs."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QDrag
from PySide6.QtWidgets import QFileDialog, QProgressDialog

from descant.files import replace_file
from descant.score.types import Score
from descant_app.document.clip import MIDI_MIME
from descant_app.document.files import bytes_for
from descant_app.document.project_file import Project
from descant_app.jobs.runner import Job, Runner, sentence_of
from descant_app.main_window import MainWindow
from descant_app.paths import data_folder
from descant_app.playback.event_list import event_list
from descant_app.playback.fonts import chosen_font
from descant_app.settings.translation import tr


class ExportCommands:
    """Connects the exports and the drags out of the arrangement, the headers and the roll."""

    def __init__(self, window: MainWindow, runner: Runner, project: Callable[[], Project]) -> None:
        self.window, self.document, self.runner = window, window.document, runner
        self.project = project
        window.actions_.connect_all(export_midi=self.export_midi, export_wav=self.export_wav)
        window.arrangement.drag_out_wanted.connect(self.drag_choice)
        window.pane.view.drag_out_wanted.connect(self.drag_choice)
        window.headers.drag_out_wanted.connect(self.drag_track)

    # -- files -----------------------------------------------------------------------------------

    def export_midi(self) -> None:
        """The music to a MIDI file, the piece staying what it is."""
        name = self._ask(tr("Export MIDI"), ".mid", tr("MIDI file"))
        if name:
            try:
                replace_file(name, bytes_for(Path(name).with_suffix(".mid"), self.project()))
                self.window.tell(tr("Wrote {}.").format(Path(name).name))
            except Exception as error:
                self.window.warn(tr("Not written: {}").format(sentence_of(error)))

    def export_wav(self) -> None:
        """What the built-in synth plays, to a WAV file."""
        name = self._ask(tr("Export audio"), ".wav", tr("WAV audio"))
        if name:
            self.write_wav(Path(name))

    def _ask(self, title: str, ending: str, kind: str) -> str:
        path = self.document.path or Path.home() / self.document.name
        start = str(path.with_suffix(ending))
        return QFileDialog.getSaveFileName(self.window, title, start, f"{kind} (*{ending})")[0]

    def write_wav(self, path: Path) -> None:
        """Render off the window's thread, with progress and a way to stop."""
        from descant_app.playback.render import render_wav

        options = self.window.settings.options
        font = chosen_font(options.font)
        if font is None:
            self.window.warn(tr("No SoundFont was found; choose one in the preferences."))
            return
        events = event_list(self.document.score, self.document.piece.heard())
        text, stop = tr("Writing {}").format(path.name), tr("Stop")
        dialog = QProgressDialog(text, stop, 0, 100, self.window)
        dialog.setMinimumDuration(400)
        box: dict[str, Job] = {}

        def report(share: float) -> bool:
            return box["job"].report(share) if "job" in box else True

        def work() -> bool:
            return render_wav(events, path, font, options.gain, options.reverb, report)

        def done(whole: bool) -> None:
            dialog.reset()
            if whole:
                self.window.tell(tr("Wrote {}.").format(path.name))

        def failed(sentence: str) -> None:
            dialog.reset()
            self.window.warn(sentence)

        job = box["job"] = self.runner.start(work, done, failed)
        job.progressed.connect(lambda share: dialog.setValue(int(share * 100)))
        dialog.canceled.connect(job.cancel)

    # -- drags -----------------------------------------------------------------------------------

    def drag_choice(self) -> None:
        """The chosen notes, or the chosen bars, leave the window as a MIDI file."""
        score = self.window.bars.chosen_score()
        if score is not None:
            self._drag(score)

    def drag_track(self, index: int) -> None:
        """A whole track leaves the window as a MIDI file."""
        self._drag(self.window.bars.track_score(index))

    def _drag(self, score: Score) -> None:
        path = self.write_drag_file(score)
        mime = QMimeData()
        mime.setUrls([QUrl.fromLocalFile(str(path))])
        mime.setData(MIDI_MIME, path.read_bytes())
        drag = QDrag(self.window)
        drag.setMimeData(mime)
        drag.exec(Qt.DropAction.CopyAction)

    def write_drag_file(self, score: Score) -> Path:
        """Music as a file of its own, named after the piece and its first track."""
        from descant.midi_file import midi_bytes

        names = [self.document.name, *(t.name for t in score.tracks[:1] if t.name)]
        folder = data_folder() / "dragged"
        folder.mkdir(exist_ok=True)
        path = folder / (re.sub(r"[^\w .-]", "_", "-".join(names))[:60] + ".mid")
        path.write_bytes(midi_bytes(score))
        return path
