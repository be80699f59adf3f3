"""Bundles and folders of torch: read without it, and no code in them ever runs."""

from __future__ import annotations

import io
import json
import pickle
import sys
import zipfile
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from tiny_checkpoint import DAMAGE, ENCODER, SIZES, TINY, damaged, refusal, same, save_tiny, weights

from descant.errors import CheckpointError
from descant.model.checkpoint import load_checkpoint


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    return save_tiny(tmp_path)


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


@given(places=DAMAGE)
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
