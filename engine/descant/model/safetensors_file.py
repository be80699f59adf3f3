"""Checkpoint format 2: a safetensors file whose header also says what the network is.

Header and sizes are checked here rather than by the safetensors library because its errors name no
cause a musician could act on, and its arrays are copies.  Layout: eight bytes of header length,
the JSON header, the tensors end to end (https://github.com/huggingface/safetensors#format).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np

from descant.errors import CheckpointError
from descant.files import replacing
from descant.model.weights import Array, StoredTensor

_LENGTH_BYTES = 8
_LARGEST_HEADER = 100_000_000
_ALIGNMENT = 64
_METADATA = "__metadata__"
_TYPES = {"F32": "float32", "F16": "float16", "BF16": "bfloat16"}
_NAMES = {name: code for code, name in _TYPES.items()}


@dataclass(frozen=True)
class Header:
    """What a file holds: its text entries and where its tensors lie, from the file's start."""

    metadata: dict[str, str]
    tensors: dict[str, StoredTensor]


def read_header(path: Path) -> Header:
    """Read and check the header against the size of the file; CheckpointError names the fault."""
    size = path.stat().st_size
    with path.open("rb") as file:
        length = int.from_bytes(file.read(_LENGTH_BYTES), "little")
        if size < _LENGTH_BYTES or length < 2:
            raise CheckpointError("it is not a safetensors file: it has no header")
        if length > min(_LARGEST_HEADER, size - _LENGTH_BYTES):
            raise CheckpointError(
                f"its header should take {length} bytes, but the file has {size}: "
                "it is cut short or not a safetensors file"
            )
        form = _parse(file.read(length))
    metadata = form.pop(_METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise CheckpointError(f"{_METADATA} in its header must be an object of texts")
    start = _LENGTH_BYTES + length
    tensors = {name: _tensor(name, entry, start) for name, entry in form.items()}
    _check_cover(tensors, start, size)
    return Header(metadata, tensors)


def _parse(text: bytes) -> dict[str, Any]:
    try:
        form = json.loads(text.decode("utf-8"), object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise CheckpointError("its header is not JSON: it is not a safetensors file") from None
    if not isinstance(form, dict):
        raise CheckpointError("its header must be a JSON object")
    return form


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    form = dict(pairs)
    if len(form) != len(pairs):
        raise CheckpointError("its header names something twice")
    return form


def _tensor(name: str, entry: object, start: int) -> StoredTensor:
    try:
        code, shape, (begin, end) = entry["dtype"], entry["shape"], entry["data_offsets"]  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise CheckpointError(f"tensor {name} has no dtype, shape and data_offsets") from None
    if not isinstance(code, str) or code not in _TYPES:
        known = ", ".join(_TYPES)
        raise CheckpointError(f"tensor {name} is of type {code!r:.40}; it must be one of {known}")
    if not isinstance(shape, list) or not all(map(_is_size, [*shape, begin, end])):
        raise CheckpointError(f"tensor {name} has an impossible shape or data_offsets")
    tensor = StoredTensor(_TYPES[code], tuple(shape), start + begin)
    if end - begin != tensor.byte_count:
        raise CheckpointError(
            f"tensor {name} takes {end - begin} bytes; its shape needs {tensor.byte_count}"
        )
    return tensor


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 48


def _check_cover(tensors: Mapping[str, StoredTensor], start: int, size: int) -> None:
    """Tensors lie end to end, without gaps or overlaps, and fill the file."""
    reached = start
    for name, tensor in sorted(tensors.items(), key=lambda item: item[1].start):
        if tensor.start != reached:
            raise CheckpointError(f"tensor {name} does not start where the one before it ends")
        reached += tensor.byte_count
    if reached != size:
        raise CheckpointError(
            f"the file has {size} bytes but its header describes {reached}: "
            f"it is {'cut short' if size < reached else 'followed by something else'}"
        )


def write_file(
    path: Path, weights: Mapping[str, Array], metadata: Mapping[str, str], dtype: str
) -> None:
    """Write the tensors as "float32" or "float16"; the file appears whole or not at all."""
    with replacing(path) as file:
        file.write(_header(weights, metadata, dtype))
        _write_tensors(file, weights, dtype)


def _header(weights: Mapping[str, Array], metadata: Mapping[str, str], dtype: str) -> bytes:
    form: dict[str, Any] = {_METADATA: dict(metadata)}
    end = 0
    for name in sorted(weights):
        shape = weights[name].shape
        begin, end = end, end + StoredTensor(dtype, shape, 0).byte_count
        form[name] = {"dtype": _NAMES[dtype], "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(form, ensure_ascii=False, separators=(",", ":")).encode()
    text += b" " * (-(_LENGTH_BYTES + len(text)) % _ALIGNMENT)
    return len(text).to_bytes(_LENGTH_BYTES, "little") + text


def _write_tensors(file: IO[bytes], weights: Mapping[str, Array], dtype: str) -> None:
    target = np.dtype(dtype).newbyteorder("<")
    for name in sorted(weights):
        with np.errstate(over="ignore"):
            stored = np.ascontiguousarray(weights[name], dtype=target)
        if not np.isfinite(stored).all():
            raise CheckpointError(f"tensor {name} holds values that {dtype} cannot store")
        file.write(stored.tobytes())
