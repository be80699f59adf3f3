"""Drawing tokens: seeded, legal, and the same whatever else is drawn."""

from __future__ import annotations

import numpy as np
import pytest

from descant.controls import TrackControls
from descant.encoder_config import load_encoder
from descant.errors import GenerationError
from descant.native import IllegalToken, Sampler, StepOptions, StepRules, Vocabulary
from descant.sampling import SamplingSettings, TokenSampler, apply_controls

PROMPT = (("PieceStart", 1), ("Track", 0), ("Instrument", 0), ("TrackEnd", 0), ("FillInStart", 0))


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_encoder("yellow_encoder").vocabulary


@pytest.fixture(scope="module")
def logits(vocabulary: Vocabulary) -> np.ndarray:
    """Rows (64, V)."""
    rows = np.random.default_rng(1).normal(0, 3, (64, vocabulary.size()))
    return rows.astype(np.float32)


def rules_for(vocabulary: Vocabulary, options: StepOptions | None = None) -> StepRules:
    prompt = [vocabulary.encode(kind, value) for kind, value in PROMPT]
    return StepRules(
        vocabulary=vocabulary,
        options=options or StepOptions(blocks=[(False, 4, 4)], density_limit=8),
        prompt=np.array(prompt, np.int32),
    )


def take(
    vocabulary: Vocabulary, logits: np.ndarray, settings: SamplingSettings | None = None, **key: int
) -> list[int]:
    sampler = TokenSampler(vocabulary, rules_for(vocabulary), settings, **key)
    tokens = []
    while not sampler.rules.complete:
        tokens.append(sampler.draw(logits[len(tokens) % len(logits)]))
    return tokens


def test_a_take_depends_on_its_key_alone(vocabulary: Vocabulary, logits: np.ndarray) -> None:
    first = take(vocabulary, logits, seed=5, take=1, step=2)
    assert take(vocabulary, logits, seed=5, take=1, step=2) == first
    others = [
        {"seed": 6, "take": 1, "step": 2},
        {"seed": 5, "take": 2, "step": 2},
        {"seed": 5, "take": 1, "step": 3},
    ]
    for key in others:
        assert take(vocabulary, logits, **key) != first


def test_temperature_zero_takes_the_most_probable(
    vocabulary: Vocabulary, logits: np.ndarray
) -> None:
    rules = rules_for(vocabulary)
    greedy = TokenSampler(vocabulary, rules, SamplingSettings(temperature=0))
    legal = rules.legal()
    assert greedy.draw(logits[0]) == legal[int(np.argmax(logits[0][legal]))]


def test_only_the_legal_are_drawn_and_the_mask_says_the_same(
    vocabulary: Vocabulary, logits: np.ndarray
) -> None:
    rules = rules_for(vocabulary)
    for row in logits:
        if rules.complete:
            break
        bits = np.unpackbits(rules.mask().view(np.uint8), bitorder="little")
        assert bits.nonzero()[0].tolist() == rules.legal()
        token = TokenSampler(vocabulary, rules.fork()).draw(row)
        assert token in rules.legal()
        rules.accept(token)


def test_draws_follow_the_probabilities(vocabulary: Vocabulary, logits: np.ndarray) -> None:
    rules = rules_for(vocabulary)
    sampler = Sampler(vocabulary=vocabulary, top_k=3)
    ids, shares = sampler.distribution(logits=logits[0], mask=rules.mask())
    draws = [sampler.draw(logits=logits[0], rules=rules, u=(i + 0.5) / 1000) for i in range(1000)]
    for token, share in zip(ids.tolist(), shares.tolist(), strict=True):
        assert draws.count(token) / 1000 == pytest.approx(share, abs=0.002)


def test_a_forced_token_needs_no_logits_to_make_sense(vocabulary: Vocabulary) -> None:
    options = StepOptions(blocks=[(True, 4, 4), (True, 4, 4)], density_limit=1)
    rules = rules_for(vocabulary, options)
    rules.accept(vocabulary.encode("NoteOnset", 36))
    assert rules.forced == vocabulary.encode("FillInEnd", 0)
    sampler = TokenSampler(vocabulary, rules)
    assert sampler.draw(np.full(vocabulary.size(), np.nan, np.float32)) == rules_end(vocabulary)
    assert rules.forced == vocabulary.encode("FillInStart", 0)
    assert rules.blocks_done == 1


def rules_end(vocabulary: Vocabulary) -> int:
    return vocabulary.encode("FillInEnd", 0)


def test_a_complete_step_has_nothing_to_draw(vocabulary: Vocabulary, logits: np.ndarray) -> None:
    rules = rules_for(vocabulary, StepOptions(blocks=[(True, 4, 4)]))
    rules.accept(vocabulary.encode("NoteOnset", 36))
    rules.accept(rules_end(vocabulary))
    with pytest.raises(GenerationError, match="no legal token"):
        TokenSampler(vocabulary, rules).draw(logits[0])


def test_logits_of_another_vocabulary_are_refused(vocabulary: Vocabulary) -> None:
    with pytest.raises(GenerationError, match="needs 647 logits"):
        TokenSampler(vocabulary, rules_for(vocabulary)).draw(np.zeros(10, np.float32))


def test_an_illegal_token_says_what_and_where(vocabulary: Vocabulary) -> None:
    token = vocabulary.encode("NoteDuration", 3)
    with pytest.raises(IllegalToken, match=rf"token {token} \(NoteDuration:3\).*position 5"):
        rules_for(vocabulary).accept(token)


def test_options_changed_later_leave_rules_alone(vocabulary: Vocabulary) -> None:
    options = StepOptions(blocks=[(True, 4, 4)])
    rules = rules_for(vocabulary, options)
    options.limit_pitches(pitches=[36])
    rules.accept(vocabulary.encode("NoteOnset", 38))
    assert not rules.complete


def test_controls_reach_the_draw(vocabulary: Vocabulary, logits: np.ndarray) -> None:
    controls = TrackControls.from_dict(
        {
            "pitch_mask": {"scale": "major", "shape": {"type": "uniform", "min": 60}},
            "rhythm_mask": {"grid": {"unit": "quarter"}},
        }
    )
    options = StepOptions(blocks=[(False, 4, 4)], density_limit=8)
    apply_controls(options, controls, vocabulary)
    for seed in range(20):
        sampler = TokenSampler(vocabulary, rules_for(vocabulary, options), seed=seed)
        count = 0
        while not sampler.rules.complete:
            token = sampler.draw(logits[count % len(logits)])
            count += 1
            if vocabulary.type(token) == "NoteOnset":
                assert vocabulary.value(token) >= 60
                assert vocabulary.value(token) % 12 in (0, 2, 4, 5, 7, 9, 11)
            if vocabulary.type(token) == "TimeAbsolutePos":
                assert vocabulary.value(token) % 12 == 0
