"""The models that ship with Descant, by name, each with a card that says what it is."""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, fields
from difflib import get_close_matches
from os import PathLike
from pathlib import Path

from descant.assets import asset
from descant.errors import CheckpointError

log = logging.getLogger("descant.model")

DEFAULT_MODEL = "descant"
"""The one to use when nobody names another."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a person should know of a model; empty where nothing was written down."""

    title: str = ""
    summary: str = ""
    licence: str = ""
    trained_on: str = ""


@dataclass(frozen=True, slots=True)
class BundledModel:
    """A shipped checkpoint."""

    name: str
    path: Path
    card: ModelCard


def bundled_models(folder: Path | None = None) -> dict[str, BundledModel]:
    """The shipped models by name: `<name>.safetensors`, with its card in `<name>.json`."""
    folder = asset("models") if folder is None else folder
    paths = sorted(folder.glob("*.safetensors"))
    return {path.stem: BundledModel(path.stem, path, _card(path)) for path in paths}


def _card(model: Path) -> ModelCard:
    path = model.with_suffix(".json")
    if not path.is_file():
        return ModelCard(title=model.stem)
    try:
        form = json.loads(path.read_text(encoding="utf-8"))
        known = {f.name: str(form[f.name]) for f in fields(ModelCard) if f.name in form}
    except (OSError, ValueError, TypeError) as error:
        log.warning("the card of model %s cannot be read: %s", model.stem, error)
        known = {}
    return ModelCard(**{"title": model.stem, **known})


def default_model(folder: Path | None = None) -> str:
    """The name of the model to use when none is asked for; CheckpointError when none ships."""
    names = list(bundled_models(folder))
    if not names:
        raise CheckpointError("no model ships with this build; name a checkpoint file instead")
    return DEFAULT_MODEL if DEFAULT_MODEL in names else names[0]


def resolve_model(model: str | PathLike[str], folder: Path | None = None) -> Path:
    """The checkpoint that a name or a path means; a shipped name wins over a file of that name.

    Raises CheckpointError listing the shipped names and the nearest one.
    """
    bundled = bundled_models(folder)
    if str(model) in bundled:
        return bundled[str(model)].path
    if Path(model).exists():
        return Path(model)
    names = ", ".join(bundled) or "none"
    close = get_close_matches(str(model), list(bundled), n=1)
    hint = f"; did you mean {close[0]!r}?" if close else ""
    raise CheckpointError(
        f"{str(model)!r} is neither a file nor a model that ships with Descant ({names}){hint}"
    )
