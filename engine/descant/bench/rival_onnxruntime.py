"""onnxruntime in a process of its own: answers questions of `rival.py`, one JSON a line."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

from descant.bench.onnx_graph import build_graph
from descant.bench.rival_network import serve
from descant.encoder_config import EncoderConfig
from descant.engine import InferenceEngine
from descant.generation import LoadedModel
from descant.model.checkpoint import Checkpoint, load_checkpoint
from descant.native import Network

Ids = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]
Logits = npt.NDArray[np.float32]


class OnnxNetwork(Network):
    """One take, everything visible: as much of a network as the benchmark asks for."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        super().__init__()
        self._sizes = checkpoint.architecture
        options = onnxruntime.SessionOptions()
        options.log_severity_level = 3
        graph = build_graph(self._sizes, checkpoint.weights)
        self._session = onnxruntime.InferenceSession(
            graph, options, providers=["CPUExecutionProvider"]
        )
        self._caches = self._new_caches()
        self._trunk = self._length = 0

    def vocab_size(self) -> int:
        return self._sizes.vocab_size

    def positions(self) -> int:
        return self._sizes.n_positions

    def memory_needed(self, rows: int, tokens: int) -> int:
        return 0

    def prefill(self, ids: Ids, positions: Ids, visible: Marks) -> Logits:
        """(T,), (T,), (T,) -> logits (V,) of the last token."""
        self._length = 0
        logits = self._read(ids)
        self._trunk = self._length
        return logits

    def fork(self, rows: int, next_position: int) -> None:
        """The row goes on in the trunk's cache."""
        self._length = self._trunk

    def extend(self, runs: Sequence[tuple[int, Ids]]) -> Logits:
        """[(0, ids (n,))] -> logits (1, V)."""
        return self._read(runs[0][1])[None]

    def rollback(self, row: int, length: int) -> None:
        self._length = self._trunk + length

    def _read(self, ids: Ids) -> Logits:
        begin, self._length = self._length, self._length + len(ids)
        binding = self._session.io_binding()
        binding.bind_cpu_input("ids", ids[None].astype(np.int64))
        binding.bind_cpu_input("positions", np.arange(begin, self._length))
        binding.bind_cpu_input("last_key", np.array([self._length - 1], np.int32))
        binding.bind_cpu_input("keys", np.array(self._length, np.int32))
        for name, cache in self._caches.items():
            binding.bind_ortvalue_input(f"past_{name}", cache)
            binding.bind_ortvalue_output(f"present_{name}", cache)
        binding.bind_output("logits")
        self._session.run_with_iobinding(binding)
        logits: Logits = binding.get_outputs()[-1].numpy()[0]  # (V,)
        return logits

    def _new_caches(self) -> dict[str, Any]:
        """One array each: onnxruntime writes into the memory it is given."""
        sizes = self._sizes
        shape = (1, sizes.n_head, sizes.n_positions, sizes.n_embd // sizes.n_head)
        return {
            f"{part}_{layer}": onnxruntime.OrtValue.ortvalue_from_numpy(np.zeros(shape, np.float32))
            for layer in range(sizes.n_layer)
            for part in ("key", "value")
        }


def main() -> None:
    checkpoint = load_checkpoint(sys.argv[1])
    encoder = EncoderConfig.from_dict(checkpoint.encoder_config)
    serve(InferenceEngine(LoadedModel(encoder, OnnxNetwork(checkpoint))))


if __name__ == "__main__":
    main()
