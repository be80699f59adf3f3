"""Checkpoints: every form is read, every fault ends in one sentence, and code never runs."""

from __future__ import annotations

import io
import json
import pickle
import struct
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from descant.errors import CheckpointError
from descant.model.architecture import Architecture
from descant.model.checkpoint import Checkpoint, load_checkpoint, save_checkpoint

TINY = Architecture(vocab_size=7, n_positions=5, n_embd=4, n_layer=1, n_head=2)
ENCODER = {"resolution": 12, "num_bars_map": [4]}
Weights = dict[str, np.ndarray[Any, np.dtype[np.float32]]]


def weights() -> Weights:
    random = np.random.default_rng(0)
    return {
        name: random.normal(size=shape).astype(np.float32)
        for name, shape in TINY.tensor_shapes().items()
    }


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.safetensors"
    save_checkpoint(path, weights(), TINY, ENCODER, {"card": "made for a test"})
    return path


def refusal(path: Path, **options: Any) -> str:
    with pytest.raises(CheckpointError) as caught:
        load_checkpoint(path, **options)
    assert str(path) in str(caught.value)
    return str(caught.value)


def same(checkpoint: Checkpoint, expected: Weights) -> bool:
    return set(checkpoint.weights) == set(expected) and all(
        np.array_equal(checkpoint.weights[name], expected[name]) for name in expected
    )


# Format 2


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


SIZES = TINY.to_dict()


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


def damaged(data: bytes, places: dict[int, int]) -> bytes:
    broken = bytearray(data)
    for place, value in places.items():
        broken[place % len(broken)] = value
    return bytes(broken)


_DAMAGE = st.dictionaries(st.integers(0, 5000), st.integers(0, 255), min_size=1, max_size=5)


@given(places=_DAMAGE)
def test_random_damage_never_escapes_as_another_error(
    tmp_path_factory: Any, places: dict[int, int]
) -> None:
    path = tmp_path_factory.mktemp("damage") / "tiny.safetensors"
    save_checkpoint(path, weights(), TINY, ENCODER)
    path.write_bytes(damaged(path.read_bytes(), places))
    with suppress(CheckpointError):
        assert set(load_checkpoint(path).weights) == set(weights())


# Format 1, made without torch


class _Stored:
    """A tensor on its way into a bundle."""

    def __init__(self, key: str, array: Any) -> None:
        self.key, self.array = key, array


@contextmanager
def named_like_torch() -> Iterator[tuple[Any, Any]]:
    """Stand-ins that pickle under torch's names: a storage type and the rebuilding function."""
    torch, utils = ModuleType("torch"), ModuleType("torch._utils")
    storage = type("FloatStorage", (), {"__module__": "torch"})

    def rebuild(*_: Any) -> None: ...

    rebuild.__module__, rebuild.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.FloatStorage, utils._rebuild_tensor_v2 = storage, rebuild  # type: ignore[attr-defined]
    before = {name: sys.modules.get(name) for name in ("torch", "torch._utils")}
    sys.modules.update({"torch": torch, "torch._utils": utils})
    try:
        yield storage, rebuild
    finally:
        for name, module in before.items():
            sys.modules.pop(name)
            if module is not None:
                sys.modules[name] = module


def pickled(form: Any) -> bytes:
    """What torch.save writes into data.pkl."""
    out = io.BytesIO()
    with named_like_torch() as (storage, rebuild):

        class Pickler(pickle.Pickler):
            def persistent_id(self, value: Any) -> Any:
                if isinstance(value, _Storage):
                    return ("storage", storage, value.key, "cpu", value.length)
                return None

            def reducer_override(self, value: Any) -> Any:
                if not isinstance(value, _Stored):
                    return NotImplemented
                array = value.array
                strides = tuple(step // array.itemsize for step in array.strides)
                where = _Storage(value.key, array.size)
                return rebuild, (where, 0, array.shape, strides, False, OrderedDict())

        Pickler(out, protocol=2).dump(form)
    return out.getvalue()


class _Storage:
    def __init__(self, key: str, length: int) -> None:
        self.key, self.length = key, length


def bundle(path: Path, data: bytes | None = None, **changes: Any) -> Path:
    """Write a bundle of the tiny network, with other values, or with another pickle."""
    arrays = weights()
    state = OrderedDict((n, _Stored(str(i), a)) for i, (n, a) in enumerate(arrays.items()))
    state._metadata = OrderedDict()  # type: ignore[attr-defined]
    form = {"format_version": 1, "arch": "gpt2", "config": SIZES, "encoder_config": ENCODER}
    form |= {"state_dict": state, **changes}
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tiny/data.pkl", pickled(form) if data is None else data)
        archive.writestr("tiny/byteorder", "little")
        for key, array in enumerate(arrays.values()):
            archive.writestr(f"tiny/data/{key}", array.tobytes())
    return path


@pytest.mark.parametrize("encoder", [ENCODER, json.dumps(ENCODER)])
@pytest.mark.parametrize("arch", ["gpt2", "", None])
def test_a_bundle_is_read_without_torch(tmp_path: Path, encoder: Any, arch: Any) -> None:
    loaded = load_checkpoint(bundle(tmp_path / "tiny.pt", encoder_config=encoder, arch=arch))
    assert (loaded.architecture, loaded.encoder_config) == (TINY, ENCODER)
    assert same(loaded, weights())


def test_a_bundle_and_a_file_of_the_same_weights_have_one_hash(saved: Path, tmp_path: Path) -> None:
    path = bundle(tmp_path / "tiny.pt")
    assert load_checkpoint(path).content_hash == load_checkpoint(saved).content_hash


def test_a_bundle_of_torch_itself_is_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    state = {name: torch.from_numpy(array) for name, array in weights().items()}
    turned = state["lm_head.weight"].T.contiguous().T
    state["lm_head.weight"] = turned
    form = {"format_version": 1, "config": SIZES, "encoder_config": ENCODER, "state_dict": state}
    torch.save(form, tmp_path / "tiny.pt")
    assert not turned.is_contiguous()
    assert same(load_checkpoint(tmp_path / "tiny.pt"), weights())


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"format_version": 2}, "format_version is 2; it must be 1"),
        ({"arch": "llama"}, "arch is 'llama'"),
        ({"encoder_config": None}, "encoder_config is None"),
        ({"encoder_config": {(1, 2): 3}}, "things that JSON cannot"),
        ({"config": None}, "config must be an object"),
        ({"state_dict": {}}, "only 0 tensors"),
        ({"state_dict": 3}, "state_dict must be an object"),
        ({"state_dict": {"lm_head.weight": 3}}, "which is not a tensor"),
    ],
)
def test_a_faulty_bundle_is_explained(tmp_path: Path, changes: dict[str, Any], words: str) -> None:
    assert words in refusal(bundle(tmp_path / "tiny.pt", **changes))


class _Marker:
    """Unpickling this freely would write a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.write_text, (self.path, "ran")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_code_in_a_pickle_is_refused_and_not_run(tmp_path: Path, protocol: int) -> None:
    trap = tmp_path / "trap"
    hostile = pickle.dumps({"format_version": 1, "state_dict": _Marker(trap)}, protocol)
    message = refusal(bundle(tmp_path / "tiny.pt", hostile))
    assert "it may hold code and is not loaded" in message
    assert not trap.exists()


@pytest.mark.parametrize("name", ["builtins.eval", "os.system", "torch.load", "torch._utils.x"])
def test_no_name_but_the_known_ones_is_looked_up(tmp_path: Path, name: str) -> None:
    module, _, last = name.rpartition(".")
    hostile = f"c{module}\n{last}\n(S'1'\ntR.".encode()
    assert name in refusal(bundle(tmp_path / "tiny.pt", hostile))


@pytest.mark.parametrize("put", [b"p999999999\n", b"r\xff\xff\xff\x7f"])
def test_a_pickle_cannot_reserve_memory(tmp_path: Path, put: bytes) -> None:
    assert "memo index" in refusal(bundle(tmp_path / "tiny.pt", b"}" + put + b"."))


def test_a_pickle_cannot_change_the_reader(tmp_path: Path) -> None:
    rebuild = b"ctorch._utils\n_rebuild_tensor_v2\n"
    assert "damaged" in refusal(bundle(tmp_path / "tiny.pt", rebuild + b"}S'__call__'\nI1\nsb."))
    assert same(load_checkpoint(bundle(tmp_path / "tiny.pt")), weights())


@pytest.mark.parametrize(
    ("shape", "offset"), [((7, 5), 0), ((7, 4), 1), ((1 << 40, 4), 0), ((-7, 4), 0), ((0, 4), 0)]
)
def test_a_tensor_must_lie_inside_its_storage(
    tmp_path: Path, shape: tuple[int, int], offset: int
) -> None:
    with named_like_torch() as (storage, _):
        head = pickle.dumps(storage, 0)[:-1]
    text = f"(S'storage'\n{head.decode()}S'0'\nS'cpu'\nI28\ntQI{offset}\n"
    text += f"(I{shape[0]}\nI{shape[1]}\nt(I{shape[1]}\nI1\nttR."
    data = b"ctorch._utils\n_rebuild_tensor_v2\n(" + text.encode()
    message = refusal(bundle(tmp_path / "tiny.pt", data))
    assert "shape" in message


def test_a_zip_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "odd.pt"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("readme.txt", "hello")
    assert "has no data.pkl" in refusal(path)
    path.write_bytes(pickle.dumps({"format_version": 1}))
    assert "not a .pt bundle" in refusal(path)


def test_a_compressed_bundle_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.pt"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("tiny/data.pkl", b"\0" * 10_000_000)
    assert "compressed" in refusal(path)


def test_changed_numbers_are_noticed(tmp_path: Path) -> None:
    path = bundle(tmp_path / "tiny.pt")
    data = path.read_bytes()
    numbers = weights()["lm_head.weight"].tobytes()
    path.write_bytes(data.replace(numbers, numbers[:-1] + b"\0"))
    assert "damaged (checksum)" in refusal(path)


@given(places=_DAMAGE)
def test_random_damage_of_a_bundle_never_escapes_as_another_error(
    tmp_path_factory: Any, places: dict[int, int]
) -> None:
    path = bundle(tmp_path_factory.mktemp("damage") / "tiny.pt")
    path.write_bytes(damaged(path.read_bytes(), places))
    with suppress(CheckpointError):
        assert set(load_checkpoint(path).weights) == set(weights())


# Legacy folders


def test_a_folder_needs_both_files_and_consent(tmp_path: Path) -> None:
    assert "config.json is missing" in refusal(tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(ENCODER))
    assert "model.pt is missing" in refusal(tmp_path)
    (tmp_path / "model.pt").write_bytes(b"anything")
    assert "allow_torchscript=True" in refusal(tmp_path)


def test_a_folder_without_a_program_is_refused(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    (tmp_path / "config.json").write_text(json.dumps(ENCODER))
    (tmp_path / "model.pt").write_bytes(b"anything")
    assert "not a TorchScript program" in refusal(tmp_path, allow_torchscript=True)
