"""How soon composing answers in the real window, and what it costs the window and the player.

python tests/bench/bench_compose.py [MODEL.safetensors]

Offscreen, on the demo piece with the bars it opens with, while it plays to a silent output.  The
model is the first that ships, or the file named.  Beside wall times stands the processor time that
was spent, which does not depend on what else the machine does (of Linux only).
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("DESCANT_DATA", tempfile.mkdtemp())

import numpy as np
from PySide6.QtCore import QCoreApplication, QEventLoop, QTimer, qInstallMessageHandler
from PySide6.QtWidgets import QApplication

from descant_app.application import Application
from descant_app.compose.composer import Composer
from descant_app.document.composition import Composition
from descant_app.settings.options import Settings

RUNS, REPAINTS = 7, 24
BEAT_MS = 5
TICK = 1000 / os.sysconf("SC_CLK_TCK") if sys.platform == "linux" else 0.0
"""Milliseconds of the unit that processor time is counted in."""


def until(condition: Callable[[], object], seconds: float = 120.0) -> None:
    end = time.perf_counter() + seconds
    while not condition():
        if time.perf_counter() > end:
            raise TimeoutError("the model did not answer")
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents, 20)


def settle(seconds: float = 1.0) -> None:
    """Let what was begun, such as reading the prompt early, come to its end."""
    end = time.perf_counter() + seconds
    until(lambda: time.perf_counter() > end)


def spent_ms(composer: Composer) -> float:
    """Processor time of the model's process so far, in milliseconds."""
    process = composer.link.process
    if process is None or not TICK:
        return 0.0
    stat = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) * TICK


class HeartBeat:
    """Gaps between the beats of a timer in the window's thread; and what it computed in each."""

    def __init__(self) -> None:
        self.gaps: list[float] = []
        self.busy: list[float] = []
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._timer = QTimer(interval=BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self.gaps.append((now - self._last) * 1000 - BEAT_MS)
        self.busy.append((worked - self._worked) * 1000)
        self._last, self._worked = now, worked

    def report(self) -> None:
        for name, values in (("late", self.gaps), ("computing", self.busy)):
            worst = ", ".join(f"{value:.0f}" for value in sorted(values)[:-4:-1])
            print(
                f"window's heart, {name:10} p99 {np.percentile(values, 99):.1f} ms, worst {worst}; "
                f"{sum(value > 50 for value in values)} of {len(values)} over 50 ms"
            )


Moment = tuple[float, float]
"""Milliseconds since the press: on the clock, and of processors in the model's process."""


def bars_after(composer: Composer, press: Callable[[], None]) -> list[Moment]:
    """When each bar of the take that is shown came, and when the job ended."""
    times: list[Moment] = []
    start, spent = time.perf_counter(), spent_ms(composer)

    def passed(_: object = None) -> None:
        times.append(((time.perf_counter() - start) * 1000, spent_ms(composer) - spent))

    composer.bar_written.connect(passed)
    press()
    until(lambda: composer.job is None)
    composer.bar_written.disconnect(passed)
    passed()
    return times


def with_settings(composer: Composer, **settings: Any) -> None:
    document = composer.document
    wishes = document.composition.with_settings(**settings)
    document.do("Settings", document.piece.with_composition(wishes))
    settle()


def median(moments: list[Moment]) -> str:
    wall, spent = ([moment[i] for moment in moments] for i in (0, 1))
    return (
        f"{np.median(wall):7.0f} ms ({min(wall):.0f} to {max(wall):.0f}); "
        f"{np.median(spent):.0f} ms of processors, {len(moments)} times"
    )


def measure_first_bars(composer: Composer) -> None:
    runs = []
    with_settings(composer, takes=1)
    for _ in range(RUNS):
        runs.append(bars_after(composer, composer.generate))
        settle(0.5)
    print("press to first bar     ", median([run[0] for run in runs]))
    print("press to four bars     ", median([run[3] for run in runs]))


def measure_takes(composer: Composer) -> None:
    spent: dict[int, list[Moment]] = {1: [], 8: []}
    for count in spent:
        with_settings(composer, takes=count)
        for _ in range(RUNS):
            spent[count].append(bars_after(composer, composer.generate)[-1])
            settle(0.3)
        print(f"{count} take{'s' * (count > 1):4}                ", median(spent[count]))
    wall, work = (np.median(spent[8], axis=0) / np.median(spent[1], axis=0)).tolist()
    print(f"8 takes cost              {wall:.1f} times 1; {work:.1f} times of processors")


def measure_stop(composer: Composer) -> None:
    with_settings(composer, takes=8)
    times = []
    for _ in range(RUNS):
        composer.generate()
        until(lambda: composer.job is None or composer.job.bars)
        times.append(bars_after(composer, composer.stop)[-1])
        settle(0.3)
    print("stop                   ", median(times))


def measure_repaint(composer: Composer) -> None:
    """A painted level of one bar to that bar written anew."""
    document = composer.document
    track, bars = next(iter(document.selection.bars_by_track().items()))
    document.selection.set_bars([(track, bars[0])])
    composer.set_live(True)
    settle(2.0)
    times = []
    for i in range(REPAINTS):
        draft = document.composition.with_levels((track, "bar_note_density"), {bars[0]: 1 + i % 6})

        def paint(draft: Composition = draft) -> None:
            composer.set_draft(draft)
            until(lambda: composer.job is not None)

        times.append(bars_after(composer, paint)[0])
        settle(0.1)
    composer.set_draft(None)
    composer.set_live(False)
    until(lambda: composer.job is None)
    print("painted bar to its notes", median(times))


def measure_player(whole: Application, work: Callable[[], None]) -> None:
    """How late the player's clock wakes while the work is done."""
    late: list[float] = []
    whole.player._on_lateness = late.extend  # type: ignore[attr-defined]
    whole.player._send("lateness")
    settle(0.3)
    late.clear()
    work()
    whole.player._send("lateness")
    until(lambda: late, 5)
    values = np.array(late) * 1000
    print(
        f"player lateness meanwhile mean {values.mean():.2f} ms, p99 "
        f"{np.percentile(values, 99):.2f} ms, of {len(values)} wakes"
    )


def main() -> None:
    qInstallMessageHandler(lambda *_: None)  # the offscreen platform has a remark on each dialog
    app = QApplication([])
    settings = Settings(Path(os.environ["DESCANT_DATA"]) / "bench.json")
    settings.options.output, settings.options.audition = "none", False
    if len(sys.argv) > 1:
        os.environ["DESCANT_MODEL"] = str(Path(sys.argv[1]).resolve())
    whole = Application(settings)
    whole.window.resize(1600, 900)
    whole.window.show()
    whole.files.show_example()
    composer = whole.composer
    composer.refused.connect(lambda text: print("refused:", text))
    composer.start()
    until(lambda: composer.model is not None)
    until(lambda: composer.outlook.ready)
    assert composer.model is not None
    steps = composer.outlook.steps
    print(f"{composer.model.name}, {len(composer.document.selection.bars)} bars, prompt of")
    print(f"{steps[0].prompt_tokens} tokens, load average {os.getloadavg()[0]:.1f}")
    settle(3.0)
    beat = HeartBeat()
    whole.player.set_loop((0, whole.document.end_tick))
    whole.player.play()

    def everything() -> None:
        measure_first_bars(composer)
        measure_takes(composer)
        measure_stop(composer)
        measure_repaint(composer)

    beat.gaps.clear()
    beat.busy.clear()
    measure_player(whole, everything)
    beat.report()
    whole.player.close()
    composer.close()
    whole.document.undo_stack.setClean()
    whole.window.close()
    del app


if __name__ == "__main__":
    main()
