"""The validator finds what is wrong; the ranking says what a musician would."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from hands import small_score
from tiny_models import engine_of

from descant.request import GenerationRequest, InferenceConfig, TrackPrompt
from descant.score.edits import with_bars
from descant.score.notes import Note
from descant.score.types import Bar, Score
from descant_app.compose.ranking import density_likeness, groove_likeness, in_key, in_range, rank
from descant_app.compose.validator import violations

pytestmark = pytest.mark.compose
R = 480


def request(**fields: object) -> GenerationRequest:
    """Bars 3 and 4 of the first track."""
    prompts = [TrackPrompt(0, [2, 3], controls=dict(fields.pop("controls", {})))]  # type: ignore[call-overload]
    prompts += [TrackPrompt(1, []), TrackPrompt(2, [])]
    return GenerationRequest(prompts, InferenceConfig(**fields))  # type: ignore[arg-type]


def written(*bars: Iterable[Note]) -> Score:
    score = small_score()
    return with_bars(score, 0, {2 + i: Bar(notes) for i, notes in enumerate(bars)})


GOOD = written([Note(60, 80, 0, R), Note(64, 80, R, R)], [Note(62, 80, 0, R)])


def found(after: Score, wish: GenerationRequest | None = None) -> list[str]:
    return violations(engine_of("descant"), small_score(), after, wish or request())


def test_what_was_asked_for_breaks_nothing() -> None:
    assert found(GOOD) == []
    assert found(small_score()) == []


def test_what_was_not_asked_for_must_not_change() -> None:
    elsewhere = with_bars(GOOD, 1, {5: Bar([Note(40, 80, 0, R)])})
    assert found(elsewhere) == ["Track 2: bar 6 changed without being asked for."]
    assert found(replace(GOOD, tempo=400_000)) == ["The piece's tempo changed."]
    renamed = replace(GOOD, tracks=(replace(GOOD.tracks[0], name="x"), *GOOD.tracks[1:]))
    assert found(renamed) == ["Track 1: its name changed."]
    waltz = with_bars(GOOD, 0, {2: Bar([], 3, 4)})
    assert found(waltz) == ["Track 1: bar 3 changed without being asked for."]
    shorter = replace(GOOD, tracks=GOOD.tracks[:2])
    assert found(shorter) == ["Tracks came or went."]


def test_limits_scale_and_rhythm_are_looked_at() -> None:
    chord = [Note(60 + i, 80, 0, R) for i in range(4)]
    wish = request(density_hard_limit=3, polyphony_hard_limit=2)
    assert found(written(chord, [Note(60, 80, 0, R)]), wish) == [
        "Track 1, bar 3: more notes than the limit.",
        "Track 1, bar 3: more notes at once than the limit.",
    ]
    scale = request(controls={"pitch_mask": {"scale": "major", "root": 0}})
    assert found(written([Note(61, 80, 0, R)]), scale) == [
        "Track 1, bar 3: notes outside the scale."
    ]
    grid = request(controls={"rhythm_mask": {"grid": {"unit": "eighth", "strength": 1.0}}})
    assert found(written([Note(61, 80, R // 4, R)]), grid) == [
        "Track 1, bar 3: notes off the rhythm."
    ]
    remix = request(controls={"remix": {"amount": 1.0, "mode": "full"}})
    assert found(written([Note(61, 80, R, R)]), remix) == []
    assert found(written([Note(61, 80, R // 2, R)]), remix) == [
        "Track 1, bar 3: notes off the rhythm."
    ]
    assert found(written([Note(61, 80, 4 * R, R)])) == ["Track 1, bar 3: notes outside the bar."]


def test_measures_say_what_is_alike() -> None:
    c_major = [Bar([Note(pitch, 80, i * R, R) for i, pitch in enumerate((60, 64, 67, 72))])]
    sharps = [Bar([Note(pitch, 80, i * R, R) for i, pitch in enumerate((61, 66, 68, 70))])]
    assert in_key(c_major, c_major) == 1.0
    assert in_key(sharps, c_major) < 0.5
    high = [Bar([Note(pitch, 80, i * R, R) for i, pitch in enumerate((60, 64, 79, 84))])]
    assert in_range(sharps, c_major) == 1.0
    assert in_range(high, c_major) == 0.75
    off_beats = [Bar([Note(60, 80, i * R + R // 2, 60) for i in range(4)])]
    assert groove_likeness(c_major, sharps, R) == pytest.approx(1.0)
    assert groove_likeness(c_major, off_beats, R) == 0.0
    assert density_likeness(c_major, [Bar([Note(60, 80, 0, R)])]) == 0.25


def test_met_wishes_are_counted() -> None:
    wish = request()
    wish.tracks[0].bar_attributes = {2: {"bar_note_density": 2}, 3: {"bar_note_density": 5}}
    scores = rank(engine_of("descant"), small_score(), GOOD, wish)
    assert set(scores) == {"key", "range", "groove", "density", "wishes"}
    assert scores["wishes"] == 0.5  # two notes were wanted and came; of five came one
    assert all(0 <= value <= 1 for value in scores.values())
