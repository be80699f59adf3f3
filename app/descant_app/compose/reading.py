"""The network beside the one thread that writes with it: planning asks, and prompts read early."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from descant.engine import InferenceEngine
from descant.model.hiding import NetworkInput
from descant.native import Network

CHUNK = 128
"""Tokens read before looking whether there is something better to do."""


class _WaitingNetwork:
    """What planning asks of a network; it waits while the network is in use."""

    def __init__(self, network: Network, lock: threading.Lock) -> None:
        self._network, self._lock = network, lock

    def positions(self) -> int:
        return self._network.positions()

    def last_attention(self, *shown: Any) -> Any:
        with self._lock:
            return self._network.last_attention(*shown)


def for_planning(engine: InferenceEngine, lock: threading.Lock) -> InferenceEngine:
    """An engine whose sessions can be made, but not run, while the other one runs a session."""
    network = cast(Network, _WaitingNetwork(engine.model.network, lock))
    return InferenceEngine(replace(engine.model, network=network))


def read_early(network: Network, shown: NetworkInput, go_on: Callable[[], bool]) -> None:
    """Read a prompt into the cache of the network, so that its answer begins at once."""
    count = len(shown.ids)
    for end in (*range(CHUNK, count, CHUNK), count):
        if not go_on():
            return
        network.prefill(shown.ids[:end], shown.positions[:end], shown.visible[:end])
