"""Train a model: `python -m descant.train --data CORPUS --encoder ghost --out RUN --minutes 75`.

The same command resumes a run that was interrupted.  Every setting of `TrainSettings` is an option.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path

from descant.errors import DescantError
from descant.train.config import TrainSettings
from descant.train.corpus import load_corpus
from descant.train.loop import Run
from descant.train.tokeniser import Tokeniser, find_encoder


def parser() -> argparse.ArgumentParser:
    """The options: where things are, then every training setting with its help."""
    options = argparse.ArgumentParser(prog="python -m descant.train", description=__doc__)
    options.add_argument("--data", type=Path, required=True, help="folder of corpus shards")
    options.add_argument("--out", type=Path, required=True, help="folder of the run")
    options.add_argument("--encoder", default="ghost", help="a shipped encoder or a JSON file")
    for item in fields(TrainSettings):
        options.add_argument(
            f"--{item.name.replace('_', '-')}",
            type=type(item.default),
            default=item.default,
            help=f"{item.metadata['help']} (default {item.default})",
        )
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; 1 with one line of explanation when it cannot."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    given = parser().parse_args(arguments)
    try:
        names = (item.name for item in fields(TrainSettings))
        settings = TrainSettings(**{name: getattr(given, name) for name in names})
        tokeniser = Tokeniser(find_encoder(given.encoder))
        Run(settings, load_corpus(given.data), tokeniser, given.out).train()
    except (DescantError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
