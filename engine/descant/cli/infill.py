"""`descant infill`: write bars of a MIDI file anew."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from descant.cli import report
from descant.cli.numbers import bars_text
from descant.cli.wish import Wish
from descant.engine import InferenceEngine
from descant.errors import MidiFileError
from descant.generation import GenerationCancelled, SamplingSession
from descant.midi_file import read_midi, write_midi
from descant.picture import draw_roll
from descant.score import Notes, Score

STOPPED = 130


@dataclass(frozen=True)
class InfillJob:
    """What `descant infill` was asked to do."""

    source: Path
    target: Path
    wish: Wish
    engine: InferenceEngine
    picture: Path | None = None
    quiet: bool = False

    def run(self) -> tuple[dict[str, Any], bool]:
        """Generate and write; what happened, and whether it was stopped before the end."""
        score = read_midi(self.source)
        check_writable(self.target)
        session = self.engine.session(score, self.wish.to_request(score, self.engine.abilities))
        begin = time.perf_counter()
        with _progress(session, self.quiet), _interruptible(session):
            takes, stopped = _takes(session)
        seconds = time.perf_counter() - begin
        files = [str(path) for path in self._write(takes)]
        if self.picture is not None and takes:
            marked = {(t, bar) for t, bars in session.generated_bars.items() for bar in bars}
            draw_roll(takes[0][0], self.picture, highlight=marked, before=score)
        return self._summary(session, takes, files, seconds), stopped

    def _write(self, takes: list[tuple[Score, int]]) -> Iterator[Path]:
        for number, (score, _) in enumerate(takes, 1):
            path = self.target if number == 1 else numbered(self.target, number)
            write_midi(score, path)
            yield path

    def _summary(
        self,
        session: SamplingSession,
        takes: list[tuple[Score, int]],
        files: list[str],
        seconds: float,
    ) -> dict[str, Any]:
        return {
            "model": self.engine.model.name,
            "seconds": round(seconds, 3),
            "tokens": session.gen_count,
            "tokens_per_second": round(session.gen_count / seconds, 1) if seconds else 0.0,
            "seed": session.resolved_seed,
            "files": files,
            "dropped_tracks": [track + 1 for track in session.dropped_context],
            "written": [
                {
                    "track": track + 1,
                    "bars": bars_text(bars),
                    "notes": sum(len(takes[0][0].tracks[track].bars[b].notes) for b in bars),
                    "levels": self._levels(takes[0][0], track, bars),
                }
                for track, bars in session.generated_bars.items()
                if takes
            ],
        }

    def _levels(self, score: Score, track: int, bars: list[int]) -> dict[str, Any]:
        """Wishes beside what was measured in the result."""
        prompts = self.wish.to_request(score, self.engine.abilities).tracks
        prompt = next(prompt for prompt in prompts if prompt.id == track)
        measured = self.engine.measure(score, track, bars)
        wishes = dict(prompt.attributes)
        found: dict[str, Any] = {
            name: {"wanted": level, "measured": measured["track"].get(name)}
            for name, level in wishes.items()
        }
        for bar, levels in prompt.bar_attributes.items():
            for name, level in levels.items():
                found[f"{name}@{bar + 1}"] = {
                    "wanted": level,
                    "measured": measured["bars"].get(bar, {}).get(name),
                }
        return found


def _takes(session: SamplingSession) -> tuple[list[tuple[Score, int]], bool]:
    """Finished scores with their seeds; a single one goes through every check and retry."""
    try:
        if session.request.config.num_candidates == 1:
            return [(session.run(), session.resolved_seed)], False
        return [(v["score"], v["seed"]) for v in session.run_variations() if v["score"]], False
    except GenerationCancelled as stop:
        if isinstance(stop.partial, Score):
            return [(stop.partial, session.resolved_seed)], True
        return [(v["score"], v["seed"]) for v in stop.partial if v["score"]], True


def numbered(path: Path, number: int) -> Path:
    """`song.mid`, 2 -> `song-2.mid`."""
    return path.with_name(f"{path.stem}-{number}{path.suffix}")


def check_writable(path: Path) -> None:
    """Fail before the work, not after it."""
    if path.is_dir():
        raise MidiFileError(f"{path} is a folder; name the file to write")
    if not path.parent.is_dir():
        raise MidiFileError(f"folder {path.parent} does not exist; make it first")
    if not os.access(path if path.exists() else path.parent, os.W_OK):
        raise MidiFileError(f"{path} cannot be written: you have no permission; name another file")


@contextmanager
def _progress(session: SamplingSession, quiet: bool) -> Iterator[None]:
    total = sum(len(bars) for bars in session.generated_bars.values())
    total *= session.request.config.num_candidates
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:.0f}/{task.total:.0f} bars"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=report.err, disable=quiet or not report.err.is_terminal) as bar:
        task = bar.add_task("writing", total=total)

        def finished(take: int, track: int, index: int, notes: Notes) -> None:
            bar.advance(task)

        session.bar_sink = finished
        yield


@contextmanager
def _interruptible(session: SamplingSession) -> Iterator[None]:
    """Ctrl+C ends the work before the next token and keeps what is finished."""

    def stop(number: int, frame: FrameType | None) -> None:
        session.stop()

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
