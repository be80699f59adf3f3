"""Trained models on disk: reading every form upstream writes, and writing the current one.

Everything is checked before anything is allocated, so that a damaged or hostile file ends in one
sentence.  Source: spec/generation.md 2.1 and 2.2.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from descant.errors import CheckpointError
from descant.model.architecture import ARCH, Architecture, check_shapes
from descant.model.safetensors_file import read_header, write_file
from descant.model.torch_bundle import read_bundle
from descant.model.weights import Array, MappedWeights, check_finite

_FORMAT = "2"
_BUNDLE_FORMAT = 1
_OWN_METADATA = ("format_version", "arch", "config", "encoder_config")


@dataclass(frozen=True)
class Checkpoint:
    """A trained network and the settings of its encoder.

    Attributes:
        architecture: the sizes of the network.
        encoder_config: the encoder's JSON object.
        weights: tensor by name, as `Architecture.tensor_shapes` says; float32 or float16.
        metadata: other text entries of the file.
        path: the file or folder it came from.
    """

    architecture: Architecture
    encoder_config: dict[str, Any] = field(repr=False)
    weights: Mapping[str, Array] = field(repr=False)
    metadata: Mapping[str, str]
    path: Path

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of sizes, encoder and numbers, the same in every file format."""
        settings = [self.architecture.to_dict(), self.encoder_config]
        digest = hashlib.sha256(json.dumps(settings, sort_keys=True).encode())
        for name in sorted(self.weights):
            tensor = self.weights[name]
            digest.update(f"{name} {tensor.dtype.str}".encode())
            digest.update(np.ascontiguousarray(tensor).data)
        return digest.hexdigest()


def load_checkpoint(path: str | PathLike[str], allow_torchscript: bool = False) -> Checkpoint:
    """Load a `.safetensors` file, a `.pt` bundle or a legacy folder.

    Weights stay in the mapped file until they are used.  A legacy folder holds a program, so it is
    only opened with `allow_torchscript`, and needs torch.  Raises CheckpointError naming the path
    and what is wrong with it.
    """
    path = Path(path)
    try:
        return _load(path, allow_torchscript)
    except CheckpointError as error:
        raise CheckpointError(f"cannot load {path}: {error}") from None
    except OSError as error:
        raise CheckpointError(f"cannot load {path}: {error.strerror or error}") from None


def _load(path: Path, allow_torchscript: bool) -> Checkpoint:
    if path.is_dir():
        return _load_folder(path, allow_torchscript)
    if not path.exists():
        raise CheckpointError("there is no such file")
    readers = {".safetensors": _load_safetensors, ".pt": _load_bundle}
    if path.suffix not in readers:
        raise CheckpointError("it must be a .safetensors file, a .pt file or a legacy folder")
    if not path.stat().st_size:
        raise CheckpointError("the file is empty")
    return readers[path.suffix](path)


def _load_safetensors(path: Path) -> Checkpoint:
    header = read_header(path)
    metadata = header.metadata
    version = metadata.get("format_version")
    if version != _FORMAT:
        raise CheckpointError(f"its format_version is {version!r}; it must be {_FORMAT!r}")
    _check_arch(metadata.get("arch"))
    architecture = Architecture.from_dict(_json(metadata, "config"))
    encoder = _encoder(_json(metadata, "encoder_config"))
    check_shapes({name: t.shape for name, t in header.tensors.items()}, architecture)
    other = {key: text for key, text in metadata.items() if key not in _OWN_METADATA}
    return _checked(architecture, encoder, MappedWeights(path, header.tensors), other, path)


def _load_bundle(path: Path) -> Checkpoint:
    bundle = read_bundle(path)
    version = bundle.values["format_version"]
    if version != _BUNDLE_FORMAT:
        raise CheckpointError(f"its format_version is {version!r:.40}; it must be {_BUNDLE_FORMAT}")
    _check_arch(bundle.values.get("arch") or ARCH)
    architecture = Architecture.from_dict(bundle.values.get("config"))
    encoder = _encoder(_bundled_json(bundle.values, "encoder_config"))
    check_shapes({name: t.shape for name, t in bundle.tensors.items()}, architecture)
    weights = MappedWeights(path, bundle.tensors)
    return _checked(architecture, encoder, weights, {}, path)


def _load_folder(path: Path, allow_torchscript: bool) -> Checkpoint:
    for name in ("config.json", "model.pt"):
        if not (path / name).is_file():
            raise CheckpointError(
                f"a legacy folder needs config.json and model.pt; {name} is missing"
            )
    if not allow_torchscript:
        raise CheckpointError(
            "a legacy folder holds a TorchScript program, which could do anything; if you trust "
            "where it comes from, load it with allow_torchscript=True"
        )
    from descant.model.torchscript import read_program

    text = {"config.json": (path / "config.json").read_text(encoding="utf-8", errors="replace")}
    encoder = _encoder(_json(text, "config.json"))
    architecture, weights = read_program(path / "model.pt")
    check_shapes({name: array.shape for name, array in weights.items()}, architecture)
    return _checked(architecture, encoder, weights, {}, path)


def _checked(
    architecture: Architecture,
    encoder: dict[str, Any],
    weights: Mapping[str, Array],
    metadata: Mapping[str, str],
    path: Path,
) -> Checkpoint:
    check_finite(weights)
    return Checkpoint(architecture, encoder, weights, metadata, path)


def _check_arch(arch: object) -> None:
    if arch != ARCH:
        raise CheckpointError(f"its arch is {arch!r:.40}; it must be {ARCH!r}")


def _json(entries: Mapping[str, Any], name: str) -> Any:
    if name not in entries:
        raise CheckpointError(f"it has no {name}")
    try:
        return json.loads(entries[name])
    except (ValueError, RecursionError):
        raise CheckpointError(f"its {name} is not JSON") from None


def _bundled_json(entries: Mapping[str, Any], name: str) -> Any:
    """An entry stored as JSON text or as the objects of a pickle, which must then be JSON too."""
    if isinstance(entries.get(name), str):
        return _json(entries, name)
    try:
        return json.loads(json.dumps(entries.get(name)))
    except (TypeError, ValueError, RecursionError):
        raise CheckpointError(f"its {name} holds things that JSON cannot") from None


def _encoder(form: object) -> dict[str, Any]:
    if not isinstance(form, dict):
        raise CheckpointError(f"its encoder_config is {form!r:.40}; it must be an object")
    return form


def save_checkpoint(
    path: str | PathLike[str],
    weights: Mapping[str, Array],
    architecture: Architecture,
    encoder_config: Mapping[str, Any],
    metadata: Mapping[str, str] | None = None,
    dtype: str = "float32",
) -> None:
    """Write format 2; the file appears whole or not at all.

    `dtype` is "float32" or "float16"; `metadata` adds text entries such as a model's card.  Raises
    CheckpointError for tensors the architecture does not have or values `dtype` cannot store.
    """
    path = Path(path)
    if path.suffix != ".safetensors":
        raise CheckpointError(f"cannot save {path}: the name must end in .safetensors")
    if dtype not in ("float32", "float16"):
        raise CheckpointError(f"dtype is {dtype!r}; it must be 'float32' or 'float16'")
    check_shapes({name: tuple(array.shape) for name, array in weights.items()}, architecture)
    own = {
        "format_version": _FORMAT,
        "arch": ARCH,
        "config": json.dumps(architecture.to_dict()),
        "encoder_config": json.dumps(dict(encoder_config)),
    }
    write_file(path, weights, {**(metadata or {}), **own}, dtype)
