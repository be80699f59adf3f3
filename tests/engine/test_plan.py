"""Steps: what they write, what they may read, and the choices drawn from a seed."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from descant.errors import GenerationError
from descant.plan import PlanSettings, Step, make_plan, shuffle_steps, thin_targets

PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
WANTED = st.integers(1, 4).flatmap(
    lambda tracks: st.integers(8, 20).flatmap(
        lambda bars: st.lists(
            st.lists(st.booleans(), min_size=bars, max_size=bars), min_size=tracks, max_size=tracks
        )
    )
)


@PATIENT
@given(WANTED, st.sampled_from(["window", "grid"]), st.integers(0, 8), st.integers(0, 4))
def test_every_wanted_bar_is_written_once(
    wanted: list[list[bool]], planner: str, bars_per_step: int, tracks_per_step: int
) -> None:
    settings = PlanSettings(8, bars_per_step, tracks_per_step, planner=planner)  # type: ignore[arg-type]
    steps = make_plan(wanted, autoregressive={0}, settings=settings)
    written = sorted(cell for step in steps for cell in step.targets)
    assert written == [tuple(cell) for cell in np.argwhere(np.array(wanted)).tolist()]
    assert all(step.bars == 8 for step in steps)


def test_a_step_reads_its_window_but_not_its_targets() -> None:
    wanted = np.zeros((3, 12), bool)
    wanted[1, 5:7] = True
    (step,) = make_plan(wanted, ignore={2}, settings=PlanSettings(4, 0, 1))
    context = step.context(3, 12)
    assert (step.start_bar, step.end_bar) == (4, 8)
    assert context[0, 4:8].all()
    assert context[1].nonzero()[0].tolist() == [4, 7]
    assert context.sum() == 6
    assert step.bar_mapping() == [(1, 1, 1, 5), (1, 2, 1, 6)]


def test_a_window_longer_than_the_piece_is_an_error() -> None:
    with pytest.raises(GenerationError, match="window of 8 bars does not fit a piece of 4"):
        make_plan(np.ones((1, 4), bool), settings=PlanSettings(window=8))


def test_nothing_wanted_is_no_step() -> None:
    assert make_plan(np.zeros((2, 8), bool)) == []


@PATIENT
@given(
    st.dictionaries(st.integers(0, 5), st.sets(st.integers(0, 20)), max_size=4),
    st.floats(0.01, 1.0),
    st.integers(0, 2**31),
)
def test_thinning_keeps_its_share_of_the_targets(
    targets: dict[int, set[int]], probability: float, seed: int
) -> None:
    kept = thin_targets(targets, probability, seed)
    total = sum(map(len, targets.values()))
    share = total if probability == 1 else max(1, int(probability * total + 0.5))
    assert sum(map(len, kept.values())) == min(share, total)
    assert all(set(kept[track]) <= bars for track, bars in targets.items())


def test_shuffling_leaves_autoregressive_steps_in_front() -> None:
    continued = [Step(bar, bar + 4, True, ((0, bar),), (0, 1)) for bar in range(3)]
    infill = [Step(bar, bar + 4, False, ((1, bar),), (0, 1)) for bar in range(9)]
    shuffled = shuffle_steps([*continued, *infill], seed=1)
    assert shuffled[:3] == continued
    assert shuffled[3:] != infill
    assert sorted(step.start_bar for step in shuffled[3:]) == list(range(9))
