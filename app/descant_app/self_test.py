"""`descant --self-test [MODEL]`: proof that an installed program works, from window to saved file.

Opens the demo piece, lets the model write a bar of it, plays to no port, renders a chord, saves and
reads back, with settings and data in a folder of its own.  The packages' tests run it; a user whose
program misbehaves can too.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QObject

from descant.errors import DescantError
from descant.model.registry import bundled_models
from descant.score.types import Score
from descant_app.application import Application, make_qt
from descant_app.document.files import open_file
from descant_app.document.project_file import SUFFIX
from descant_app.paths import settings_file
from descant_app.playback.fonts import chosen_font
from descant_app.settings.options import Settings

TRACK, BAR = 1, 4
PATIENCE_S = 120.0


class SelfTestError(DescantError):
    """Something that should work does not."""


def main(*arguments: str) -> int:
    """Run all steps, a line each; 0 when they all worked, else 1 and what did not."""
    with tempfile.TemporaryDirectory(prefix="descant-") as folder:
        os.environ["DESCANT_DATA"] = folder
        try:
            _run(Path(folder), *arguments[:1])
        except Exception as error:  # whatever it is, the answer is that the program does not work
            print(f"self-test failed: {type(error).__name__}: {error}", file=sys.stderr)
            return 1
    print("self-test passed")
    return 0


def _run(folder: Path, model: str = "") -> None:
    model = model or _first_model()
    qt = make_qt()
    settings = Settings(settings_file())
    settings.options.output = "none"
    whole = Application(settings)
    try:
        _show(whole)
        _infill(whole, model)
        _play(whole)
        _hear()
        _save(whole, folder / ("self-test" + SUFFIX))
    finally:
        whole.document.undo_stack.setClean()  # nobody is here to be asked
        whole.window.close()
        qt.processEvents()


def _first_model() -> str:
    names = list(bundled_models())
    if not names:
        raise SelfTestError("no model ships with this build; name one: descant --self-test FILE")
    return names[0]


class _FirstPaint(QObject):
    """When a widget was first painted: by the clock on the wall, and how long this process had
    worked until then, in seconds; the work does not grow while others keep the processor busy."""

    at_s, work_s = 0.0, 0.0

    def eventFilter(self, widget: QObject, event: QEvent) -> bool:  # noqa: N802
        if event.type() == QEvent.Type.Paint and not self.at_s:
            self.at_s, self.work_s = time.time(), time.process_time()
        return False


def _show(whole: Application) -> None:
    seen, canvas = _FirstPaint(), whole.window.pane.view.viewport()
    canvas.installEventFilter(seen)
    whole.show([])
    _until(lambda: seen.at_s > 0, "painting the window")
    canvas.removeEventFilter(seen)
    print(f"window: painted, at {seen.at_s:.3f} after {seen.work_s:.3f} s of work", flush=True)
    whole.after_first_paint()


def _infill(whole: Application, model: str) -> None:
    """One bar, through the model's process, as the window's user would."""
    document, composer, failures = whole.document, whole.composer, list[str]()
    composer.refused.connect(failures.append)
    before, piece = document.score, document.piece
    wishes = piece.composition.with_settings(model=model, takes=1, seed=1)
    document.do("Self-test", piece.with_composition(wishes))
    begin = time.perf_counter()
    composer.infill_bar((document.lanes[TRACK].id, BAR))
    _until(lambda: failures or _is_written(whole), "writing a bar")
    if failures or not composer.offers.keep(next(iter(document.takes.takes))):
        raise SelfTestError(failures[0])
    _check_only_the_bar_differs(before, document.score)
    print(f"model: wrote a bar in {time.perf_counter() - begin:.2f} s, loading included")


def _is_written(whole: Application) -> bool:
    return whole.composer.job is None and bool(whole.document.takes.takes)


def _check_only_the_bar_differs(before: Score, after: Score) -> None:
    for number, (old, new) in enumerate(zip(before.tracks, after.tracks, strict=True)):
        for bar, pair in enumerate(zip(old.bars, new.bars, strict=True)):
            if pair[0] != pair[1] and (number, bar) != (TRACK, BAR):
                raise SelfTestError(f"track {number + 1}, bar {bar + 1} changed unasked")


def _play(whole: Application) -> None:
    player = whole.player
    player.play()
    _until(lambda: player.tick > whole.document.score.resolution, "playing a beat")
    player.stop()
    _until(lambda: not player.playing, "stopping")
    print(f"player: played to tick {player.tick} and stopped")


def _hear() -> None:
    from descant_app.playback.event_list import Voice
    from descant_app.playback.output import NOTE_ON
    from descant_app.playback.synth import SynthOutput

    font = chosen_font("")
    if font is None:
        raise SelfTestError("there is no SoundFont")
    synth = SynthOutput(font, gain=0.6, reverb=0.2)
    synth.setup((Voice(0, 0, False),))
    for pitch in (60, 64, 67):
        synth.send(0, NOTE_ON, pitch, 100)
    peak = max(abs(int(sample)) for sample in synth.samples(4410))
    synth.close()
    if peak < 100:
        raise SelfTestError(f"a chord on {font.name} is silent")
    print(f"sound: a chord on {font.name} peaks at {peak / 32768:.2f}")


def _save(whole: Application, path: Path) -> None:
    whole.document.set_path(path)
    if not whole.files.save():
        raise SelfTestError(whole.window.told.text())
    if open_file(path).project.piece.score != whole.document.score:
        raise SelfTestError("the saved project is not the piece that was saved")
    print(f"file: {path.stat().st_size} bytes saved and read back")


def _until(done: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not done():
        if time.monotonic() > deadline:
            raise SelfTestError(f"{what} took longer than {PATIENCE_S:.0f} s")
        QCoreApplication.processEvents()
        time.sleep(0.002)
