"""Ways to keep bars from the network, as its input."""

from __future__ import annotations

import numpy as np
import pytest

from descant.model.hiding import network_input

IDS = np.arange(10, 20, dtype=np.int32)


@pytest.mark.parametrize("mode", ["attention", "attention_approx", "attention_skip"])
def test_positions_of_what_is_shown_stay(mode: str) -> None:
    shown = network_input(IDS, [(2, 4), (8, 10)], mode)
    seen = shown.visible == 1
    assert shown.ids[seen].tolist() == [10, 11, 14, 15, 16, 17]
    assert shown.positions[seen].tolist() == [0, 1, 4, 5, 6, 7]
    assert shown.next_position == 10


@pytest.mark.parametrize(("hidden", "position"), [((2, 4), 11), ((8, 10), 9)])
def test_replay_counts_on_from_the_last_token_shown(hidden: tuple[int, int], position: int) -> None:
    """Found by tests/peer: a prompt whose last bar is hidden."""
    shown = network_input(IDS, [hidden], "attention_skip", skip_gap=1)
    assert shown.next_position == position
