"""The network in torch: the way to a GPU, and what the native one is compared with.

Needs the `torch` extra.  Never imported by the window's process: importing torch holds the
interpreter for half a second.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from descant import native
from descant.errors import BackendError, GenerationError
from descant.model.checkpoint import Checkpoint
from descant.model.gpt2 import GPT2, Cache

Ids = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]
Logits = npt.NDArray[np.float32]

PREFILL_CHUNK = 256  # tokens between two looks at the stop flag


def torch_network(checkpoint: Checkpoint, device: str = "auto") -> TorchNetwork:
    """The network in float32 on "cpu", "cuda", "cuda:1", "mps", or "auto" for the best there is.

    One generation loop at a time may run it.  Raises BackendError for a device that this machine
    does not have.
    """
    return TorchNetwork(GPT2.from_checkpoint(checkpoint).to(_device(device)))


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
        name = "mps" if name == "cpu" and torch.backends.mps.is_available() else name
    try:
        device = torch.device(name)
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise BackendError(f"torch cannot use device {name!r}: {error}") from None
    return device


class TorchNetwork(native.Network):
    """The contract of `cpp/include/descant/network.h` over one batched cache.

    Rows that grow unevenly share columns: a column a row has no token in, or has rolled back, is
    hidden from that row alone.
    """

    def __init__(self, model: GPT2) -> None:
        super().__init__()
        self._model = model
        self._device = model.lm_head.weight.device
        self._trunk = model.new_cache()
        self._prompt = np.zeros((0, 3), np.int32)  # id, position, visible of each trunk token
        self._rows: Cache | None = None
        self._seen = torch.zeros(0, 0, dtype=torch.bool)  # (rows, S)
        self._first_position = 0

    def vocab_size(self) -> int:
        return self._model.architecture.vocab_size

    def positions(self) -> int:
        return self._model.architecture.n_positions

    def memory_needed(self, rows: int, tokens: int) -> int:
        sizes = self._model.architecture
        return 8 * sizes.n_layer * sizes.n_embd * rows * (len(self._prompt) + tokens)

    @torch.inference_mode()
    def prefill(self, ids: Ids, positions: Ids, visible: Marks) -> Logits | None:
        """(T,), (T,), (T,) -> logits (V,) of the last token, or None when stopped."""
        prompt = np.stack([ids, positions, visible != 0], axis=1).astype(np.int32)  # (T, 3)
        if not len(prompt):
            raise GenerationError("a prompt needs at least one token")
        self._check_positions(int(positions.max()))
        start = min(_common_length(self._prompt, prompt), len(prompt) - 1)
        self._rows, self._prompt = None, prompt[:start]
        self._trunk.length = start
        logits = torch.empty(0)
        while start < len(prompt):
            if self.stop_requested():
                return None
            end = min(start + PREFILL_CHUNK, len(prompt))
            logits = self._read(prompt[:end], start)  # (V,)
            self._prompt, start = prompt[:end], end
        return _to_numpy(logits)

    def _read(self, prompt: Ids, start: int) -> Tensor:
        new = torch.from_numpy(prompt[start:]).to(self._device)  # (T, 3)
        seen = torch.from_numpy(prompt[:, 2] > 0).to(self._device)  # (S,)
        visible = None if bool(seen.all()) else seen
        logits: Tensor = self._model(new[None, :, 0], self._trunk, new[:, 1], visible)  # (1, T, V)
        return logits[0, -1]

    @torch.inference_mode()
    def fork(self, rows: int, next_position: int) -> None:
        """Start empty rows behind the trunk; their first token is at `next_position`."""
        if rows < 1:
            raise GenerationError(f"{rows} rows were asked for; at least 1 is needed")
        self._rows = self._trunk.fork(rows)
        seen = torch.from_numpy(self._prompt[:, 2] > 0)
        self._seen = seen.to(self._device).expand(rows, -1).clone()
        self._first_position = next_position

    @torch.inference_mode()
    def extend(self, runs: Sequence[tuple[int, Ids]]) -> Logits:
        """[(row, ids (n,))] -> logits (runs, V) of each run's last token."""
        cache = self._forked([row for row, _ in runs])
        longest = max(len(ids) for _, ids in runs)
        tokens = np.zeros((len(self._seen), longest), np.int64)  # (rows, T)
        given = np.zeros_like(tokens, dtype=bool)
        for row, ids in runs:
            tokens[row, : len(ids)], given[row, : len(ids)] = ids, True
        seen = torch.cat([self._seen, torch.from_numpy(given).to(self._device)], dim=1)
        new = torch.from_numpy(tokens).to(self._device)
        logits = self._model(new, cache, self._next_positions(given), seen)  # (rows, T, V)
        self._seen = seen
        return np.stack([_to_numpy(logits[row, len(ids) - 1]) for row, ids in runs])

    def _next_positions(self, given: npt.NDArray[np.bool_]) -> Tensor:
        """(rows, T): each row counts on from its own length."""
        own = self._seen[:, len(self._prompt) :].sum(dim=1).cpu().numpy()  # (rows,)
        steps = np.maximum(np.cumsum(given, axis=1) - 1, 0)
        positions = self._first_position + own[:, None] + steps
        self._check_positions(int(positions[given].max()))
        return torch.from_numpy(np.where(given, positions, 0)).to(self._device)

    @torch.inference_mode()
    def rollback(self, row: int, length: int) -> None:
        """Keep the first `length` tokens of the row."""
        self._forked([row])
        own = self._seen[row, len(self._prompt) :]  # (columns,)
        if not 0 <= length <= int(own.sum()):
            raise GenerationError(f"row {row} holds {int(own.sum())} tokens; cannot keep {length}")
        own &= own.cumsum(dim=0) <= length

    def _forked(self, rows: Sequence[int]) -> Cache:
        if self._rows is None:
            raise GenerationError("there are no rows; fork first")
        count = len(self._seen)
        if not rows or len(set(rows)) < len(rows) or not all(0 <= row < count for row in rows):
            raise GenerationError(f"rows {list(rows)} are not distinct rows below {count}")
        return self._rows

    def _check_positions(self, last: int) -> None:
        if last >= self.positions():
            raise GenerationError(f"position {last} is outside 0..{self.positions() - 1}")


def _common_length(one: Ids, two: Ids) -> int:
    length = min(len(one), len(two))
    differs = np.flatnonzero((one[:length] != two[:length]).any(axis=1))
    return int(differs[0]) if len(differs) else length


def _to_numpy(logits: Tensor) -> Logits:
    return logits.float().cpu().numpy()
