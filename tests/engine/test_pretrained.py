"""Upstream's models: chosen, agreed to, downloaded once, and found again offline."""

from __future__ import annotations

import json
import logging
import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from descant.cli.app import app
from descant.errors import BackendError, CheckpointError
from descant.model import pretrained
from descant.model.pretrained import (
    DEFAULT_REPOSITORY,
    GatedModelError,
    Licence,
    LicenceNotAcceptedError,
    UnknownModelError,
    choose_file,
    fetch_pretrained,
)

FILES = [
    "README.md",
    "yellow_medium-step900.safetensors",
    "yellow_medium-step10000.safetensors",
    "yellow_medium-final.pt",
    "yellow_small-final.safetensors",
    "yellow_small-step5.safetensors",
    "prism_medium-best.safetensors",
]


class FakeHub:
    """The part of huggingface_hub that is used, over a folder, counting what it is asked."""

    def __init__(self, cache: Path) -> None:
        self.constants = SimpleNamespace(HF_HUB_CACHE=str(cache))
        self.asked: list[str] = []
        self.tokens: set[str | None] = set()
        self.failure: Exception | None = None
        self.card: Any = SimpleNamespace(license="cc-by-nc-4.0", license_link="LICENSE")

    def _ask(self, what: str, token: str | None) -> None:
        self.asked.append(what)
        self.tokens.add(token)
        if self.failure is not None:
            raise self.failure

    def list_repo_files(self, repo: str, token: str | None = None) -> list[str]:
        self._ask("list", token)
        return FILES

    def model_info(self, repo: str, token: str | None = None) -> Any:
        self._ask("info", token)
        return SimpleNamespace(card_data=self.card)

    def hf_hub_download(self, repo_id: str, filename: str, token: str | None = None) -> str:
        self._ask("download", token)
        return str(self.put(filename))

    def put(self, filename: str, revision: str = "r1", age: int = 0) -> Path:
        """Place a file in the cache."""
        folder = Path(self.constants.HF_HUB_CACHE) / "models--Metacreation--MIDI-GPT"
        path = folder / "snapshots" / revision / filename
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (10**9 - age, 10**9 - age))
        return path

    def name_main(self, revision: str) -> None:
        folder = Path(self.constants.HF_HUB_CACHE) / "models--Metacreation--MIDI-GPT" / "refs"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "main").write_text(revision, encoding="utf-8")


@pytest.fixture
def hub(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeHub:
    fake = FakeHub(tmp_path)
    monkeypatch.setitem(sys.modules, "huggingface_hub", fake)
    return fake


def agree(licence: Licence) -> bool:
    return True


@pytest.mark.parametrize(
    ("name", "chosen"),
    [
        ("yellow_medium", "yellow_medium-step10000.safetensors"),
        ("yellow", "yellow_medium-step10000.safetensors"),
        ("yellow_small", "yellow_small-final.safetensors"),
        ("prism_medium", "prism_medium-best.safetensors"),
        ("ghost", None),
        ("", None),
    ],
)
def test_final_wins_then_the_highest_step(name: str, chosen: str | None) -> None:
    assert choose_file(name, FILES) == chosen


def test_nothing_is_downloaded_before_the_licence_was_shown(
    hub: FakeHub, caplog: pytest.LogCaptureFixture
) -> None:
    def confirm(licence: Licence) -> bool:
        shown.append(licence)
        assert "download" not in hub.asked
        return True

    shown: list[Licence] = []
    with caplog.at_level(logging.INFO):
        fetch_pretrained("yellow", token="secret", confirm=confirm)
    page = f"https://huggingface.co/{DEFAULT_REPOSITORY}"
    assert shown == [Licence(DEFAULT_REPOSITORY, "cc-by-nc-4.0", f"{page}/blob/main/LICENSE")]
    assert hub.asked == ["list", "info", "download"]
    assert hub.tokens == {"secret"}
    assert "cc-by-nc-4.0" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("confirm", [None, lambda licence: False])
def test_without_consent_the_error_names_the_licence(hub: FakeHub, confirm: Any) -> None:
    with pytest.raises(LicenceNotAcceptedError, match=r"cc-by-nc-4\.0") as caught:
        fetch_pretrained("yellow", confirm=confirm)
    assert caught.value.licence.repository == DEFAULT_REPOSITORY
    assert "download" not in hub.asked


def test_a_repository_without_a_card_still_asks(hub: FakeHub) -> None:
    hub.card = None
    with pytest.raises(LicenceNotAcceptedError, match="not stated"):
        fetch_pretrained("yellow")


def test_what_was_agreed_to_and_cached_is_not_asked_again(hub: FakeHub) -> None:
    first = fetch_pretrained("yellow_small", confirm=agree)
    assert fetch_pretrained("yellow_small") == first
    assert hub.asked.count("info") == 1


def test_the_command_tells_a_program_where_the_model_lies(
    hub: FakeHub, capsys: pytest.CaptureFixture[str]
) -> None:
    app(["models", "get", "yellow_small", "--accept-licence", "--json"], standalone_mode=False)
    said = capsys.readouterr()
    path = fetch_pretrained("yellow_small")
    assert json.loads(said.out) == {"name": "yellow_small", "path": str(path), "megabytes": 0.0}
    assert "cc-by-nc-4.0" in said.err


def test_an_unknown_name_lists_the_known_ones(hub: FakeHub) -> None:
    with pytest.raises(UnknownModelError, match="prism_medium, yellow_medium, yellow_small"):
        fetch_pretrained("purple", confirm=agree)


def test_offline_the_cached_file_serves(hub: FakeHub, caplog: pytest.LogCaptureFixture) -> None:
    cached = hub.put("yellow_medium-step900.safetensors")
    hub.failure = ConnectionError("no network")
    assert fetch_pretrained("yellow") == cached
    assert "no network" in caplog.text


def test_offline_the_main_revision_wins_then_the_newest(hub: FakeHub) -> None:
    old = hub.put("yellow_small-final.safetensors", "r1", age=50)
    new = hub.put("yellow_small-final.safetensors", "r2")
    hub.failure = ConnectionError()
    assert fetch_pretrained("yellow_small") == new
    hub.name_main("r1")
    assert fetch_pretrained("yellow_small") == old


def test_offline_without_a_copy_is_one_sentence(hub: FakeHub) -> None:
    hub.failure = ConnectionError("no network")
    with pytest.raises(CheckpointError, match="cannot be fetched: no network") as caught:
        fetch_pretrained("yellow")
    assert caught.value.__cause__ is hub.failure


class GatedRepoError(Exception):
    """Named like the hub's."""


class HttpError(Exception):
    def __init__(self, status_code: int) -> None:
        self.response = SimpleNamespace(status_code=status_code)


@pytest.mark.parametrize("failure", [GatedRepoError(), HttpError(401), HttpError(403)])
def test_a_gated_model_says_how_to_get_access(hub: FakeHub, failure: Exception) -> None:
    hub.failure = failure
    with pytest.raises(GatedModelError, match="accept its licence") as caught:
        fetch_pretrained("yellow")
    assert isinstance(caught.value, PermissionError)


def test_another_answer_of_the_server_is_not_called_gated(hub: FakeHub) -> None:
    hub.failure = HttpError(500)
    with pytest.raises(CheckpointError) as caught:
        fetch_pretrained("yellow")
    assert not isinstance(caught.value, GatedModelError)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "huggingface_hub", None)
    with pytest.raises(BackendError, match=r"descant\[hub\]"):
        fetch_pretrained("yellow")


def test_the_hub_is_imported_only_when_needed() -> None:
    assert "huggingface_hub" not in vars(pretrained)
