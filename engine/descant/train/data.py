"""Opening the data of a run: a corpus, tokenised as it is read, or samples tokenised before."""

from __future__ import annotations

from pathlib import Path

from descant.errors import DescantError
from descant.train.config import TrainConfig
from descant.train.sample import TrainingData
from descant.train.token_shards import holds_tokens, read_tokens


def open_data(folder: Path, config: TrainConfig) -> TrainingData:
    """The data in a folder made by `descant prepare`, with or without `--tokens`.

    Only a corpus needs the core.  Raises DescantError when the folder is neither.
    """
    if not folder.is_dir():
        raise DescantError(f"{folder} is not a folder; make one with: descant prepare")
    if holds_tokens(folder):
        return read_tokens(folder, config.max_seq_len)
    from descant.train.corpus_data import corpus_data

    return corpus_data(folder, config)
