"""Tensors of a file, mapped into memory and read when asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from math import prod
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from descant.errors import CheckpointError
from descant.model.architecture import Shape

Array = npt.NDArray[Any]

BFLOAT16 = "bfloat16"
_STORED_AS = {"float32": "<f4", "float16": "<f2", BFLOAT16: "<u2"}


def item_size(dtype: str) -> int:
    """Bytes of one number of a stored type: float32, float16 or bfloat16."""
    return np.dtype(_STORED_AS[dtype]).itemsize


class StoredTensor(NamedTuple):
    """Where a tensor lies in a file: its type, its shape, its first byte, and steps in elements."""

    dtype: str
    shape: Shape
    start: int
    strides: Shape | None = None

    @property
    def byte_count(self) -> int:
        """Bytes it takes when stored without gaps."""
        return prod(self.shape) * item_size(self.dtype)


class MappedWeights(Mapping[str, Array]):
    """The tensors of one file by name; each look-up makes a read-only view of the mapped file.

    float32 and float16 come as stored; bfloat16, which numpy lacks, comes as a float32 copy.
    Raises CheckpointError when a tensor does not lie inside the file.
    """

    def __init__(self, path: Path, tensors: Mapping[str, StoredTensor]) -> None:
        self._tensors = dict(tensors)
        self._bytes: Array = np.memmap(path, dtype=np.uint8, mode="r")
        for name, tensor in tensors.items():
            if not 0 <= tensor.start <= len(self._bytes) - _extent_bytes(tensor):
                raise CheckpointError(f"tensor {name} does not lie inside the file")

    def __getitem__(self, name: str) -> Array:
        tensor = self._tensors[name]
        item = item_size(tensor.dtype)
        end = tensor.start + _extent_bytes(tensor)
        flat = self._bytes[tensor.start : end].view(np.ndarray)
        values: Array = flat.view(_STORED_AS[tensor.dtype])
        if tensor.strides is not None:
            steps = [step * item for step in tensor.strides]
            values = np.lib.stride_tricks.as_strided(values, tensor.shape, steps, writeable=False)
        values = np.require(values.reshape(tensor.shape), requirements=("C", "A"))
        return _widened(values) if tensor.dtype == BFLOAT16 else values

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)


def _extent_bytes(tensor: StoredTensor) -> int:
    """Bytes from the first number used to the end of the last one."""
    if tensor.strides is None or 0 in tensor.shape:
        return tensor.byte_count
    last = sum((n - 1) * step for n, step in zip(tensor.shape, tensor.strides, strict=True))
    return (1 + last) * item_size(tensor.dtype)


def _widened(halves: Array) -> Array:
    return (halves.astype(np.uint32) << 16).view(np.float32)


def check_finite(weights: Mapping[str, Array]) -> None:
    """Raise CheckpointError naming a tensor with NaN or infinite values."""
    for name in weights:
        if not np.isfinite(weights[name]).all():
            raise CheckpointError(f"tensor {name} holds values that are not finite numbers")
