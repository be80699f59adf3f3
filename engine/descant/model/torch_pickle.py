"""The pickle inside a `.pt` file, read without torch and without running what it holds.

It may name the five things of `_KNOWN` and nothing else, and naming them makes values of our own,
which have no attributes that a pickle could set.  (Upstream unpickles the file freely, so that a
hostile one runs code.)
"""

from __future__ import annotations

import io
import pickle
import pickletools
from collections.abc import Callable
from math import prod
from typing import Any, NamedTuple

from descant.errors import CheckpointError
from descant.model.weights import StoredTensor, item_size

FindStorage = Callable[[object, int], int]
"""First byte in the file of the storage with this key, which must have this many bytes."""

_MEMO_PUTS = ("PUT", "BINPUT", "LONG_BINPUT")
_STORAGES = {
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
}


def read_pickle(data: bytes, find_storage: FindStorage) -> object:
    """The object pickled in `data`, with `StoredTensor` for tensors.

    Raises CheckpointError for names that weights do not need, and whatever else the unpickler
    makes of garbage.
    """
    _check_memo(data)
    return _Unpickler(data, find_storage).load()


def _check_memo(data: bytes) -> None:
    """Refuse a memo index beyond the pickle's length, for which Python would reserve gigabytes."""
    for opcode, argument, _ in pickletools.genops(data):
        if opcode.name in _MEMO_PUTS and int(argument or 0) > len(data):
            raise CheckpointError("its pickle is damaged (memo index)")


class _StorageType(NamedTuple):
    dtype: str


class _Storage(NamedTuple):
    dtype: str
    start: int
    length: int


class _RebuildTensor:
    """Stands for `torch._utils._rebuild_tensor_v2`."""

    __slots__ = ()

    def __call__(
        self,
        storage: object,
        offset: int,
        shape: tuple[int, ...],
        strides: tuple[int, ...],
        *_: Any,
    ) -> StoredTensor:
        numbers = (offset, *shape, *strides)
        if not isinstance(storage, _Storage) or len(shape) != len(strides):
            raise CheckpointError("a tensor of its pickle has no storage")
        if not all(isinstance(n, int) and 0 <= n < 1 << 48 for n in numbers):
            raise CheckpointError(f"a tensor of its pickle has the shape {shape!r:.60}")
        last = offset + sum((n - 1) * step for n, step in zip(shape, strides, strict=True))
        if not all(shape) or last >= storage.length:
            raise CheckpointError(f"a tensor of shape {shape} does not fit in its storage")
        start = storage.start + offset * item_size(storage.dtype)
        plain = strides == _plain_strides(shape)
        return StoredTensor(storage.dtype, tuple(shape), start, None if plain else tuple(strides))


def _plain_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(prod(shape[axis + 1 :]) for axis in range(len(shape)))


class _Entries(dict[Any, Any]):
    """A dict on which a pickle's attributes (torch writes `_metadata`) leave no trace."""

    __slots__ = ()

    def __setstate__(self, state: object) -> None:
        pass


class _MakeEntries:
    """Stands for `collections.OrderedDict`."""

    __slots__ = ()

    def __call__(self, *pairs: Any) -> _Entries:
        return _Entries(*pairs)


_KNOWN: dict[tuple[str, str], object] = {
    ("collections", "OrderedDict"): _MakeEntries(),
    ("torch._utils", "_rebuild_tensor_v2"): _RebuildTensor(),
    **{("torch", name): _StorageType(dtype) for name, dtype in _STORAGES.items()},
}


class _Unpickler(pickle.Unpickler):
    """Builds values, dicts, lists and the things of `_KNOWN`; any other name is refused."""

    def __init__(self, data: bytes, find_storage: FindStorage) -> None:
        super().__init__(io.BytesIO(data))
        self._find_storage = find_storage
        self._storages: dict[object, _Storage] = {}

    def find_class(self, module: str, name: str) -> Any:
        try:
            return _KNOWN[module, name]
        except KeyError:
            raise CheckpointError(
                f"its pickle asks for {module}.{name}, which weights do not need: it may hold "
                "code and is not loaded"
            ) from None

    def persistent_load(self, pid: Any) -> _Storage:
        kind, storage_type, key, _, length = pid
        if kind != "storage" or not isinstance(storage_type, _StorageType):
            raise CheckpointError("its pickle refers to something that is no storage")
        if key not in self._storages:
            byte_count = length * item_size(storage_type.dtype)
            start = self._find_storage(key, byte_count)
            self._storages[key] = _Storage(storage_type.dtype, start, length)
        return self._storages[key]
