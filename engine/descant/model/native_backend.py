"""The network on the CPU in our own C++: no torch, no interpreter lock while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from descant import native
from descant.errors import BackendError
from descant.model.architecture import Architecture

Precision = Literal["int8", "int6", "fp32"]
MOST_THREADS = 256
Array = npt.NDArray[Any]


class NativeBackend:
    """A GPT-2 packed for this machine's processor.

    `network` is what the generation loop runs; one loop at a time.  `precision` "fp32" is the
    network as trained; "int8" takes a quarter of the memory traffic and is several times faster.
    "int6" packs the weights once more: a single take of a network too large for the processor's
    caches gets faster, several takes together slower.
    `threads`: None leaves one core to the window and the sound.
    """

    name = "native"

    def __init__(
        self,
        weights: Mapping[str, Array],
        config: Architecture,
        precision: Precision = "int8",
        threads: int | None = None,
    ) -> None:
        """Copy `weights` (names and shapes: spec/generation.md 2.2) into the core.

        dtypes: float32, float16, bfloat16 (as `ml_dtypes` has it, or its bits as uint16).
        Raises CheckpointError for weights that are not those of `config`, GenerationError for a
        network too large for the memory limit or an unknown precision, BackendError for an
        impossible number of threads.
        """
        if threads is not None and not 1 <= threads <= MOST_THREADS:
            raise BackendError(f"threads is {threads}; it must be 1 to {MOST_THREADS}")
        self.precision = precision
        with native.core_errors():
            self.network = native.Transformer(
                weights={name: _plain(array) for name, array in weights.items()},
                vocab_size=config.vocab_size,
                positions=config.n_positions,
                width=config.n_embd,
                layers=config.n_layer,
                heads=config.n_head,
                precision=precision,
                threads=threads or 0,
            )

    @property
    def threads(self) -> int:
        """How many threads a step is split over."""
        return int(self.network.threads)

    @property
    def kernels(self) -> str:
        """The instruction set in use: generic, avx2, avx512 or neon."""
        return str(self.network.kernels)


def _plain(array: Array) -> Array:
    bits = array.view(np.uint16) if array.dtype.name == "bfloat16" else array
    return np.ascontiguousarray(bits)
