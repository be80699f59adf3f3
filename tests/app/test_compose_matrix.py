"""Every pair of settings: what was asked for is written, or refused before with the reason."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hands import small_score
from pairwise import pairwise
from tiny_models import engine_of

from descant.score.types import Bar
from descant_app.compose.ask import Ask
from descant_app.compose.outlook import CONTEXT, HIDDEN, TARGET, Outlook
from descant_app.compose.planning import plan
from descant_app.compose.request import build_request
from descant_app.compose.speed import Speed
from descant_app.compose.writing import Writing
from descant_app.document.composition import BarCell, Composition, TrackId
from descant_app.document.generate_settings import GenerateSettings
from descant_app.document.piece import piece_of

pytestmark = pytest.mark.compose

LEAD, BASS, DRUMS = TrackId(1), TrackId(2), TrackId(3)
ENCODERS = ("descant", "ghost_config", "yellow_config")

TARGETS: dict[str, list[BarCell]] = {
    "one bar": [(LEAD, 3)],
    "two tracks": [(LEAD, 4), (LEAD, 5), (BASS, 4), (BASS, 6)],
    "drums too": [(BASS, 2), (DRUMS, 2), (DRUMS, 3)],
    "to the end": [(LEAD, 6), (LEAD, 7)],
}

OPTIONS: dict[str, tuple[Any, ...]] = {
    "encoder": ENCODERS,
    "targets": tuple(TARGETS),
    "mask_mode": ("auto", "token", "attention", "attention_approx", "attention_skip", "remove"),
    "hidden": ((), ((BASS, 5), (DRUMS, 3), (LEAD, 3))),
    "left_out": ((), (DRUMS,)),
    "from_scratch": ((), (LEAD,)),
    "levels": ("free", "bars", "tracks"),
    "model_dim": (0, 4, 8),
    "takes": (1, 3),
    "temperature": (0.7, 1.2),
    "filters": (
        {},
        {"top_p": 0.9},
        {"top_k": 20, "mask_k": 1},
        {"mask_p": 0.05},
        {"level_guidance": 4.0},
    ),
    "limits": ((0, 0), (2, 6), (1, 3)),
    "bars_per_step": (0, 1, 2),
    "shuffle": (False, True),
    "scale": (None, ("Major", 2), ("Diminished", 0)),
    "rhythm": ("free", "keep", "onsets", "grid"),
    "rhythm_grid": (4, 3),
    "remix": (1.0, 0.4),
}
ROWS = [*pairwise(OPTIONS, seed=1), *pairwise(OPTIONS, seed=2)]


def composition(row: dict[str, Any]) -> Composition:
    settings = GenerateSettings(
        mask_mode=row["mask_mode"],
        model_dim=row["model_dim"],
        takes=row["takes"],
        seed=7,
        temperature=row["temperature"],
        polyphony_hard_limit=row["limits"][0],
        density_hard_limit=row["limits"][1],
        bars_per_step=row["bars_per_step"],
        shuffle=row["shuffle"],
        scale_lock=row["scale"] is not None,
        rhythm=row["rhythm"],
        rhythm_grid=row["rhythm_grid"],
        remix=row["remix"],
    )
    if row["scale"]:
        settings = replace(settings, scale_kind=row["scale"][0], scale_root=row["scale"][1])
    made = Composition(
        hidden=frozenset(row["hidden"]),
        left_out=frozenset(row["left_out"]),
        from_scratch=frozenset(row["from_scratch"]),
        settings=replace(settings, **row["filters"]),
    )
    if row["levels"] == "bars":
        for track in (LEAD, BASS, DRUMS):
            made = made.with_levels((track, "bar_note_density"), {2: 3, 3: 5, 4: 2, 6: 4})
    if row["levels"] == "tracks":
        made = made.with_levels((BASS, "max_polyphony"), {None: 1})
        made = made.with_levels((DRUMS, "note_density"), {None: 4})
    return made


def outcome(row: dict[str, Any]) -> tuple[tuple[str, ...], list[Any], list[Any]]:
    """Problems before, takes, and what a job failed with."""
    engine, about = engine_of(row["encoder"]), piece_of(small_score())
    ask = Ask(frozenset(TARGETS[row["targets"]]), composition(row))
    outlook, _ = plan(engine, about, ask, Speed())
    if outlook.problems:
        return outlook.problems, [], []
    about = ask.about(about)
    request = build_request(about, ask.bars, engine.abilities).request
    told: list[tuple[Any, ...]] = []
    tracks = [lane.id for lane in about.lanes]
    Writing(engine, about.score, tracks, request, lambda *m: told.append(m)).run(Speed())
    takes = [message[1] for message in told if message[0] == "take"]
    return (), takes, [message for message in told if message[0] == "failed"]


def test_the_matrix_holds_every_pair() -> None:
    seen = Counter(
        (a, str(row[a]), b, str(row[b])) for row in ROWS for a in OPTIONS for b in OPTIONS if a < b
    )
    wanted = {
        (a, str(x), b, str(y))
        for a in OPTIONS
        for b in OPTIONS
        if a < b
        for x in OPTIONS[a]
        for y in OPTIONS[b]
    }
    assert set(seen) == wanted


@pytest.mark.parametrize("row", ROWS, ids=range(len(ROWS)))
def test_every_pair_of_settings(row: dict[str, Any]) -> None:
    problems, takes, failures = outcome(row)
    if problems:
        assert all(is_sentence(problem) for problem in problems)
        return
    assert not failures
    assert len(takes) == row["takes"]
    for take in takes:
        assert not take.violations
        assert set(take.bars) == set(TARGETS[row["targets"]])


def is_sentence(text: str) -> bool:
    return text[0].isupper() and text.endswith(".") and not re.search(r"\b(id|index)\b", text)


def test_most_of_the_matrix_is_written() -> None:
    """Refusing everything would pass the test above."""
    written = [row for row in ROWS if not plan_of(row).problems]
    assert len(written) > len(ROWS) / 3


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "unknown window": ({"model_dim": 5}, "The window"),
    "unknown grid": ({"rhythm": "grid", "rhythm_grid": 5}, "5 steps a quarter"),
    "no change": ({"remix": 0.0}, "Remix 0"),
    "grid and remix": ({"rhythm": "grid", "remix": 0.5}, "not both"),
    "left out": ({"targets": "drums too", "left_out": (DRUMS,)}, "left out"),
    "middle from scratch": ({"from_scratch": (LEAD,)}, "bars 4–8"),
    "no hidden token": ({"encoder": "yellow_config", "mask_mode": "token"}, "MaskBar"),
    "head over tail": ({"filters": {"top_k": 2, "mask_k": 3}}, "Mask-k"),
    "too many takes": ({"takes": 17}, "1 to 16"),
    "unknown scale": ({"scale": ("Bebop", 0)}, "Bebop"),
}
PLAIN = {name: values[0] for name, values in OPTIONS.items()}


@pytest.mark.parametrize("case", REFUSED)
def test_what_cannot_be_is_refused_before_it_is_asked(case: str) -> None:
    changes, reason = REFUSED[case]
    outlook = plan_of({**PLAIN, **changes})
    assert not outlook.ready
    assert any(reason in problem for problem in outlook.problems), outlook.problems


def test_locked_tracks_are_refused_by_name() -> None:
    about = piece_of(small_score()).with_lane(0, locked=True)
    ask = Ask(frozenset(TARGETS["one bar"]), composition(PLAIN))
    outlook, _ = plan(engine_of("descant"), about, ask, Speed())
    assert outlook.problems == ("Track 1 (Lead) is locked; unlock it to write its bars.",)


def test_empty_bars_have_no_rhythm_to_keep() -> None:
    about = piece_of(small_score()).with_bars({(LEAD, 3): Bar()})
    ask = Ask(frozenset(TARGETS["one bar"]), composition({**PLAIN, "rhythm": "keep"}))
    outlook, _ = plan(engine_of("descant"), about, ask, Speed())
    assert "Track 1 (Lead), bar 4" in outlook.problems[0]


def test_roles_and_steps_of_a_plan() -> None:
    row = {**PLAIN, "targets": "two tracks", "hidden": ((DRUMS, 5), (LEAD, 4)), "model_dim": 4}
    outlook = plan_of(row)
    assert outlook.ready
    assert (
        {cell for cell, role in outlook.roles.items() if role == TARGET}
        == {cell for step in outlook.steps for cell in step.targets}
        == set(TARGETS["two tracks"])
    )
    assert outlook.roles[DRUMS, 5] == HIDDEN
    assert outlook.roles[DRUMS, 4] == CONTEXT
    assert (DRUMS, 0) not in outlook.roles
    assert all(step.prompt_tokens and step.expected_tokens for step in outlook.steps)


def plan_of(row: dict[str, Any]) -> Outlook:
    ask = Ask(frozenset(TARGETS[row["targets"]]), composition(row))
    return plan(engine_of(row["encoder"]), piece_of(small_score()), ask, Speed())[0]
