"""One step through the network: all takes together, on a thread the interpreter never waits for."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from descant.generation.prompt import Prompt
from descant.native import GenerationLoop, Network, Take, core_errors

_POLL_S = 0.01


@dataclass(frozen=True)
class Drawn:
    """What one take drew: its tokens, and how it ended."""

    tokens: tuple[int, ...]
    end: str

    @property
    def complete(self) -> bool:
        return self.end == "complete"


class Listener(Protocol):
    """Told of tokens as they come, on the thread that called `draw`."""

    def token(self, take: int, token: int) -> None: ...


@dataclass
class Stop:
    """A wish to stop that takes effect before the next token; may be set from any thread.

    `also` is an event of the caller's that means the same.
    """

    also: threading.Event | None = None
    _wanted: bool = False
    _loop: GenerationLoop | None = None

    def set(self) -> None:
        """Stop what is being drawn, and whatever would be drawn next."""
        self._wanted = True
        loop = self._loop
        if loop is not None:
            loop.stop()

    def is_set(self) -> bool:
        """Whether someone wants to stop."""
        return self._wanted or (self.also is not None and self.also.is_set())


def draw(
    network: Network,
    prompt: Prompt,
    takes: Sequence[Take],
    listener: Listener,
    stop: Stop,
    skip_gap: int = 0,
) -> list[Drawn]:
    """Draw every take of a step to its end, the token budget, or a stop."""
    shown = prompt.network_input(skip_gap)
    with core_errors():
        loop = GenerationLoop(
            network=network,
            ids=shown.ids,
            positions=shown.positions,
            visible=shown.visible,
            next_position=shown.next_position,
            takes=list(takes),
            budget=network.positions() - len(prompt) - 1,
        )
        stop._loop = loop
        try:
            _follow(loop, listener, stop)
        finally:
            stop._loop = None
            loop.join()
        return [Drawn(tuple(tokens), end) for tokens, end in loop.takes]


def _follow(loop: GenerationLoop, listener: Listener, stop: Stop) -> None:
    if stop.is_set():
        loop.stop()
    loop.start()
    finished = False
    while not finished:
        finished = loop.wait(_POLL_S)
        for take, token in loop.drain():
            listener.token(take, token)
        if stop.is_set():
            loop.stop()
