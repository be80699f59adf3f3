"""Checkpoint format 1: a `.pt` file of torch, read without torch and without running what it holds.

A `.pt` file is a zip archive: `data.pkl`, a pickle of the objects, and one stored member for the
numbers of each tensor.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descant.errors import CheckpointError
from descant.model.torch_pickle import read_pickle
from descant.model.weights import StoredTensor

_LARGEST_PICKLE = 16 << 20
_LOCAL_HEADER = 30
_DAMAGED = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    EOFError,
    ValueError,
    struct.error,
)
"""What the zip library raises for archives that are cut short, encrypted or of a later kind."""


@dataclass(frozen=True)
class Bundle:
    """The plain values of a bundle, and where the tensors of its `state_dict` lie."""

    values: dict[str, Any]
    tensors: dict[str, StoredTensor]


def read_bundle(path: Path) -> Bundle:
    """Read a bundle; CheckpointError when it is damaged, of another kind, or asks for more."""
    try:
        with zipfile.ZipFile(path) as archive:
            form = _Archive(path, archive).load()
    except _DAMAGED:
        raise CheckpointError(
            "it is not a .pt bundle: it is cut short, or saved by something else than torch 1.6+"
        ) from None
    if not isinstance(form, Mapping) or not {"format_version", "state_dict"} <= set(form):
        raise CheckpointError("it is a .pt file without format_version and state_dict")
    state = form["state_dict"]
    if not isinstance(state, Mapping):
        raise CheckpointError("state_dict must be an object of tensors")
    for name, tensor in state.items():
        if not isinstance(name, str) or not isinstance(tensor, StoredTensor):
            raise CheckpointError(f"state_dict has {name!r:.60}, which is not a tensor")
    return Bundle({k: v for k, v in form.items() if k != "state_dict"}, dict(state))


class _Archive:
    """The members of an archive, all stored plainly, inside one folder."""

    def __init__(self, path: Path, archive: zipfile.ZipFile) -> None:
        self.path, self.archive = path, archive
        self.members = {info.filename: info for info in archive.infolist()}
        pickles = [name for name in self.members if name.count("/") == 1]
        self.folder = next((n.split("/")[0] for n in pickles if n.endswith("/data.pkl")), None)

    def load(self) -> object:
        """The object in `data.pkl`, with `StoredTensor` for tensors."""
        if f"{self.folder}/constants.pkl" in self.members:
            raise CheckpointError("it is a TorchScript program, not a .pt bundle of weights")
        order = self._bytes("byteorder") if f"{self.folder}/byteorder" in self.members else b""
        if order not in (b"", b"little"):
            raise CheckpointError("its numbers are stored big-endian, which is not supported")
        try:
            return read_pickle(self._bytes("data.pkl"), self._storage_start)
        except CheckpointError:
            raise
        except Exception as error:
            # Garbage can make the unpickler raise anything; none of it is the caller's business.
            raise CheckpointError(f"its pickle is damaged ({type(error).__name__})") from None

    def _storage_start(self, key: object, byte_count: int) -> int:
        """First byte in the file of a tensor's numbers, after comparing size and checksum."""
        info = self._member(f"data/{key}")
        if info.file_size != byte_count:
            raise CheckpointError(
                f"storage {key} has {info.file_size} bytes; its type and length need {byte_count}"
            )
        return self._checked_start(info)

    def _member(self, name: str) -> zipfile.ZipInfo:
        info = self.members.get(f"{self.folder}/{name}")
        if info is None:
            raise CheckpointError(f"it is not a .pt bundle: it has no {name}")
        if info.compress_type != zipfile.ZIP_STORED or info.file_size != info.compress_size:
            raise CheckpointError(f"its member {name} is compressed, which torch never does")
        return info

    def _bytes(self, name: str) -> bytes:
        info = self._member(name)
        if info.file_size > _LARGEST_PICKLE:
            raise CheckpointError(f"its {name} has {info.file_size} bytes, too many to be weights")
        return self.archive.read(info)

    def _checked_start(self, info: zipfile.ZipInfo) -> int:
        with self.path.open("rb") as file:
            file.seek(info.header_offset)
            header = file.read(_LOCAL_HEADER)
            lengths = (int.from_bytes(header[at : at + 2], "little") for at in (26, 28))
            start = info.header_offset + _LOCAL_HEADER + sum(lengths)
            file.seek(start)
            checksum = zlib.crc32(file.read(info.file_size))
        if checksum != info.CRC:
            raise CheckpointError(f"its member {info.filename} is damaged (checksum)")
        return start
