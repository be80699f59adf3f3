"""`descant train` and `python -m descant.train`: every setting of a run as an option.

The second form needs no core and no other room's libraries, for machines that only train.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import Field, fields, replace
from pathlib import Path
from typing import Any

from descant.errors import DescantError
from descant.model.safetensors_file import read_header
from descant.train.config import TrainConfig
from descant.train.config_file import read_config
from descant.train.warm_start import sized

ABSENT = argparse.SUPPRESS


def parser() -> argparse.ArgumentParser:
    """The options: a file of settings, then every setting with its help."""
    options = argparse.ArgumentParser(
        prog="descant train",
        description="Train a model; the same command resumes a run that was interrupted.",
        epilog="Example: descant train --train-data corpus --output-dir my-model --minutes 60",
        argument_default=ABSENT,
        allow_abbrev=False,
    )
    options.add_argument("--config", type=Path, default=None, help="settings as JSON or YAML")
    options.add_argument("--dry-run", action="store_true", default=False, help="20 steps, to try")
    options.add_argument("--json", action="store_true", help="print one JSON document at the end")
    for item in fields(TrainConfig):
        _add(options, item)
    return options


def _add(options: argparse.ArgumentParser, item: Field[Any]) -> None:
    flag = f"--{item.name.replace('_', '-')}"
    text = f"{item.metadata['help']} (default {item.default!r})".replace("%", "%%")
    if isinstance(item.default, bool):
        options.add_argument(flag, action=argparse.BooleanOptionalAction, help=text)
    else:
        options.add_argument(flag, type=type(item.default), help=text)


def settings(arguments: Sequence[str]) -> TrainConfig:
    """The settings that a command line means: flags win over the file."""
    given = vars(parser().parse_args(arguments))
    given.pop("json", None)  # says how to tell of the run, see `run`
    file, dry = given.pop("config"), given.pop("dry_run")
    config = replace(TrainConfig(**(read_config(file) if file else {})), **given)
    if not config.train_data:
        raise DescantError("training needs data: give --train-data, a folder of descant prepare")
    return config.dry() if dry else config


def run(arguments: Sequence[str]) -> None:
    """Train as a command line says; DescantError for a mistake."""
    config = sized(settings(arguments))
    try:
        from lightning.pytorch.utilities import rank_zero_only

        from descant.train.run import train
    except ImportError as error:
        raise DescantError(
            f"training needs {error.name}; install it with: pip install 'descant[train]'"
        ) from None
    from descant.train.data import open_data

    folder = train(config, open_data(Path(config.train_data), config))
    if "--json" in arguments:
        rank_zero_only(_print_run)(folder)


def _print_run(folder: Path) -> None:
    json.dump(describe_run(folder), sys.stdout, indent=2)
    sys.stdout.write("\n")


def describe_run(folder: Path) -> dict[str, Any]:
    """Where the models of a finished run lie, and how far the best one got."""
    best, last = (folder / f"{folder.name}{which}.safetensors" for which in ("", "-last"))
    training = json.loads(read_header(best).metadata["training"])
    told = ("step", "tokens", "validation_bits_per_token")
    return {"model": str(best), "last": str(last), **{name: training[name] for name in told}}


def main() -> int:
    """The command of `python -m descant.train`; 1 with one sentence when it cannot."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("descant.train").setLevel(logging.INFO)
    try:
        run(sys.argv[1:])
    except DescantError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0
