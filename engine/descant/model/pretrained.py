"""Upstream's trained models on the Hugging Face hub: chosen, agreed to, downloaded, cached.

Their weights are upstream's and under upstream's licence, so nothing is downloaded before that
licence was shown and accepted.  Choice and cache rules: spec/generation.md 1.1.
"""

from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from descant.errors import BackendError, CheckpointError

log = logging.getLogger("descant.model")

DEFAULT_REPOSITORY = "Metacreation/MIDI-GPT"
KNOWN_NAMES = ("yellow_medium", "yellow_small", "prism_medium", "expressive_medium")
_SHORT_NAMES = {"yellow": "yellow_medium", "expressive": "expressive_medium"}
_NO_ACCESS = (401, 403)


@dataclass(frozen=True, slots=True)
class Licence:
    """Whose model it is, under which terms, and where they are written."""

    repository: str
    name: str
    url: str


Confirm = Callable[[Licence], bool]
"""Shows a licence and answers whether it is accepted."""


class UnknownModelError(CheckpointError, ValueError):
    """The repository has no checkpoint of that name."""


class LicenceNotAcceptedError(CheckpointError):
    """A model was not downloaded, as nobody accepted its `licence`."""

    def __init__(self, name: str, licence: Licence) -> None:
        super().__init__(
            f"model {name!r} was not downloaded: it belongs to {licence.repository} and is under "
            f"the licence {licence.name!r} ({licence.url}), which must be accepted first"
        )
        self.licence = licence


class GatedModelError(CheckpointError, PermissionError):
    """The owner of the repository grants access by request only."""


def fetch_pretrained(
    name: str,
    hf_repo: str = DEFAULT_REPOSITORY,
    token: str | None = None,
    confirm: Confirm | None = None,
) -> Path:
    """The local file of a trained model, downloaded when it is not cached yet.

    `<name>-final.safetensors` wins, else the highest N of `<name>-step<N>.safetensors`.  Before the
    first download `confirm` is asked; without it LicenceNotAcceptedError carries the licence.
    Without a connection the cached files serve, with a warning.  `token` None uses HF_TOKEN or the
    stored login.

    Raises BackendError without the huggingface_hub package, UnknownModelError, GatedModelError, and
    CheckpointError when the hub cannot be reached and nothing is cached.
    """
    hub = _hub()
    try:
        chosen = _choose(name, hub.list_repo_files(hf_repo, token=token), hf_repo)
        if not _cached_files(hub, hf_repo, chosen):
            _ask(name, _licence(hub, hf_repo, token), confirm)
        return Path(hub.hf_hub_download(repo_id=hf_repo, filename=chosen, token=token))
    except CheckpointError:
        raise
    except Exception as error:
        # The hub's client raises its own, its HTTP library's and the system's errors.
        return _from_cache(hub, name, hf_repo, error)


def _hub() -> Any:
    try:
        return importlib.import_module("huggingface_hub")
    except ImportError:
        raise BackendError(
            "fetching trained models needs huggingface_hub; install it with: "
            "pip install 'descant[hub]'"
        ) from None


def choose_file(name: str, files: Iterable[str]) -> str | None:
    """The file that `name` means among those of a repository, None without a candidate."""
    name = _SHORT_NAMES.get(name, name)
    candidates = [f for f in files if f.startswith(f"{name}-") and f.endswith(".safetensors")]
    final = f"{name}-final.safetensors"
    if final in candidates:
        return final
    return max(candidates, key=lambda file: _step(name, file), default=None)


def _step(name: str, file: str) -> int:
    match = re.fullmatch(re.escape(name) + r"-step([0-9]+)\.safetensors", file)
    return int(match[1]) if match else -1


def _choose(name: str, files: Iterable[str], hf_repo: str) -> str:
    listed = list(files)
    chosen = choose_file(name, listed)
    if chosen is None:
        names = sorted({f.rsplit("-", 1)[0] for f in listed if f.endswith(".safetensors")})
        raise UnknownModelError(
            f"{hf_repo} has no model {name!r}; it has {', '.join(names) or 'none'}"
        )
    return chosen


def _licence(hub: Any, hf_repo: str, token: str | None) -> Licence:
    card = hub.model_info(hf_repo, token=token).card_data
    name = getattr(card, "license_name", None) or getattr(card, "license", None) or "not stated"
    page = f"https://huggingface.co/{hf_repo}"
    link = str(getattr(card, "license_link", None) or page)
    url = link if link.startswith(("http://", "https://")) else f"{page}/blob/main/{link}"
    return Licence(hf_repo, str(name), url)


def _ask(name: str, licence: Licence, confirm: Confirm | None) -> None:
    log.info("model %s of %s: licence %s, %s", name, licence.repository, licence.name, licence.url)
    if confirm is None or not confirm(licence):
        raise LicenceNotAcceptedError(name, licence)


def _cache_folder(hub: Any, hf_repo: str) -> Path:
    return Path(hub.constants.HF_HUB_CACHE) / f"models--{hf_repo.replace('/', '--')}"


def _cached_files(hub: Any, hf_repo: str, pattern: str = "*.safetensors") -> list[Path]:
    return list(_cache_folder(hub, hf_repo).glob(f"snapshots/*/{pattern}"))


def _from_cache(hub: Any, name: str, hf_repo: str, reason: Exception) -> Path:
    """The cached file of that name: in the revision called main, else the newest."""
    cached = _cached_files(hub, hf_repo)
    chosen = choose_file(name, (path.name for path in cached))
    if chosen is None:
        raise _unreachable(name, hf_repo, reason) from reason
    copies = [path for path in cached if path.name == chosen]
    main = _main_revision(hub, hf_repo)
    path = max(copies, key=lambda copy: (copy.parent.name == main, copy.stat().st_mtime))
    log.warning("%s cannot be reached (%s); using the cached %s", hf_repo, reason, path)
    return path


def _main_revision(hub: Any, hf_repo: str) -> str | None:
    try:
        return (_cache_folder(hub, hf_repo) / "refs" / "main").read_text(encoding="utf-8").strip()
    except OSError:
        return None


def _unreachable(name: str, hf_repo: str, reason: Exception) -> CheckpointError:
    if _is_gated(reason):
        return GatedModelError(
            f"model {name!r} needs permission: accept its licence at "
            f"https://huggingface.co/{hf_repo} and log in with 'hf auth login' or HF_TOKEN"
        )
    return CheckpointError(f"model {name!r} of {hf_repo} cannot be fetched: {reason}")


def _is_gated(error: Exception) -> bool:
    status = getattr(getattr(error, "response", None), "status_code", None)
    named = any(kind.__name__ == "GatedRepoError" for kind in type(error).__mro__)
    return named or status in _NO_ACCESS
