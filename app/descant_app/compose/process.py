"""The model's process: one thread writes, one plans and measures, one reads commands.

It has an interpreter of its own, so nothing it does makes the window or the player late, and its
death costs a job and nothing else.  Commands and reports are those of `wire`.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

from descant.engine import InferenceEngine
from descant.errors import CheckpointError, DescantError
from descant.model.hiding import NetworkInput
from descant.model.registry import ModelCard, bundled_models, default_model
from descant.request import GenerationRequest
from descant.score.types import Bar
from descant_app.compose.abilities import mask_modes, model_info
from descant_app.compose.ask import Ask
from descant_app.compose.mailbox import Mailbox
from descant_app.compose.measuring import measure
from descant_app.compose.outlook import Outlook
from descant_app.compose.planning import plan
from descant_app.compose.reading import for_planning, read_early
from descant_app.compose.request import build_request
from descant_app.compose.speed import Speed
from descant_app.compose.words import sentence
from descant_app.compose.writing import Writing
from descant_app.document.change import PieceChange
from descant_app.document.composition import TrackId
from descant_app.document.piece import Piece, new_piece
from descant_app.playback import wire

log = logging.getLogger("descant.compose")

BACKEND = "native int8"
GIVE_WAY = 5
"""Steps of niceness."""
NO_MODEL = "No model is loaded."


class ModelProcess:
    """Commands in, bars and takes out."""

    def __init__(self, source: Any, sink: Any) -> None:
        self._source, self._sink = source, sink
        self._lock = threading.Lock()
        self._piece = new_piece()
        self._engine: InferenceEngine | None = None
        self._planner: InferenceEngine | None = None
        self._no_model = NO_MODEL
        self._network_used = threading.Lock()
        self._writing: Writing | None = None
        self._newest = self._stopped = 0
        self._speed = Speed()
        self._to_write, self._to_plan = Mailbox(), Mailbox()

    def run(self) -> None:
        """Until the window goes away or says quit."""
        for box in (self._to_write, self._to_plan):
            threading.Thread(target=self._work, args=(box,), daemon=True).start()
        while (message := wire.read(self._source)) is not None and message[0] != "quit":
            getattr(self, "on_" + message[0])(*message[1:])
        self.on_stop(self._newest)

    def _work(self, box: Mailbox) -> None:
        while True:
            box.take()()

    def _guarded(self, call: Callable[[], None], failed: Callable[[str], None]) -> None:
        """Whatever goes wrong is told in one sentence and ends nothing else."""
        try:
            call()
        except DescantError as error:
            failed(sentence(str(error)))
        except MemoryError:
            failed("There is not enough memory for this.")
        except Exception as error:
            log.exception("the model's process failed")
            failed(f"Something went wrong in the model: {sentence(str(error))}")

    def _tell(self, *message: Any) -> None:
        with self._lock, contextlib.suppress(OSError, ValueError):
            wire.write(self._sink, *message)

    # -- commands, on the reading thread -----------------------------------------------------------

    def on_piece(self, piece: Piece) -> None:
        """A whole piece, whose bars follow."""
        self._piece = piece

    def on_bars(self, index: int, bars: tuple[Bar, ...]) -> None:
        track = self._piece.score.tracks[index]
        self._piece = self._piece.with_track(index, replace(track, bars=track.bars + bars))

    def on_change(self, change: PieceChange) -> None:
        self._piece = change.forward(self._piece)

    def on_load(self, model: str) -> None:
        self.on_stop(self._newest)
        self._to_write.put("load", lambda: self._load(model))

    def on_plan(self, number: int, ask: Ask) -> None:
        piece = self._piece
        self._to_plan.put("plan", lambda: self._plan(number, piece, ask))

    def on_measure(self, number: int, track: TrackId, bars: dict[int, Bar]) -> None:
        piece = self._piece.with_bars({(track, bar): value for bar, value in bars.items()})
        self._to_plan.put(f"measure {track}", lambda: self._measure(number, piece, track))

    def on_write(self, job: int, ask: Ask) -> None:
        piece = self._piece
        self._begin(job, lambda: self._write(job, piece, ask))

    def on_again(self, job: int, change: PieceChange, form: dict[str, Any]) -> None:
        about = change.forward(self._piece)
        request = GenerationRequest.from_dict(form)
        self._begin(job, lambda: self._run(job, about, request, ()))

    def on_stop(self, job: int) -> None:
        """Stop this job and those before it, waiting or running."""
        self._stopped = job
        writing = self._writing
        if writing is not None:
            writing.stop()

    def _begin(self, job: int, call: Callable[[], None]) -> None:
        self.on_stop(job - 1)
        self._newest = job
        self._to_write.put(
            "write", lambda: self._guarded(call, lambda text: self._tell("failed", job, text))
        )

    # -- work --------------------------------------------------------------------------------------

    def _load(self, model: str) -> None:
        def failed(text: str) -> None:
            self._no_model = text
            self._tell("no_model", model, text)

        self._guarded(lambda: self._open(model), failed)

    def _open(self, model: str) -> None:
        path, card = _resolved(model)
        engine = InferenceEngine.from_checkpoint(path)
        self._engine, self._speed = engine, Speed()
        self._planner = for_planning(engine, self._network_used)
        self._tell("model", model, model_info(engine, card, BACKEND))

    def _plan(self, number: int, piece: Piece, ask: Ask) -> None:
        def failed(text: str) -> None:
            self._tell("planned", number, Outlook(problems=(text,)))

        def call() -> None:
            engine, planner = self._engine, self._planner
            if engine is not None and planner is not None:
                outlook, first = plan(planner, piece, ask, self._speed)
                self._tell("planned", number, outlook)
                if first is not None:
                    self._to_write.put("read", lambda: self._read_early(engine, first))

        self._guarded(call, failed)

    def _measure(self, number: int, piece: Piece, track: TrackId) -> None:
        def call() -> None:
            index = piece.index_of(track)
            if self._planner is not None and index is not None:
                levels = measure(self._planner, piece.score, index)
                self._tell("measured", number, track, levels)

        self._guarded(call, log.warning)

    def _read_early(self, engine: InferenceEngine, shown: NetworkInput) -> None:
        def go_on() -> bool:
            return not self._to_write.is_waiting and engine is self._engine

        def call() -> None:
            with self._network_used:
                read_early(engine.model.network, shown, go_on)

        self._guarded(call, log.warning)

    def _write(self, job: int, piece: Piece, ask: Ask) -> None:
        if self._engine is None:
            self._tell("failed", job, self._no_model)
            return
        about = ask.about(piece)
        wanted = build_request(about, ask.bars, self._engine.abilities)
        if wanted.problems:
            self._tell("failed", job, wanted.problems[0])
            return
        modes = _usable_modes(self._engine) if ask.compare else ()
        self._run(job, about, wanted.request, modes)

    def _run(
        self, job: int, about: Piece, request: GenerationRequest, modes: tuple[str, ...]
    ) -> None:
        if self._engine is None:
            self._tell("failed", job, self._no_model)
            return
        tracks = [lane.id for lane in about.lanes]
        writing = Writing(self._engine, about.score, tracks, request, self._teller(job), modes)
        self._writing = writing
        if job <= self._stopped:  # the wish to stop may have come before there was what to stop
            writing.stop()
        try:
            with self._network_used:
                writing.run(self._speed)
        finally:
            self._writing = None

    def _teller(self, job: int) -> Callable[..., None]:
        def tell(name: str, *values: Any) -> None:
            self._tell(name, job, *values)

        return tell


def _resolved(model: str) -> tuple[Path, ModelCard]:
    """The checkpoint of a name or path, and its card.  Raises CheckpointError without any."""
    bundled = bundled_models()
    name = model or os.environ.get("DESCANT_MODEL", "")
    if not name and not bundled:
        raise CheckpointError(
            "No model came with this copy of Descant; choose a model file to compose with"
        )
    name = name or default_model()
    if name in bundled:
        return bundled[name].path, bundled[name].card
    return Path(name), ModelCard(title=Path(name).stem)


def _usable_modes(engine: InferenceEngine) -> tuple[str, ...]:
    modes = mask_modes(engine.abilities)
    return tuple(mode for mode, reason in modes.items() if mode != "auto" and not reason)


def _give_way() -> None:
    """The window and the player run first where processors are few."""
    with contextlib.suppress(AttributeError, OSError):  # Windows has no such call
        os.nice(GIVE_WAY)


def main() -> NoReturn:
    """Entry of the process: commands on standard input, reports on standard output."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the window ends us, not the terminal
    _give_way()
    ModelProcess(*wire.own_streams(is_quiet=False)).run()
    os._exit(0)  # whatever a thread is still doing: nobody is there to hear of it


if __name__ == "__main__":
    main()
