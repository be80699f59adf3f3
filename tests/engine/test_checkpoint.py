"""Checkpoints in safetensors: what is saved loads, every fault ends in one sentence."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tiny_checkpoint import DAMAGE, ENCODER, SIZES, TINY, damaged, refusal, same, save_tiny, weights

from descant.errors import CheckpointError
from descant.model.checkpoint import load_checkpoint, save_checkpoint


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_tiny(tmp_path)


def test_what_is_saved_loads_bit_for_bit(saved: Path) -> None:
    loaded = load_checkpoint(saved)
    assert (loaded.architecture, loaded.encoder_config) == (TINY, ENCODER)
    assert loaded.metadata == {"card": "made for a test"}
    assert same(loaded, weights())
    assert [entry.name for entry in saved.parent.iterdir()] == [saved.name]


def test_upstreams_library_reads_what_we_write(saved: Path) -> None:
    numpy_files = pytest.importorskip("safetensors.numpy")
    theirs = numpy_files.load_file(saved)
    assert same(load_checkpoint(saved), theirs)


def test_weights_are_views_that_cannot_be_written(saved: Path) -> None:
    tensor = load_checkpoint(saved).weights["lm_head.weight"]
    assert not tensor.flags.owndata
    assert not tensor.flags.writeable
    assert tensor.flags.aligned


def test_half_precision_keeps_eleven_bits(tmp_path: Path) -> None:
    path = tmp_path / "half.safetensors"
    save_checkpoint(path, weights(), TINY, ENCODER, dtype="float16")
    loaded = load_checkpoint(path)
    assert same(loaded, {name: array.astype(np.float16) for name, array in weights().items()})
    assert path.stat().st_size < 2 * sum(array.size for array in weights().values()) + 3000


def test_bfloat16_comes_as_float32(saved: Path) -> None:
    def to_bfloat16(header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        for entry in header.values():
            if "dtype" in entry:
                entry["dtype"] = "BF16"
                entry["data_offsets"] = [offset // 2 for offset in entry["data_offsets"]]
        return header, np.frombuffer(body, "<u2")[1::2].tobytes()

    rewrite(saved, to_bfloat16)
    tensor = load_checkpoint(saved).weights["lm_head.weight"]
    assert tensor.dtype == np.float32
    np.testing.assert_allclose(tensor, weights()["lm_head.weight"], rtol=2**-7)


def test_the_hash_follows_the_content(saved: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.safetensors", tmp_path / "other.safetensors"
    save_checkpoint(again, dict(reversed(weights().items())), TINY, ENCODER)
    changed = weights()
    changed["lm_head.weight"][0, 0] += 1
    save_checkpoint(other, changed, TINY, ENCODER)
    hashes = [load_checkpoint(path).content_hash for path in (saved, again, other)]
    assert hashes[0] == hashes[1] != hashes[2]


def test_a_failed_save_leaves_the_old_file(saved: Path) -> None:
    before = saved.read_bytes()
    huge = weights()
    huge["lm_head.weight"][0, 0] = 1e30
    with pytest.raises(CheckpointError, match="lm_head"):
        save_checkpoint(saved, huge, TINY, ENCODER, dtype="float16")
    assert saved.read_bytes() == before
    assert len(list(saved.parent.iterdir())) == 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"dtype": "int8"}, "'float32' or 'float16'"),
        ({"path": "tiny.pt"}, "must end in .safetensors"),
        ({"architecture": replace(TINY, n_layer=2)}, "n_layer is 2|lacks the tensors"),
        ({"architecture": replace(TINY, vocab_size=8)}, "config asks for"),
    ],
)
def test_saving_checks_what_it_is_given(tmp_path: Path, change: dict[str, Any], words: str) -> None:
    path = tmp_path / change.pop("path", "tiny.safetensors")
    given_values = {"architecture": TINY, "encoder_config": ENCODER, "weights": weights(), **change}
    with pytest.raises(CheckpointError, match=words):
        save_checkpoint(path, **given_values)
    assert not path.exists()


Change = Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]]


def rewrite(path: Path, change: Change) -> None:
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header, body = change(json.loads(data[8 : 8 + length]), data[8 + length :])
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + body)


def metadata(**entries: Any) -> Change:
    def change(header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        for name, value in entries.items():
            header["__metadata__"][name] = value
            if value is None:
                del header["__metadata__"][name]
        return header, body

    return change


def tensor(**entry: Any) -> Change:
    def change(header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
        header["lm_head.weight"].update(entry)
        return header, body

    return change


def rename(header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    header["transformer.h.0.attn.bias"] = header.pop("lm_head.weight")
    return header, body


def poison(header: dict[str, Any], body: bytes) -> tuple[dict[str, Any], bytes]:
    return header, np.full(1, np.nan, "<f4").tobytes() + body[4:]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (metadata(format_version="3"), "format_version is '3'; it must be '2'"),
        (metadata(format_version=None), "format_version is None"),
        (metadata(arch="llama"), "arch is 'llama'; it must be 'gpt2'"),
        (metadata(encoder_config="null"), "encoder_config is None; it must be an object"),
        (metadata(encoder_config="{"), "encoder_config is not JSON"),
        (metadata(config=None), "has no config"),
        (metadata(config="[" * 100_000), "config is not JSON"),
        (metadata(config=json.dumps(SIZES | {"n_head": 3})), "multiple of n_head, 3"),
        (metadata(config=json.dumps(SIZES | {"n_head": True})), "n_head is True"),
        (metadata(config=json.dumps(SIZES | {"n_layer": 10**6})), "n_layer is 1000000"),
        (metadata(config=json.dumps(SIZES | {"vocab_size": 10**12})), "vocab_size"),
        (metadata(config=json.dumps({"n_head": 2})), "config has no vocab_size"),
        (metadata(arch=5), "object of texts"),
        (tensor(dtype="I64"), "type 'I64'"),
        (tensor(dtype=["F32"]), "type"),
        (tensor(shape=[4, 7]), r"shape \(4, 7\); config asks for \(7, 4\)"),
        (tensor(shape=[7, 5]), "its shape needs 140"),
        (tensor(shape=[-7, -4]), "impossible shape"),
        (tensor(shape="big"), "impossible shape"),
        (tensor(data_offsets=[4, 116]), "does not start where"),
        (tensor(data_offsets=[0]), "no dtype, shape and data_offsets"),
        (rename, "lacks the tensors lm_head.weight"),
        (poison, "lm_head.weight holds values that are not finite"),
        (lambda header, body: (header, body + b"more"), "followed by something else"),
        (lambda header, body: (header, body[:-4]), "cut short"),
        (lambda header, body: (header, b""), "cut short"),
        (lambda header, body: ({"lm_head.weight": 1}, body), "no dtype"),
    ],
)
def test_a_faulty_file_is_explained(saved: Path, change: Change, words: str) -> None:
    rewrite(saved, change)
    with pytest.raises(CheckpointError, match=words):
        load_checkpoint(saved)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"abc", "no header"),
        (b"\xff" * 100, "not a safetensors file"),
        (struct.pack("<Q", 2) + b"[]", "JSON object"),
        (struct.pack("<Q", 2) + b"\xff\xff", "not JSON"),
        (struct.pack("<Q", 17) + b'{"a": 1, "a": 2 }', "names something twice"),
    ],
)
def test_what_is_no_checkpoint_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    path = tmp_path / "odd.safetensors"
    path.write_bytes(data)
    assert words in refusal(path)


def test_a_path_must_be_a_checkpoint(tmp_path: Path) -> None:
    assert "no such file" in refusal(tmp_path / "absent.safetensors")
    (tmp_path / "song.mid").write_bytes(b"MThd")
    assert ".safetensors file, a .pt file or a legacy folder" in refusal(tmp_path / "song.mid")


@given(cut=st.integers(0, 1200))
def test_a_file_cut_anywhere_is_refused(tmp_path_factory: Any, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "tiny.safetensors"
    save_checkpoint(path, weights(), TINY, ENCODER)
    path.write_bytes(path.read_bytes()[:cut])
    refusal(path)


@given(places=DAMAGE)
def test_random_damage_never_escapes_as_another_error(
    tmp_path_factory: Any, places: dict[int, int]
) -> None:
    path = tmp_path_factory.mktemp("damage") / "tiny.safetensors"
    save_checkpoint(path, weights(), TINY, ENCODER)
    path.write_bytes(damaged(path.read_bytes(), places))
    with suppress(CheckpointError):
        assert set(load_checkpoint(path).weights) == set(weights())
