"""A corpus as the data of a run: samples drawn and tokenised as they are asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from descant.train.attributions import corpus_attributions
from descant.train.augment import Chances
from descant.train.config import USUAL_TOKENS, TrainConfig
from descant.train.corpus import Corpus, load_corpus
from descant.train.evaluation import KINDS, SEED
from descant.train.sample import Sample, TrainingData
from descant.train.samples import Sampler, SampleSettings
from descant.train.tokeniser import Tokeniser, find_encoder


def corpus_data(folder: Path, config: TrainConfig) -> TrainingData:
    """The corpus in a folder, written by the encoder of the settings."""
    corpus = load_corpus(folder)
    tokeniser = Tokeniser(find_encoder(config.encoder_config_path))
    drawn = sample_settings(config)
    train = corpus.only("train")
    parts = corpus.parts()
    return TrainingData(
        train=Sampler(train, tokeniser, drawn, config.seed),
        valid=validation_samples(corpus, tokeniser, drawn, config.eval_samples),
        epoch=len(train.pieces),
        vocab_size=tokeniser.size,
        encoder=tokeniser.config,
        about={
            "sha256": corpus.fingerprint(),
            "pieces_by_licence": corpus.licences(),
            "pieces_by_part": parts,
        },
        attributions=corpus_attributions(folder, parts),
    )


def validation_samples(
    corpus: Corpus, tokeniser: Tokeniser, settings: SampleSettings, count: int
) -> dict[str, list[Sample]]:
    """Fixed samples of each kind from the validation pieces; none where there are no pieces.

    The same corpus, encoder and count give the same ones.
    """
    valid = corpus.only("valid")
    if not valid.pieces or not count:
        return {}
    return {kind: _fixed(valid, tokeniser, settings, kind, count) for kind in KINDS}


def _fixed(
    valid: Corpus, tokeniser: Tokeniser, settings: SampleSettings, kind: str, count: int
) -> list[Sample]:
    fixed = replace(settings, vary=False, velocity_off=0.0, microtiming_off=0.0)
    sampler = Sampler(valid, tokeniser, replace(fixed, **KINDS[kind]), SEED)  # type: ignore[arg-type]
    return [sampler.sample(number) for number in range(count)]


def sample_settings(config: TrainConfig) -> SampleSettings:
    """How samples are drawn under these settings."""
    return SampleSettings(
        infill=config.infill_probability,
        hidden=config.mask_apply_probability,
        level_dropout=config.attribute_dropout,
        usual_tokens=min(config.max_seq_len, USUAL_TOKENS),
        most_tokens=config.max_seq_len,
        min_tracks=config.min_tracks,
        max_tracks=config.max_tracks,
        least_fill=config.min_fill_ratio,
        largest_scatter=config.infill_bar_fraction,
        mask_mode=config.mask_mode,
        mask_share=config.mask_bar_fraction,
        lookahead=config.mask_max_lookahead,
        velocity_off=config.velocity_off_probability,
        microtiming_off=config.microtiming_off_probability,
        headers=config.target_header_probability,
        chances=Chances(
            config.instrument_change_probability,
            config.value_change_probability,
            config.added_drums_probability,
        ),
    )
