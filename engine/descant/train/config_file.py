"""Training settings in a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches
from importlib import import_module
from pathlib import Path
from typing import Any

from descant.errors import DescantError
from descant.train.config import TrainConfig


def read_config(path: Path) -> dict[str, Any]:
    """The settings in a JSON or YAML file; DescantError names unknown ones and the nearest."""
    try:
        form = _parsed(path)
    except OSError as error:
        raise DescantError(f"cannot read {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise DescantError(f"{path} is not readable settings: {error}") from None
    if not isinstance(form, dict):
        raise DescantError(f"{path} must hold an object of settings")
    _refuse_unknown(form, path)
    return form


def _parsed(path: Path) -> Any:
    text = path.read_text(encoding="utf-8")
    if path.suffix not in (".yaml", ".yml"):
        return json.loads(text)
    try:
        yaml = import_module("yaml")
    except ImportError:
        raise DescantError("reading YAML needs pyyaml: pip install 'descant[train]'") from None
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(error) from None


def _refuse_unknown(form: Mapping[str, Any], path: Path) -> None:
    known = [item.name for item in fields(TrainConfig)]
    for name in form:
        if name not in known:
            close = get_close_matches(str(name), known, n=1)
            hint = f"; did you mean {close[0]}?" if close else ""
            raise DescantError(f"{path} has an unknown setting {name!r}{hint}")
